package pricing

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Decimals that the integers of this package stand for.
const (
	rateDecimals   = 6  // Rate counts millionths of a currency unit
	amountDecimals = 12 // Amount counts 10⁻¹² of one
	rateUnit       = 1_000_000
	amountUnit     = 1_000_000_000_000
)

// maxDecimalLen bounds what is read as a decimal, in bytes. The longest exact
// Amount has 20.
const maxDecimalLen = 32

// ErrDecimal means that a text is no plain decimal such as "0.70": digits, and
// at most one point between them.
var ErrDecimal = errors.New("not a plain decimal")

// ParseAmount reads a sum of money from a plain decimal such as "0.02". Signs,
// exponents, leading zeros and more than 12 decimals are refused: nothing is
// ever rounded. It fails with [ErrDecimal] and [ErrOverflow].
func ParseAmount(s string) (Amount, error) {
	v, err := parseDecimal(s, amountDecimals)
	return Amount(v), err
}

// ParseRate reads a price per million tokens from a plain decimal such as
// "0.70", in the manner of [ParseAmount] but with at most 6 decimals.
func ParseRate(s string) (Rate, error) {
	v, err := parseDecimal(s, rateDecimals)
	return Rate(v), err
}

// parseDecimal returns s times 10^decimals.
func parseDecimal(s string, decimals int) (int64, error) {
	whole, frac, err := splitDecimal(s)
	if err != nil {
		return 0, err
	}
	if len(frac) > decimals {
		return 0, fmt.Errorf("%w: at most %d decimals, got %d", ErrDecimal, decimals, len(frac))
	}
	var v int64
	for i := range len(whole) + decimals {
		var digit int64
		switch at := i - len(whole); {
		case at < 0:
			digit = int64(whole[i] - '0')
		case at < len(frac):
			digit = int64(frac[at] - '0')
		}
		if v > (math.MaxInt64-digit)/10 {
			return 0, ErrOverflow
		}
		v = v*10 + digit
	}
	return v, nil
}

// splitDecimal checks the form of a plain decimal and returns its digits
// before and after the point.
func splitDecimal(s string) (whole, frac string, err error) {
	if s == "" || len(s) > maxDecimalLen {
		return "", "", fmt.Errorf("%w: want 1 to %d characters, got %d", ErrDecimal, maxDecimalLen, len(s))
	}
	whole, frac, point := strings.Cut(s, ".")
	if !digits(whole) || !digits(frac) {
		return "", "", fmt.Errorf("%w: only digits and one point, such as 0.70", ErrDecimal)
	}
	if whole == "" || (len(whole) > 1 && whole[0] == '0') {
		return "", "", fmt.Errorf("%w: one digit or more before the point, without leading zeros", ErrDecimal)
	}
	if point && frac == "" {
		return "", "", fmt.Errorf("%w: no digit after the point", ErrDecimal)
	}
	return whole, frac, nil
}

// digits reports whether s has nothing but ASCII digits.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String returns the amount in currency units: exact, without trailing zeros,
// never with an exponent.
func (a Amount) String() string {
	var buf [maxDecimalLen]byte
	return string(appendDecimal(buf[:0], int64(a), amountUnit))
}

// AppendText appends what [Amount.String] returns. It never fails.
func (a Amount) AppendText(b []byte) ([]byte, error) {
	return appendDecimal(b, int64(a), amountUnit), nil
}

// MarshalText returns what [Amount.String] returns. It never fails.
func (a Amount) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText reads what [ParseAmount] reads, so nothing negative.
func (a *Amount) UnmarshalText(text []byte) error {
	v, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// String returns the rate in currency units per million tokens: exact, without
// trailing zeros, never with an exponent.
func (r Rate) String() string {
	var buf [maxDecimalLen]byte
	return string(appendDecimal(buf[:0], int64(r), rateUnit))
}

// AppendText appends what [Rate.String] returns. It never fails.
func (r Rate) AppendText(b []byte) ([]byte, error) {
	return appendDecimal(b, int64(r), rateUnit), nil
}

// MarshalText returns what [Rate.String] returns. It never fails.
func (r Rate) MarshalText() ([]byte, error) { return r.AppendText(nil) }

// UnmarshalText reads what [ParseRate] reads.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// appendDecimal appends v / unit, where unit is a power of ten.
func appendDecimal(b []byte, v int64, unit uint64) []byte {
	if v < 0 {
		b = append(b, '-')
	}
	u := magnitude(v)
	b = strconv.AppendUint(b, u/unit, 10)
	rest := u % unit
	if rest == 0 {
		return b
	}
	b = append(b, '.')
	for rest != 0 {
		unit /= 10
		b = append(b, "0123456789"[rest/unit])
		rest %= unit
	}
	return b
}
