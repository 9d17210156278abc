package pricing

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Currency is an ISO 4217 code the vendor bills in.
type Currency string

// The two platforms bill in one currency each: platform.kimi.com (the .cn
// hosts) in CNY, platform.kimi.ai in USD. Nothing is ever converted.
const (
	CNY Currency = "CNY"
	USD Currency = "USD"
)

// Errors of money. Test for them with [errors.Is].
var (
	// ErrOverflow means that a sum of money is too large to be told exactly.
	ErrOverflow = errors.New("the sum of money is too large")
	// ErrNegative means that a number of tokens, a rate or a factor was below 0.
	ErrNegative = errors.New("must not be negative")
	// ErrInexact means that a result has no exact value in its unit.
	ErrInexact = errors.New("has no exact value")
	// ErrUnknownCurrency means that a currency is not one the vendor bills in.
	ErrUnknownCurrency = errors.New(`unknown currency: use "CNY" or "USD"`)
)

// ParseCurrency returns the currency that s names, in capitals. The error is
// [ErrUnknownCurrency].
func ParseCurrency(s string) (Currency, error) {
	switch c := Currency(s); c {
	case CNY, USD:
		return c, nil
	default:
		return "", ErrUnknownCurrency
	}
}

// Rate is a price in millionths of one currency unit per one million tokens.
// A list price of CNY 4.00 per million tokens is Rate(4_000_000).
type Rate int64

// Amount is a sum of money in 10⁻¹² of one currency unit.
//
// The unit is chosen so that tokens × Rate is an Amount with no division and
// so no rounding: (1e-6 unit / 1e6 tokens) × token = 1e-12 unit.
type Amount int64

// Cost returns what tokens cost at the rate, exactly. It fails with
// [ErrNegative] and [ErrOverflow].
func (r Rate) Cost(tokens int64) (Amount, error) {
	if tokens < 0 {
		return 0, fmt.Errorf("number of tokens %w", ErrNegative)
	}
	if r < 0 {
		return 0, fmt.Errorf("rate %w", ErrNegative)
	}
	hi, lo := bits.Mul64(uint64(r), uint64(tokens))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Amount(lo), nil
}

// Scale returns the rate times an exact decimal factor such as "0.6". It fails
// with [ErrInexact] where the product is no whole number of millionths, with
// [ErrOverflow], and with [ErrDecimal] when factor is no plain decimal.
func (r Rate) Scale(factor string) (Rate, error) {
	f, err := parseDecimal(factor, rateDecimals)
	if err != nil {
		return 0, fmt.Errorf("factor: %w", err)
	}
	if r < 0 {
		return 0, fmt.Errorf("rate %w", ErrNegative)
	}
	hi, lo := bits.Mul64(uint64(r), uint64(f)) //nolint:gosec // parseDecimal returns nothing negative
	if hi >= rateUnit {
		return 0, ErrOverflow
	}
	quo, rem := bits.Div64(hi, lo, rateUnit)
	if rem != 0 {
		return 0, fmt.Errorf("rate %s times %s %w in millionths", r, factor, ErrInexact)
	}
	if quo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Rate(quo), nil
}

// Add returns a + b, or [ErrOverflow].
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a + b
	if (b > 0 && sum < a) || (b < 0 && sum > a) {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Sub returns a - b, which may be negative, or [ErrOverflow].
func (a Amount) Sub(b Amount) (Amount, error) {
	diff := a - b
	if (b > 0 && diff > a) || (b < 0 && diff < a) {
		return 0, ErrOverflow
	}
	return diff, nil
}

// Mul returns the amount n times over. It fails with [ErrNegative] when n is
// negative and with [ErrOverflow].
func (a Amount) Mul(n int64) (Amount, error) {
	if n < 0 {
		return 0, fmt.Errorf("number of calls %w", ErrNegative)
	}
	hi, lo := bits.Mul64(magnitude(int64(a)), uint64(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if a < 0 {
		return -Amount(lo), nil
	}
	return Amount(lo), nil
}

// magnitude is |v|; it holds for math.MinInt64 too, whose negation overflows
// an int64 but wraps to the right uint64.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v) //nolint:gosec // two's complement: the wrap is the magnitude
	}
	return uint64(v)
}
