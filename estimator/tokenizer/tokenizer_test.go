package tokenizer_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
)

// kimiPath is where a file of the Kimi test data should be. The data is not part
// of the repository.
func kimiPath(name string) string {
	dir := os.Getenv("TOLLGATE_TEST_KIMI")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "kimi")
	}
	return filepath.Join(dir, name)
}

// kimiFile returns the path of a file of the Kimi test data or skips the test;
// on a build server it has to be there.
func kimiFile(tb testing.TB, name string) string {
	tb.Helper()
	path := kimiPath(name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("no Kimi test data: set TOLLGATE_TEST_KIMI: %v", err)
		}
		tb.Skipf("no Kimi test data: set TOLLGATE_TEST_KIMI: %v", err)
	}
	return path
}

// loadKimi makes the real tokenizer and its reference once for all tests.
var loadKimi = sync.OnceValues(func() (both struct {
	tk  *tokenizer.Tokenizer
	ref reference
}, err error,
) {
	path := kimiPath(tokenizer.FileName)
	if both.tk, err = tokenizer.Open(path); err != nil {
		return both, err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return both, err
	}
	list, err := tokenizer.List(string(file))
	both.ref = newReference(list)
	return both, err
})

// kimi returns the real tokenizer and the reference over the same vocabulary.
func kimi(tb testing.TB) (*tokenizer.Tokenizer, reference) {
	tb.Helper()
	kimiFile(tb, tokenizer.FileName)
	both, err := loadKimi()
	require.NoError(tb, err)
	return both.tk, both.ref
}

// sampleText is what the toy vocabulary is trained on: scripts of one, two,
// three and four bytes, repeated letters, digits, and Han with and without
// rarer characters.
const sampleText = "The tokens of the text then are the tokens of the pieces, and the pieces are cut. " +
	"aaaa aaaaaaaa aaaaaaaaaaaaaaaa bababababa abcabcabcabc mississippi banana bandana 1234 123 12 1212 " +
	"月之暗面科技有限公司发布了新一代开源模型，模型的参数规模达到万亿级别。开源模型的规模，科技公司的科技。" +
	"日本語のテキストと漢字、カタカナ、ひらがな。Привет мир, привет текст. naïve café café élève " +
	"一一一一一一 㐀㐁㐀㐁 𠀀𠀁𠀀𠀁 〇一〇一 🚀🔥🚀🔥🚀 한국어 한국어 텍스트 ========== ---------- \n\n\n\n\t\t\t\t    if (x) {\n        return x;\n    }\n"

// toy returns a small tokenizer and its reference, for tests that go without
// the real vocabulary.
func toy(tb testing.TB, tokens int) (*tokenizer.Tokenizer, reference) {
	tb.Helper()
	list := train(sampleText, tokens)
	tk, err := tokenizer.New(list)
	require.NoError(tb, err)
	return tk, newReference(list)
}

func requireSame(tb testing.TB, tk *tokenizer.Tokenizer, ref reference, text string) {
	tb.Helper()
	want := ref.encode(text)
	if got := tk.Encode(text, false); !equal(got, want) {
		require.Equal(tb, want, got, "%q", text)
	}
	if n := tk.Count(text, false); n != int64(len(want)) {
		require.Equal(tb, len(want), int(n), "%q", text)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// randomText puts together words of the sample, cut anywhere, and characters.
func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for b.Len() < n {
		switch r.IntN(8) {
		case 0:
			b.WriteRune(rune(0x4E00 + r.IntN(0x5200)))
		case 1:
			b.WriteRune(rune(r.IntN(0x3000)))
		case 2:
			b.WriteString(strings.Repeat(string(rune('a'+r.IntN(3))), r.IntN(30)))
		case 3:
			b.WriteByte(byte(r.IntN(256)))
		default:
			from := r.IntN(len(sampleText))
			b.WriteString(sampleText[from:min(len(sampleText), from+1+r.IntN(24))])
		}
	}
	return b.String()
}

func TestCountingIsMergingByTheLetter(t *testing.T) {
	t.Parallel()
	for _, tokens := range []int{256, 300, 420, 700} {
		tk, ref := toy(t, tokens)
		requireSame(t, tk, ref, sampleText)
		r := rand.New(rand.NewPCG(1, uint64(tokens)))
		for range 3000 {
			requireSame(t, tk, ref, randomText(r, r.IntN(120)))
		}
	}
}

func TestRealCountingIsMergingByTheLetter(t *testing.T) {
	t.Parallel()
	tk, ref := kimi(t)
	requireSame(t, tk, ref, sampleText)
	r := rand.New(rand.NewPCG(2, 2))
	for range 20_000 {
		requireSame(t, tk, ref, randomText(r, r.IntN(120)))
	}
}
