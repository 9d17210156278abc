package estimator_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
)

func TestParseShareReadsDecimalsBetweenNoneAndAll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		of   int64 // of 1,000,000,007
		fail bool
	}{
		{in: "0", of: 0},
		{in: "1", of: 1_000_000_007},
		{in: "1.000", of: 1_000_000_007},
		{in: "0.8", of: 800_000_005}, // rounded down from .6
		{in: "0.000000001", of: 1},
		{in: "0.123456789", of: 123_456_789},
		{in: "", fail: true},
		{in: ".5", fail: true},
		{in: "0.", fail: true},
		{in: "1.", fail: true},
		{in: "1.1", fail: true},
		{in: "2", fail: true},
		{in: "00", fail: true},
		{in: "-0.5", fail: true},
		{in: "+0.5", fail: true},
		{in: "5e-1", fail: true},
		{in: "0,5", fail: true},
		{in: "NaN", fail: true},
		{in: "0.1234567891", fail: true}, // never rounded in silence
	} {
		s, err := estimator.ParseShare(tt.in)
		require.Equal(t, tt.fail, err != nil, "ParseShare(%q) = %v", tt.in, err)
		if !tt.fail {
			require.Equal(t, tt.of, s.Of(1_000_000_007), tt.in)
		}
	}
}

func FuzzParseShare(f *testing.F) {
	for _, s := range []string{"0", "1", "0.5", "0.000000001", "1.0000000000", "x", "0.9999999999"} {
		f.Add(s, int64(262144))
	}
	f.Fuzz(func(t *testing.T, in string, n int64) {
		s, err := estimator.ParseShare(in)
		if err != nil || n < 0 {
			return
		}
		want, ok := new(big.Rat).SetString(in)
		require.True(t, ok)
		want.Mul(want, new(big.Rat).SetInt64(n))
		require.Zero(t, new(big.Int).Div(want.Num(), want.Denom()).Cmp(big.NewInt(s.Of(n))))
	})
}

func TestAShareIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0": "0", "1": "1", "0.8": "0.8", "0.80": "0.8", "0.000000001": "0.000000001", "1.0": "1"} {
		s, err := estimator.ParseShare(in)
		require.NoError(t, err)
		require.Equal(t, want, s.String())
	}
}
