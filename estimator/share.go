package estimator

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Share is a part of a whole between 0 and 1, in 10⁻⁹, so that it is exact for
// every decimal of up to nine places.
type Share int64

// shareUnit is the Share of the whole.
const shareUnit Share = 1_000_000_000

// errShare is returned by ParseShare for everything that is not a share.
var errShare = errors.New("want a decimal between 0 and 1 with at most 9 places, such as 0.8")

// ParseShare reads a decimal between 0 and 1 with at most nine places. Signs,
// exponents and anything else are errors.
func ParseShare(s string) (Share, error) {
	whole, frac, dotted := strings.Cut(s, ".")
	if (whole != "0" && whole != "1") || len(frac) > 9 || (dotted && frac == "") {
		return 0, errShare
	}
	share := Share(whole[0]-'0') * shareUnit
	unit := shareUnit
	for _, c := range []byte(frac) {
		if c < '0' || c > '9' {
			return 0, errShare
		}
		unit /= 10
		share += Share(c-'0') * unit
	}
	if share > shareUnit {
		return 0, errShare
	}
	return share, nil
}

// Of returns the share of n, rounded down: fewer cached tokens than assumed
// can only make an estimate too high, never too low. n must not be negative.
func (s Share) Of(n int64) int64 {
	hi, lo := bits.Mul64(uint64(n), uint64(s)) //nolint:gosec // both are checked to be non-negative
	q, _ := bits.Div64(hi, lo, uint64(shareUnit))
	return int64(q) //nolint:gosec // q <= n
}

// String writes the share as ParseShare reads it.
func (s Share) String() string {
	whole, frac := s/shareUnit, s%shareUnit
	if frac == 0 {
		return strconv.FormatInt(int64(whole), 10)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%09d", whole, frac), "0")
}
