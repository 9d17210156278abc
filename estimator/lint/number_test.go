package lint_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// accepted reports whether Check lets a temperature pass that must lie from
// low to high.
func accepted(number, low, high string) bool {
	n := chat.Number(number)
	req := &chat.Request{
		Messages: []chat.Message{{Role: "user", Content: chat.Content{Kind: chat.ContentText, Text: "x"}}},
		Sampling: chat.Sampling{Temperature: &n},
	}
	m := &pricing.Model{ID: "m", Params: pricing.Params{Temperature: &pricing.Fixed{Min: low, Max: high}}}
	return lint.Check(req, m, after) == nil
}

func TestNumbersAreComparedByWhatTheyMean(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1", "1.0", "1.000000000000000000000", "1e0", "1E+0", "10e-1", "0.1e1", "100000000000000000000000000e-26", "0.00000000000000001e17"} {
		require.True(t, accepted(s, "1", "1"), s)
	}
	for _, s := range []string{"0", "-1", "1.0000000000000000001", "0.99999999999999999999", "1e1", "1e999999999999999999999", "1e-999999999999999999999", "2"} {
		require.False(t, accepted(s, "1", "1"), s)
	}
	for _, s := range []string{"0", "-0", "0.0", "-0e5", "0e999999999"} {
		require.True(t, accepted(s, "0", "0"), s)
	}
	for _, s := range []string{"1e-30", "-1e-30", "1e-999999999999"} {
		require.False(t, accepted(s, "0", "0"), s)
	}
	require.True(t, accepted("-2", "-2", "2"))
	require.False(t, accepted("-2.0000000001", "-2", "2"))
	require.False(t, accepted("-2.00000000000000001", "-2", "2"), "below by less than is kept")
	require.True(t, accepted("-0.00000000000000001", "-2", "2"))
	require.True(t, accepted("-1.9999999999999", "-2", "2"))
	require.False(t, accepted("", "0", "1"), "what is no number is not accepted")
	require.False(t, accepted("1x", "0", "1"))
	require.False(t, accepted("1e", "0", "1"))
	require.False(t, accepted("1e+x", "0", "1"))
	require.False(t, accepted(".", "0", "1"))
	require.True(t, accepted("0."+strings.Repeat("9", 1<<16), "0", "1"))
}

// FuzzNumber holds the comparison against exact rationals.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "0.6", "-2", "1e0", "0.95", "9.5e-1", "1e-9", "0.6000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var n json.Number
		if json.Unmarshal([]byte(s), &n) != nil || n == "" || len(s) > 40 || strings.Contains(s, `"`) {
			return
		}
		if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 5 {
			return // big.Rat would build the power
		}
		v, ok := new(big.Rat).SetString(strings.TrimSpace(s))
		require.True(t, ok, "%q", s)
		for _, r := range [][2]string{{"1", "1"}, {"0.6", "0.6"}, {"-2", "2"}, {"0", "1"}, {"0", "0"}} {
			low, _ := new(big.Rat).SetString(r[0])
			high, _ := new(big.Rat).SetString(r[1])
			want := v.Cmp(low) >= 0 && v.Cmp(high) <= 0
			require.Equal(t, want, accepted(strings.TrimSpace(s), r[0], r[1]), "%q in %v", s, r)
		}
	})
}
