package pricing_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/pricing"
)

func TestCostIsExactOrRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		rate   pricing.Rate
		tokens int64
		want   string
		err    error
	}{
		{name: "output of kimi-k2.5 at its default length", rate: 21_000_000, tokens: 32_768, want: "0.688128"},
		{name: "one token at USD 2.50 per million", rate: 2_500_000, tokens: 1, want: "0.0000025"},
		{name: "the smallest rate and one token", rate: 1, tokens: 1, want: "0.000000000001"},
		{name: "a million tokens cost the list price", rate: 4_000_000, tokens: 1_000_000, want: "4"},
		{name: "no tokens cost nothing", rate: 4_000_000, tokens: 0, want: "0"},
		{name: "free tokens cost nothing", rate: 0, tokens: math.MaxInt64, want: "0"},
		{name: "the largest sum", rate: math.MaxInt64, tokens: 1, want: "9223372.036854775807"},
		{name: "one past the largest sum", rate: 1 << 62, tokens: 2, err: pricing.ErrOverflow},
		{name: "a product over 128 bits' lower half", rate: math.MaxInt64, tokens: math.MaxInt64, err: pricing.ErrOverflow},
		{name: "negative tokens", rate: 1, tokens: -1, err: pricing.ErrNegative},
		{name: "a negative rate", rate: -1, tokens: 1, err: pricing.ErrNegative},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.rate.Cost(tt.tokens)
			require.ErrorIs(t, err, tt.err)
			if err == nil {
				require.Equal(t, tt.want, got.String())
			}
		})
	}
}

