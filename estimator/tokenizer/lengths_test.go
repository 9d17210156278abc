package tokenizer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLengthsOfTokensAddUpToTheText(t *testing.T) {
	t.Parallel()
	tk, ref := toy(t, 700)
	for _, text := range []string{
		"", "a", sampleText, strings.Repeat("a", 5000), strings.Repeat("abcab", 2000),
		strings.Repeat("月之暗面", 700), "\xff\xfe broken", "one<|im_end|>two",
	} {
		lengths := tk.Lengths(text, false)
		rest := text
		for i, id := range tk.Encode(text, false) {
			require.Greater(t, len(lengths), i)
			require.GreaterOrEqual(t, len(rest), lengths[i])
			require.Equal(t, ref[rest[:lengths[i]]], id, "the bytes of the token")
			rest = rest[lengths[i]:]
		}
		require.Empty(t, rest)
	}
}

func TestAControlTokenIsOneLength(t *testing.T) {
	t.Parallel()
	tk, _ := toy(t, 700)
	require.Contains(t, tk.Lengths("a<|im_end|>b", true), len("<|im_end|>"))
	require.NotContains(t, tk.Lengths("a<|im_end|>b", false), len("<|im_end|>"))
}
