package lint

import (
	"strings"

	"tollgate/pricing"
)

// decimals is how many places behind the point a number is compared by. The
// values of models have 6 at most.
const decimals = 9

// tooBig stands for every number that is larger. Those of models are far
// smaller.
const tooBig = uint64(1) << 59

// within reports whether a JSON number is in the accepted range. It is compared
// as what it means, not as it is written: 1, 1.0 and 10e-1 are one number.
func within(number string, accepted *pricing.Fixed) bool {
	v, ok := parse(number)
	low, okLow := parse(accepted.Min)
	high, okHigh := parse(accepted.Max)
	return ok && okLow && okHigh && v.compare(low) >= 0 && v.compare(high) <= 0
}

// value is a decimal number, cut off after some places.
type value struct {
	negative bool
	units    uint64 // of 10^-decimals, at most tooBig
	more     bool   // there is more behind the last place
}

// parse reads a JSON number without allocating. It never fails on one that
// package chat let through.
func parse(s string) (value, bool) {
	var v value
	v.negative = strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	mantissa, exponent, ok := s, 0, true
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		exponent, ok = parseExponent(s[i+1:])
	}
	if !ok || mantissa == "" {
		return value{}, false
	}
	point := strings.IndexByte(mantissa, '.')
	if point < 0 {
		point = len(mantissa)
	}
	return v, v.digits(mantissa, point+exponent+decimals)
}

// maxExponent bounds exponents: what is beyond is 0 or too big in any case.
const maxExponent = 1 << 30

func parseExponent(s string) (int, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), maxExponent)
	}
	if negative {
		n = -n
	}
	return n, s != ""
}

// digits takes the first places digits of a mantissa as units, and the rest as
// more.
func (v *value) digits(mantissa string, places int) bool {
	seen := 0
	for i := range len(mantissa) {
		c := mantissa[i]
		if c == '.' {
			continue
		}
		if c < '0' || c > '9' {
			return false
		}
		if seen < places {
			v.units = min(v.units*10+uint64(c-'0'), tooBig)
		} else if c != '0' {
			v.more = true
		}
		seen++
	}
	for ; seen < places && v.units > 0 && v.units < tooBig; seen++ {
		v.units = min(v.units*10, tooBig)
	}
	return seen > 0
}

// compare returns -1, 0 or 1 as v is less than, equal to or more than w.
func (v value) compare(w value) int {
	switch {
	case v.sign() != w.sign():
		return cmpInt(v.sign(), w.sign())
	case v.units != w.units:
		if v.units < w.units {
			return -v.sign()
		}
		return v.sign()
	case v.more != w.more:
		if w.more {
			return -v.sign()
		}
		return v.sign()
	default:
		return 0
	}
}

func cmpInt(a, b int) int {
	if a < b {
		return -1
	}
	return 1
}

func (v value) sign() int {
	switch {
	case v.units == 0 && !v.more:
		return 0
	case v.negative:
		return -1
	default:
		return 1
	}
}
