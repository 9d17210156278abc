package tokenizer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/estimator/tokenizer/pieces"
)

// loadKimi makes the real tokenizer and its reference once for all tests.
var loadKimi = sync.OnceValues(func() (both struct {
	tk  *tokenizer.Tokenizer
	ref reference
}, err error,
) {
	path := kimidata.Path(tokenizer.FileName)
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
	kimidata.File(tb, tokenizer.FileName)
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

func TestLongPiecesAreMergedByTheLetter(t *testing.T) {
	t.Parallel()
	tk, ref := toy(t, 700)
	for name, text := range longPieces(300) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 34, 63, 64, 65, 100, 300} {
				cut := cutRunes(text, n)
				requireSame(t, tk, ref, cut)
			}
		})
	}
}

func TestRealLongPiecesAreMergedByTheLetter(t *testing.T) {
	t.Parallel()
	tk, ref := kimi(t)
	for name, text := range longPieces(600) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{8, 15, 16, 31, 32, 33, 65, 600} {
				requireSame(t, tk, ref, cutRunes(text, n))
			}
		})
	}
}

func TestPiecesOfManyWindowsAreMergedByTheLetter(t *testing.T) {
	t.Parallel()
	small, smallRef := toy(t, 700)
	tk, ref := kimi(t)
	for name, text := range longPieces(10_000) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := cutRunes(text, 10_000/utf8.RuneLen([]rune(text)[0]))
			requireSame(t, tk, ref, text)
			requireSame(t, small, smallRef, text)
		})
	}
}

func TestAPieceThatRepeatsItselfIsMergedByTheLetter(t *testing.T) {
	t.Parallel()
	tk, ref := toy(t, 700)
	requireRepeats(t, tk, ref)
}

func TestARealPieceThatRepeatsItselfIsMergedByTheLetter(t *testing.T) {
	t.Parallel()
	tk, ref := kimi(t)
	requireRepeats(t, tk, ref)
}

// requireRepeats checks pieces of some windows, which are 1,024 parts, that repeat
// themselves up to something else, and after it.
func requireRepeats(t *testing.T, tk *tokenizer.Tokenizer, ref reference) {
	t.Helper()
	for i, unit := range []string{" ", "a", "ab", "abc", "=-=-", "п", "пр", "一", "一㐀", "🚀", "\xff", "\xd0", "e\u0301", "internationalization"} {
		t.Run(fmt.Sprintf("%q", unit), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(27, uint64(i)))
			for _, other := range []string{"", unit[:len(unit)-1], unit[1:], "\xd0", "\xbf", "\xe4\xb8", sampleText[:40]} {
				text := strings.Repeat(unit, (2000+r.IntN(1000))/len(unit)) + other
				text += strings.Repeat(unit, r.IntN(1200)/len(unit))
				want, _, _ := ref.merge(text)
				require.Equal(t, want, tk.EncodePiece(text), "and %q", other)
			}
		})
	}
}

func TestTheEndOfAPieceReachesBackOverManyTokens(t *testing.T) {
	t.Parallel()
	// Each pair of these letters is a token, the younger the earlier it is in the
	// text: what merges is decided at the end of the text, two by two.
	for letters, pairs := range map[int]int{5: 25, 20: 400, 22: 484} {
		text := trail(letters)
		require.Len(t, text, pairs+1)
		list := append(train("", 256), backward(text)...)
		tk, err := tokenizer.New(list)
		require.NoError(t, err)
		ref := newReference(list)
		for _, n := range []int{1, 2, 5} {
			for cut := range 2 {
				long := strings.Repeat(text[1:], n)[cut:]
				want, _, _ := ref.merge(long)
				require.Equal(t, want, tk.EncodePiece(long))
				want, _, _ = ref.merge(long[:len(long)-1])
				require.Equal(t, want, tk.EncodePiece(long[:len(long)-1]))
			}
		}
	}
}

// trail returns a text in which each pair of the first n letters stands once.
func trail(n int) string {
	// Go on with the last letter that has not followed yet.
	followed := make([]int, n)
	text := []byte{'0'}
	for {
		last := text[len(text)-1] - '0'
		if followed[last] == n {
			return string(text)
		}
		followed[last]++
		text = append(text, byte(n-followed[last])+'0')
	}
}

// cutRunes returns the first n characters of text.
func cutRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

func TestControlTokensAreFoundOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	tk, ref := toy(t, 500)
	for _, family := range []pieces.Family{pieces.K2, pieces.K2Thinking, pieces.K25, pieces.K3} {
		one := tk.For(family)
		require.Equal(t, family, one.Family())
		r := rand.New(rand.NewPCG(19, uint64(family)))
		for range 500 {
			var b strings.Builder
			for range r.IntN(6) {
				b.WriteString(randomText(r, r.IntN(12)))
				b.WriteString(family.Name(pieces.FirstSpecial + r.IntN(256)))
			}
			text := b.String()
			limits := pieces.Limits{Chars: 20 + r.IntN(60), Run: 5 + r.IntN(40)}
			cut := one.WithLimits(limits)
			want := ref.full(text, family, limits)
			require.True(t, equal(want, cut.Encode(text, true)), "%q", text)
			require.Equal(t, int64(len(want)), cut.Count(text, true), "%q", text)
			requireSame(t, one, ref, text)
		}
	}
	require.Equal(t, pieces.K25, tk.Family())
	require.Equal(t, []int{163586}, tk.Encode("<|im_end|>", true))
	require.Equal(t, int64(1), tk.Count("<|im_end|>", true))
	require.Greater(t, tk.Count("<|im_end|>", false), int64(1))
	require.Zero(t, tk.Count("", true))
	require.Empty(t, tk.Encode("", true))
}

func TestCountingFromManyGoroutines(t *testing.T) {
	t.Parallel()
	tk, _ := toy(t, 500)
	r := rand.New(rand.NewPCG(21, 22))
	texts := make([]string, 50)
	want := make([]int64, len(texts))
	for i := range texts {
		texts[i] = randomText(r, 400)
		want[i] = tk.Count(texts[i], true)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range texts {
				i = (i + g) % len(texts)
				if n := tk.Count(texts[i], true); n != want[i] {
					t.Errorf("Count = %d, want %d", n, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestCountingAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	tk, _ := toy(t, 700)
	text := strings.Repeat(sampleText+"<|im_end|>", 60) // long enough to be looked at for cuts
	for _, piece := range longPieces(1000) {
		text += piece
	}
	require.Greater(t, len(text), 25_000)
	tk.Count(text, true)
	// A collection in between may empty the pool, hence not quite 0.
	require.Less(t, testing.AllocsPerRun(50, func() { tk.Count(text, true) }), 1.0)
}

func TestTheFirstCountIsTheSameAsTheNext(t *testing.T) {
	t.Parallel()
	// The counts of pieces are remembered: a piece must never get another's.
	tk, ref := toy(t, 300)
	r := rand.New(rand.NewPCG(23, 24))
	var words []string
	for range 30_000 {
		words = append(words, randomWord(r))
	}
	for range 2 {
		for _, w := range words {
			if want := ref.encode(w); tk.Count(w, false) != int64(len(want)) {
				require.Equal(t, len(want), int(tk.Count(w, false)), "%q", w)
			}
		}
	}
}

// randomWord is one to forty letters of a few.
func randomWord(r *rand.Rand) string {
	w := make([]byte, 1+r.IntN(40))
	for i := range w {
		w[i] = "aab\x00"[r.IntN(4)]
	}
	return string(w)
}

func FuzzCountingIsMergingByTheLetter(f *testing.F) {
	for _, seed := range []string{sampleText, "一㐀一一", "<|im_end|> and [EOS]", "\xe4\xb8 \xff", strings.Repeat("ab", 40)} {
		f.Add(seed)
	}
	tk, ref := toy(f, 700)
	var real *tokenizer.Tokenizer
	var realRef reference
	if _, err := os.Stat(kimidata.Path(tokenizer.FileName)); err == nil {
		real, realRef = kimi(f)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		requireSame(t, tk, ref, text)
		want := ref.full(text, pieces.K25, pieces.KimiLimits())
		require.Equal(t, int64(len(want)), tk.Count(text, true))
		if real != nil {
			requireSame(t, real, realRef, text)
		}
	})
}

func FuzzLongPiecesAreMergedByTheLetter(f *testing.F) {
	for _, seed := range []string{"a", "=-", "\r\n", "\xd0\xbf\xf0", "Привет", sampleText} {
		f.Add(seed, seed, uint16(1000))
	}
	f.Add(strings.Repeat("*", 300)+"-", "*", uint16(1000))
	tk, ref := toy(f, 700)
	var real *tokenizer.Tokenizer
	var realRef reference
	if _, err := os.Stat(kimidata.Path(tokenizer.FileName)); err == nil {
		real, realRef = kimi(f)
	}
	f.Fuzz(func(t *testing.T, text, other string, n uint16) {
		if text == "" || len(text) > 2000 || len(other) > 2000 {
			return
		}
		// Longer than a few windows of the tokenizer, which are 1,024 parts.
		n %= 3000
		piece := strings.Repeat(text, int(n)/len(text)+1) + other
		piece += strings.Repeat(text, 1500/len(text)+1)
		want, _, _ := ref.merge(piece)
		require.Equal(t, want, tk.EncodePiece(piece))
		if real != nil {
			want, _, _ = realRef.merge(piece)
			require.Equal(t, want, real.EncodePiece(piece))
		}
	})
}
