package pieces_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer/pieces"
)

func chunks(text string, limits pieces.Limits) []string {
	var out []string
	c := pieces.NewChunks(text, limits)
	for part, ok := c.Next(); ok; part, ok = c.Next() {
		out = append(out, part)
	}
	return out
}

func TestLongTextIsCutAtTheLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		text   string
		limits pieces.Limits
		want   []string
	}{
		{"nothing", "", pieces.Limits{Chars: 4, Run: 4}, nil},
		{"a run at the limit", "abcd", pieces.Limits{Chars: 100, Run: 4}, []string{"abcd"}},
		{"a run over the limit", "abcdefghij", pieces.Limits{Chars: 100, Run: 4}, []string{"abcd", "efgh", "ij"}},
		{"a run begins anew at white space", "abcd    abcd", pieces.Limits{Chars: 100, Run: 4}, []string{"abcd    abcd"}},
		{"white space over the limit", "a     b", pieces.Limits{Chars: 100, Run: 4}, []string{"a    ", " b"}},
		{"characters, not bytes", "你好世界你", pieces.Limits{Chars: 100, Run: 4}, []string{"你好世界", "你"}},
		{"slices first", "aaaaaaaaaa", pieces.Limits{Chars: 6, Run: 4}, []string{"aaaa", "aa", "aaaa"}},
		{"an ASCII separator is white space to Python", "ab\x1c\x1c\x1c\x1c\x1cab", pieces.Limits{Chars: 100, Run: 4}, []string{"ab\x1c\x1c\x1c\x1c", "\x1cab"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, chunks(tt.text, tt.limits))
			require.Equal(t, tt.want, referenceChunks(tt.text, tt.limits), "the reference must agree")
		})
	}
}

func TestCutsAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	units := []string{"a", "a", " ", "  ", "\n", "你", "🚀", "\x1d", "\u3000", "bcdefgh", "         "}
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(80) {
			b.WriteString(units[r.IntN(len(units))])
		}
		text := b.String()
		limits := pieces.Limits{Chars: 1 + r.IntN(40), Run: 1 + r.IntN(12)}
		require.Equal(t, referenceChunks(text, limits), chunks(text, limits), "%q %+v", text, limits)
	}
}

func TestTheLimitsOfKimi(t *testing.T) {
	t.Parallel()
	limits := pieces.KimiLimits()
	long := strings.Repeat("界", 60_001)
	parts := chunks(long, limits)
	require.Len(t, parts, 3)
	require.Equal(t, 25_000, utf8.RuneCountInString(parts[0]))
	require.Equal(t, 10_001, utf8.RuneCountInString(parts[2]))

	prose := strings.Repeat("some words, ", 80_000)
	parts = chunks(prose, limits)
	require.Len(t, parts, 3, "960,000 characters in slices of 400,000")
	require.Len(t, parts[0], 400_000)
	require.Equal(t, referenceChunks(prose, limits), parts)
}

func TestBadBytesAreCutSomewhere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		raw := make([]byte, r.IntN(100))
		for i := range raw {
			raw[i] = byte(r.IntN(256))
		}
		limits := pieces.Limits{Chars: 1 + r.IntN(40), Run: 1 + r.IntN(12)}
		parts := chunks(string(raw), limits)
		require.Equal(t, string(raw), strings.Join(parts, ""))
		require.NotContains(t, parts, "")
	}
}