func TestAmountArithmeticNeverWraps(t *testing.T) {
	t.Parallel()
	const most, least = pricing.Amount(math.MaxInt64), pricing.Amount(math.MinInt64)
	for _, tt := range []struct {
		name string
		do   func() (pricing.Amount, error)
		want pricing.Amount
		err  error
	}{
		{name: "add", do: func() (pricing.Amount, error) { return pricing.Amount(1).Add(2) }, want: 3},
		{name: "add a negative", do: func() (pricing.Amount, error) { return pricing.Amount(1).Add(-2) }, want: -1},
		{name: "add up to the top", do: func() (pricing.Amount, error) { return (most - 1).Add(1) }, want: most},
		{name: "add over the top", do: func() (pricing.Amount, error) { return most.Add(1) }, err: pricing.ErrOverflow},
		{name: "add below the bottom", do: func() (pricing.Amount, error) { return least.Add(-1) }, err: pricing.ErrOverflow},
		{name: "sub", do: func() (pricing.Amount, error) { return pricing.Amount(1).Sub(3) }, want: -2},
		{name: "sub the least", do: func() (pricing.Amount, error) { return pricing.Amount(0).Sub(least) }, err: pricing.ErrOverflow},
		{name: "sub the least from below 0", do: func() (pricing.Amount, error) { return pricing.Amount(-1).Sub(least) }, want: most},
		{name: "sub below the bottom", do: func() (pricing.Amount, error) { return least.Sub(1) }, err: pricing.ErrOverflow},
		{name: "mul", do: func() (pricing.Amount, error) { return pricing.Amount(7).Mul(6) }, want: 42},
		{name: "mul a negative", do: func() (pricing.Amount, error) { return pricing.Amount(-7).Mul(6) }, want: -42},
		{name: "mul by 0", do: func() (pricing.Amount, error) { return most.Mul(0) }, want: 0},
		{name: "mul over the top", do: func() (pricing.Amount, error) { return most.Mul(2) }, err: pricing.ErrOverflow},
		{name: "mul the least", do: func() (pricing.Amount, error) { return least.Mul(1) }, err: pricing.ErrOverflow},
		{name: "mul by less than 0", do: func() (pricing.Amount, error) { return pricing.Amount(1).Mul(-1) }, err: pricing.ErrNegative},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.do()
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestAmountPrintsExactly(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]pricing.Amount{
		"0": 0, "1": 1e12, "0.688164": 688_164_000_000, "10": 10e12, "-0.5": -5e11,
		"0.000000000001": 1, "-0.000000000001": -1, "100.00000000001": 1e14 + 10,
		"9223372.036854775807": math.MaxInt64, "-9223372.036854775808": math.MinInt64,
	} {
		require.Equal(t, want, a.String())
		text, err := json.Marshal(a)
		require.NoError(t, err)
		require.JSONEq(t, `"`+want+`"`, string(text))
	}
	require.Equal(t, "0.7", pricing.Rate(700_000).String())
	require.Equal(t, "21", pricing.Rate(21_000_000).String())
	require.Equal(t, "0.000001", pricing.Rate(1).String())
}

func TestOnlyPlainDecimalsAreMoney(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]pricing.Amount{
		"0": 0, "0.02": 2e10, "150": 150e12, "0.000000000001": 1, "9223372.036854775807": math.MaxInt64, "1.50": 15e11,
	} {
		got, err := pricing.ParseAmount(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{
		"", " 1", "1 ", "+1", "-1", "-0", ".5", "5.", ".", "1.2.3", "1e3", "1E3", "NaN", "Inf", "0x10", "1_000",
		"1,5", "007", "00.5", "0.0000000000001", "１", "1\x00", strings.Repeat("1", 33), "∞",
	} {
		_, err := pricing.ParseAmount(s)
		require.ErrorIs(t, err, pricing.ErrDecimal, "%q", s)
	}
	for _, s := range []string{"9223372.036854775808", "9999999", strings.Repeat("9", 32)} {
		_, err := pricing.ParseAmount(s)
		require.ErrorIs(t, err, pricing.ErrOverflow, "%q", s)
	}
	rate, err := pricing.ParseRate("0.70")
	require.NoError(t, err)
	require.Equal(t, pricing.Rate(700_000), rate)
	_, err = pricing.ParseRate("0.0000001")
	require.ErrorIs(t, err, pricing.ErrDecimal, "a rate has 6 decimals at most: none is rounded away")
}

func TestUnmarshalLeavesTheValueAloneOnError(t *testing.T) {
	t.Parallel()
	a, r := pricing.Amount(7), pricing.Rate(7)
	require.Error(t, json.Unmarshal([]byte(`"1e3"`), &a))
	require.Error(t, json.Unmarshal([]byte(`"-1"`), &r))
	require.Error(t, json.Unmarshal([]byte(`0.5`), &a), "money is a string, a JSON number went through a float somewhere")
	require.Equal(t, pricing.Amount(7), a)
	require.Equal(t, pricing.Rate(7), r)
	require.NoError(t, json.Unmarshal([]byte(`"0.02"`), &a))
	require.NoError(t, json.Unmarshal([]byte(`"0.70"`), &r))
	require.Equal(t, pricing.Amount(2e10), a)
	require.Equal(t, pricing.Rate(700_000), r)
}

func TestScaleIsExactOrRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		rate   pricing.Rate
		factor string
		want   pricing.Rate
		err    error
	}{
		{name: "batch price of kimi-k2.5 output in CNY", rate: 21_000_000, factor: "0.6", want: 12_600_000},
		{name: "one", rate: 7, factor: "1", want: 7},
		{name: "nothing", rate: 7, factor: "0", want: 0},
		{name: "a large rate needs 128 bits on the way", rate: math.MaxInt64 - 7, factor: "0.5", want: (math.MaxInt64 - 7) / 2},
		{name: "half of the smallest rate", rate: 1, factor: "0.5", err: pricing.ErrInexact},
		{name: "twice the largest rate", rate: math.MaxInt64, factor: "2", err: pricing.ErrOverflow},
		{name: "a factor far too large", rate: math.MaxInt64, factor: "9223372036854", err: pricing.ErrOverflow},
		{name: "no number", rate: 1, factor: "60%", err: pricing.ErrDecimal},
		{name: "a negative rate", rate: -1, factor: "1", err: pricing.ErrNegative},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.rate.Scale(tt.factor)
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestCurrencyIsOneOfTwo(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"CNY", "USD"} {
		c, err := pricing.ParseCurrency(s)
		require.NoError(t, err)
		require.EqualValues(t, s, c)
	}
	for _, s := range []string{"", "usd", "EUR", "RMB", "CNY "} {
		_, err := pricing.ParseCurrency(s)
		require.ErrorIs(t, err, pricing.ErrUnknownCurrency)
	}
}

// TestMoneyAgreesWithBigIntegers holds Cost, Add, Mul and String against
// math/big on random cases of every size.
func TestMoneyAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	size := func() int64 { return rng.Int64() >> rng.IntN(63) }
	most := big.NewInt(math.MaxInt64)
	unit := big.NewInt(1e12)
	agree := func(got pricing.Amount, err error, want *big.Int) {
		if want.CmpAbs(most) > 0 {
			if err == nil {
				t.Fatalf("got %d, want an overflow of %s", got, want)
			}
			return
		}
		if err != nil || want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("got %d, %v, want %s", got, err, want)
		}
		back, ok := new(big.Rat).SetString(got.String())
		if !ok || back.Cmp(new(big.Rat).SetFrac(want, unit)) != 0 {
			t.Fatalf("%d prints as %s", got, got)
		}
	}
	for range 100_000 {
		x, y := size(), size()
		bx, by := big.NewInt(x), big.NewInt(y)
		got, err := pricing.Rate(x).Cost(y)
		agree(got, err, new(big.Int).Mul(bx, by))
		got, err = pricing.Amount(-x).Mul(y)
		agree(got, err, new(big.Int).Mul(new(big.Int).Neg(bx), by))
		got, err = pricing.Amount(x).Add(pricing.Amount(y))
		agree(got, err, new(big.Int).Add(bx, by))
		got, err = pricing.Amount(-x).Sub(pricing.Amount(y))
		agree(got, err, new(big.Int).Sub(new(big.Int).Neg(bx), by))
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"0", "0.688164", "9223372.036854775807", "1e3", "-1", "007", "1.", ".1", "NaN"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := pricing.ParseAmount(s)
		if err != nil {
			require.Zero(t, a, "an error comes without a number")
			return
		}
		want, ok := new(big.Rat).SetString(s)
		require.True(t, ok, "%q", s)
		require.Zero(t, want.Cmp(big.NewRat(int64(a), 1e12)), "%q became %s", s, a)
		again, err := pricing.ParseAmount(a.String())
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"0", "0.70", "21.00", "9223372036854.775807", "0.0000001", "+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := pricing.ParseRate(s)
		if err != nil {
			require.Zero(t, r)
			return
		}
		want, ok := new(big.Rat).SetString(s)
		require.True(t, ok, "%q", s)
		require.Zero(t, want.Cmp(big.NewRat(int64(r), 1e6)), "%q became %s", s, r)
	})
}

func BenchmarkCostAndPrint(b *testing.B) {
	rate := pricing.Rate(21_000_000)
	buf := make([]byte, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		a, err := rate.Cost(32_768)
		if err != nil {
			b.Fatal(err)
		}
		if buf, _ = a.AppendText(buf[:0]); string(buf) != "0.688128" {
			b.Fatal(string(buf))
		}
	}
}

func BenchmarkCostAndString(b *testing.B) {
	rate := pricing.Rate(21_000_000)
	b.ReportAllocs()
	for b.Loop() {
		a, err := rate.Cost(32_768)
		if err != nil || a.String() != "0.688128" {
			b.Fatal(a, err)
		}
	}
}
