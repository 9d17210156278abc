package client

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Currency is an ISO 4217 code that the vendor bills in.
type Currency string

// The vendor's two platforms bill in one currency each. Nothing is converted.
const (
	CNY Currency = "CNY"
	USD Currency = "USD"
)

// Decimal is a plain decimal of at least 0 such as "0.02": digits, and at most
// one point between them. It is exact however long it is. The empty Decimal is
// no number; in a [Query] it stands for one that is not given.
type Decimal string

// maxDecimal bounds the characters of a Decimal. The service writes at most 20.
const maxDecimal = 64

// ErrDecimal means that a text is no [Decimal].
var ErrDecimal = errors.New("not a plain decimal such as 0.02")

// Check returns [ErrDecimal] for what is no plain decimal.
func (d Decimal) Check() error {
	whole, frac, point := strings.Cut(string(d), ".")
	switch {
	case len(d) > maxDecimal, whole == "", point && frac == "":
		return ErrDecimal
	case len(whole) > 1 && whole[0] == '0':
		return fmt.Errorf("%w: it has leading zeros", ErrDecimal)
	case strings.Trim(whole+frac, "0123456789") != "":
		return ErrDecimal
	}
	return nil
}

// Compare returns -1 when d is less than e, 0 when they are equal, and 1 when
// d is more: exactly, so that "0.10" equals "0.1". It fails with [ErrDecimal].
func (d Decimal) Compare(e Decimal) (int, error) {
	for _, x := range []Decimal{d, e} {
		if err := x.Check(); err != nil {
			return 0, err
		}
	}
	dw, df, _ := strings.Cut(string(d), ".")
	ew, ef, _ := strings.Cut(string(e), ".")
	return cmp.Or(
		cmp.Compare(len(dw), len(ew)), // there are no leading zeros
		strings.Compare(dw, ew),
		strings.Compare(strings.TrimRight(df, "0"), strings.TrimRight(ef, "0")),
	), nil
}

// atMost reports whether d is a known amount of at most limit.
func (d *Decimal) atMost(limit Decimal) bool {
	if d == nil {
		return false
	}
	order, err := d.Compare(limit)
	return err == nil && order <= 0
}

// UnmarshalText reads a plain decimal.
func (d *Decimal) UnmarshalText(text []byte) error {
	read := Decimal(text)
	if err := read.Check(); err != nil {
		return err
	}
	*d = read
	return nil
}
