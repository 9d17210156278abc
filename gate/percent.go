package gate

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Percent is a share or a growth in ten-thousandths of a per cent: 1 % is
// 10,000. It may be negative, and above 100 %.
type Percent int64

const (
	onePercent     Percent = 10_000
	hundredPercent         = 100 * onePercent

	// maxPercent bounds what can be asked for: a growth to ten thousand times.
	maxPercent = 10_000 * hundredPercent

	percentDecimals = 4
)

// errPercent is returned for everything that is no percentage.
var errPercent = errors.New(`want a percentage with at most 4 decimals, such as "10%" or "2.5%"`)

// ParsePercent reads "10%" or "2.5%". The sign must be there, so that nobody
// has to guess whether 0.1 is a tenth or a thousandth.
func ParsePercent(s string) (Percent, error) {
	number, ok := strings.CutSuffix(s, "%")
	whole, frac, dotted := strings.Cut(number, ".")
	if !ok || len(frac) > percentDecimals || dotted && frac == "" || !digits(whole) || frac != "" && !digits(frac) {
		return 0, errPercent
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", percentDecimals-len(frac)), 10, 64)
	if err != nil || Percent(n) > maxPercent {
		return 0, errPercent
	}
	return Percent(n), nil
}

// digits reports whether s is ASCII digits and nothing else.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String writes the percentage with one decimal, rounded half away from zero,
// and with as many as it takes where that would be 0.0.
func (p Percent) String() string {
	f := float64(p) / float64(onePercent)
	decimals := 1
	if p != 0 && -onePercent/20 < p && p < onePercent/20 {
		decimals = percentDecimals
	}
	return strconv.FormatFloat(f, 'f', decimals, 64) + "%"
}

// signed writes the percentage with its sign, as a change.
func (p Percent) signed() string {
	if p > 0 {
		return "+" + p.String()
	}
	return p.String()
}

// growth is how much now is above before, in per cent of before; nil when
// before is not positive.
func growth(before, now int64) *Percent {
	if before <= 0 {
		return nil
	}
	n := new(big.Int).Sub(big.NewInt(now), big.NewInt(before))
	n.Mul(n, big.NewInt(int64(hundredPercent)))
	n.Quo(n, big.NewInt(before))
	if !n.IsInt64() {
		return new(maxPercent)
	}
	return new(Percent(n.Int64()))
}

// exceeds reports whether now is more than limit above before. It is exact.
func exceeds(before, now int64, limit Percent) bool {
	grown := new(big.Int).Sub(big.NewInt(now), big.NewInt(before))
	grown.Mul(grown, big.NewInt(int64(hundredPercent)))
	allowed := new(big.Int).Mul(big.NewInt(before), big.NewInt(int64(limit)))
	return grown.Cmp(allowed) > 0
}

// scale is n x part / whole, rounded down. None of them is negative and part is
// at most whole.
func scale(n, part, whole int64) int64 {
	r := new(big.Int).Mul(big.NewInt(n), big.NewInt(part))
	return r.Quo(r, big.NewInt(whole)).Int64()
}
