package pieces_test

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/estimator/tokenizer/pieces"
)

func split(text string) []string {
	var out []string
	for piece := range pieces.All(text) {
		out = append(out, piece)
	}
	return out
}

func TestTextIsCutByThePattern(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text string
		want []string
	}{
		{"nothing", "", nil},
		{"words take the space before them", "The quick fox", []string{"The", " quick", " fox"}},
		{"a word takes any one character before it", "a_b\tc.d\u3000e", []string{"a", "_b", "\tc", ".d", "\u3000e"}},
		{"a line break does not go before a word", "a\nb", []string{"a", "\n", "b"}},
		{"case changes cut", "camelCase HTTPServer iOS", []string{"camel", "Case", " HTTPServer", " i", "OS"}},
		{"a contraction stays with its word", "don't WE'LL you'Ve it'ſ rock'n", []string{"don't", " WE'LL", " you'Ve", " it'ſ", " rock", "'n"}},
		{"a contraction needs a word", "3's 's", []string{"3", "'s", " '", "s"}},
		{"digits go by three", "1234567", []string{"123", "456", "7"}},
		{"Han is a run of its own", "hello你好world。《中》", []string{"hello", "你好", "world", "。《", "中", "》"}},
		{"a Han digit goes on with digits but begins a Han run", "1〇2〇一", []string{"1〇2", "〇一"}},
		{"a Han radical is punctuation after punctuation", "!⺀a⺀", []string{"!⺀", "a", "⺀"}},
		{"punctuation takes one space and all line breaks", "  !!\r\n\r\nx", []string{" ", " !!\r\n\r\n", "x"}},
		{"a slash does not go after punctuation", "./ /", []string{"./", " /"}},
		{"white space ends at its last line break", " \n \n  x", []string{" \n \n", " ", " x"}},
		{"white space leaves its last character", "a   b", []string{"a", "  ", " b"}},
		{"white space at the end is whole", "a   ", []string{"a", "   "}},
		{"white space leaves a character to digits too", "a   1", []string{"a", "  ", " ", "1"}},
		{"an upper run gives back to a letter without case", "ʰAB", []string{"ʰ", "AB"}},
		{"a mark starts a word after a mark", "\u0301\u0301a", []string{"\u0301\u0301a"}},
		{"a mark joins the prefix", "!\u0301!\u0301", []string{"!\u0301", "!\u0301"}},
		{"marks in punctuation stay there", "!!\u0301a", []string{"!!\u0301", "a"}},
		{"kana is a word", "こんにちは世界", []string{"こんにちは", "世界"}},
		{"accents inside ASCII words", " naïve Ünder", []string{" naïve", " Ünder"}},
		{"a curly apostrophe cuts", "it’s", []string{"it", "’s"}},
		{"a bad byte is punctuation", "a\xffb\xff\xfe!", []string{"a", "\xffb", "\xff\xfe!"}},
		{"a cut character is punctuation", "\xe4\xbd你", []string{"\xe4\xbd", "你"}},
		{"Unicode 16 letters", "\U00010D50\U00010D70", []string{"\U00010D50\U00010D70"}},
		{"Han of Unicode 15.1", "\U0002EBF0一", []string{"\U0002EBF0一"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, split(tt.text))
			want, _ := reference(tt.text)
			require.Equal(t, tt.want, want, "the reference must agree")
		})
	}
}

func TestNextSaysTheKind(t *testing.T) {
	t.Parallel()
	var got []string
	for piece, kind := range pieces.All("中文 word12 ,\n \n  ") {
		got = append(got, kind.String()+":"+piece)
	}
	require.Equal(t, []string{"han:中文", "letters: word", "digits:12", "punctuation: ,\n", "newline: \n", "space:  "}, got)
	require.Equal(t, "unknown", pieces.Kind(pieces.Kinds).String())
}

func TestAllCanBeLeftEarly(t *testing.T) {
	t.Parallel()
	for piece := range pieces.All("one two") {
		require.Equal(t, "one", piece)
		break
	}
}

// samples are characters that stand for their class and for what is special
// about it.
var samples = []rune("  \t\n\r\v\u0085\u00a0\u3000 \u001cabzAZdlmrstve''''ſ.,!_<[/|" +
	"059²٣Ⅷ〇一你好㐀\u2e80々éÉßǅʰªºґҐаЯאあアー한ไ\u0301\u0e31\u20dd’“—。，🚀\u200d\ufe0f\ufffd\U0002ebf0\U00020000\U00010d50\x00")

// randomText draws up to n characters, mostly of samples.
func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		switch r.IntN(12) {
		case 0:
			b.WriteRune(rune(r.IntN(unicode.MaxRune + 1))) // a surrogate becomes U+FFFD
		case 1:
			b.WriteRune(rune(r.IntN(0x3100)))
		case 2:
			for range r.IntN(4) {
				b.WriteRune(samples[r.IntN(16)])
			}
		case 3:
			if r.IntN(8) == 0 {
				b.WriteByte(byte(r.IntN(256)))
			}
		default:
			b.WriteRune(samples[r.IntN(len(samples))])
		}
	}
	return b.String()
}

func requireSameAsReference(t *testing.T, text string) {
	t.Helper()
	want, kinds := reference(text)
	i := 0
	for piece, kind := range pieces.All(text) {
		if i >= len(want) || piece != want[i] || kind != kinds[i] {
			require.Equal(t, want, split(text), "text %q, kinds %v", text, kinds)
			require.Equal(t, kinds[i], kind, "piece %q of %q", piece, text)
		}
		i++
	}
	require.Len(t, want, i, "text %q", text)
}

func TestTheMatcherAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 60_000 {
		requireSameAsReference(t, randomText(r, 24))
	}
}

func requireWord8Agrees(t *testing.T, text string) {
	t.Helper()
	for i := 0; i+8 <= len(text); i++ {
		n := pieces.Word8(binary.LittleEndian.Uint64([]byte(text[i:])))
		end, kind := pieces.NextKind(text, i)
		if n != 0 && (i+n != end || kind != pieces.Letters) {
			require.Failf(t, "not the piece", "Word8 of %q is %d, want %d of kind %v", text[i:i+8], n, end-i, kind)
		}
	}
}

func TestWord8IsNextOrNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for range 20_000 {
		requireWord8Agrees(t, randomText(r, 24))
	}
	for word, want := range map[string]int{"a       ": 1, " quick f": 6, "ABCdefG.": 6, " Word12 ": 5, "letters.": 7, ".dotted\n": 7, "12345678": 0, "\nword   ": 0, "it's it'": 0, "sevenlet": 0, "caf\u00e9   ": 0, "  double": 0} {
		require.Equal(t, want, pieces.Word8(binary.LittleEndian.Uint64([]byte(word))), "%q", word)
	}
}

func TestEveryCharacterIsCutLikeTheReference(t *testing.T) {
	t.Parallel()
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if c >= 0x30000 && c < 0xE0000 {
			continue // one Han extension and nothing else; the ranges are tested below
		}
		s := string(c)
		for _, text := range []string{s + "a", " " + s} {
			want, _ := reference(text)
			if end := pieces.Next(text, 0); text[:end] != want[0] {
				require.Equal(t, want[0], text[:end], "U+%04X", c)
			}
		}
	}
}

func FuzzTheMatcherAgreesWithTheReference(f *testing.F) {
	f.Add("The quick brown fox, 1234 times.\n\n  你好 don't")
	f.Add("\u0301!\u0301 A\u0301B 'ſ \r\n\t x")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 {
			return
		}
		requireSameAsReference(t, text)
		requireWord8Agrees(t, text)
	})
}

func TestTheClassTableIsThePublishedOne(t *testing.T) {
	t.Parallel()
	raw := kimidata.Read(t, "unicode16_classes.json")
	var source map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &source))
	want := make([]uint8, unicode.MaxRune+1)
	for name, bit := range map[string]uint8{
		"Han": pieces.ClassHan, "UP": pieces.ClassUp, "LO": pieces.ClassLo,
		"L": pieces.ClassLetter, "N": pieces.ClassNumber, "WS": pieces.ClassSpace,
	} {
		var ranges [][2]rune
		require.NoError(t, json.Unmarshal(source[name], &ranges), name)
		require.NotEmpty(t, ranges, name)
		for _, r := range ranges {
			for c := r[0]; c <= r[1]; c++ {
				want[c] |= bit
			}
		}
	}
	want['\n'] |= pieces.ClassBreak
	want['\r'] |= pieces.ClassBreak
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if want[c] != pieces.ClassOf(c) {
			require.Equal(t, want[c], pieces.ClassOf(c), "U+%04X", c)
		}
	}
}

func TestTheClassTableHoldsWhatGoKnows(t *testing.T) {
	t.Parallel()
	require.Equal(t, "16.0.0", pieces.UnicodeVersion)
	if unicode.Version > pieces.UnicodeVersion {
		t.Skipf("Go's Unicode %s is newer than the table", unicode.Version)
	}
	for c := rune(0); c <= unicode.MaxRune; c++ {
		class, han := pieces.ClassOf(c), unicode.Is(unicode.Han, c)
		got := [...]bool{
			class&pieces.ClassHan != 0, class&pieces.ClassLetter != 0,
			class&pieces.ClassNumber != 0, class&pieces.ClassSpace != 0, class&pieces.ClassWord != 0,
		}
		want := [...]bool{han, unicode.IsLetter(c), unicode.IsNumber(c), unicode.IsSpace(c), (unicode.IsLetter(c) || unicode.IsMark(c)) && !han}
		for i := range want {
			// A later edition only adds characters: what Go knows must be there.
			if want[i] && !got[i] || got[i] && !want[i] && unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc) {
				require.Equal(t, want, got, "U+%04X", c)
			}
		}
	}
}

func TestPiecesAreTheWholeText(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		text := randomText(r, 200)
		require.Equal(t, text, strings.Join(split(text), ""))
		for _, piece := range split(text) {
			require.NotEmpty(t, piece)
			if utf8.ValidString(text) {
				require.True(t, utf8.ValidString(piece), "a piece cuts a character")
			}
		}
	}
}

func TestCuttingIsLinear(t *testing.T) {
	t.Parallel()
	// Each of these makes an alternative run far ahead and fail. With 400 kB a
	// quadratic matcher would take minutes.
	for _, unit := range []string{"ʰA", "A", "É", "\u0301", " ", " \n", "!", "'", "一", "1", "\u0301A", "<|"} {
		text := strings.Repeat(unit, 400_000/len(unit))
		n := 0
		for range pieces.All(text) {
			n++
		}
		require.Positive(t, n)
		_, ok := pieces.K25.Find(text, 0)
		require.False(t, ok)
	}
}
