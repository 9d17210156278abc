package pricing

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of a lookup. Test for them with [errors.Is]; [UnknownModelError] and
// [NoPriceError] carry the details.
var (
	ErrUnknownModel = errors.New("unknown model")
	ErrNoPrice      = errors.New("no price is known")
)

// UnknownModelError says that no model has an id or alias, and which are near.
type UnknownModelError struct {
	ID      string   // what was asked for: at most 64 characters, all printable
	Nearest []string // up to 3 known ids, nearest first
}

// Error names the nearest ids, and never what was asked for: that is the
// caller's data.
func (e *UnknownModelError) Error() string {
	if len(e.Nearest) == 0 {
		return "unknown model: nothing in the catalogue is spelt like it"
	}
	var b strings.Builder
	b.WriteString("unknown model: did you mean ")
	for i, id := range e.Nearest {
		switch {
		case i == 0:
		case i == len(e.Nearest)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", id)
	}
	b.WriteByte('?')
	return b.String()
}

// Is makes the error an [ErrUnknownModel].
func (e *UnknownModelError) Is(target error) bool { return target == ErrUnknownModel }

// NoPriceReason is why there is no price.
type NoPriceReason string

// The reasons.
const (
	NoPriceCurrency NoPriceReason = "currency"  // none in this currency at any time
	NoPriceTooEarly NoPriceReason = "too_early" // the date precedes the first period
	NoPriceGap      NoPriceReason = "gap"       // the date falls between or after known periods
)

// NoPriceError says that a model has no known price.
type NoPriceError struct {
	Model    string // id
	Currency Currency
	At       time.Time
	Reason   NoPriceReason
	Known    []Currency // of NoPriceCurrency: the currencies that do have prices
	First    time.Time  // of NoPriceTooEarly: first day of the first known price
}

// Error says what is missing and what is known instead.
func (e *NoPriceError) Error() string {
	switch e.Reason {
	case NoPriceTooEarly:
		return fmt.Sprintf("no %s price is known for %s on %s: the first known one is in force from %s",
			e.Currency, e.Model, e.At.UTC().Format(time.DateOnly), e.First.Format(time.DateOnly))
	case NoPriceGap:
		return fmt.Sprintf("no %s price is known for %s on %s: the date lies in no known period",
			e.Currency, e.Model, e.At.UTC().Format(time.DateOnly))
	case NoPriceCurrency:
		if len(e.Known) == 0 {
			break
		}
		known := make([]string, len(e.Known))
		for i, c := range e.Known {
			known[i] = string(c)
		}
		return fmt.Sprintf("no %s price is known for %s: known are prices in %s",
			e.Currency, e.Model, strings.Join(known, " and "))
	}
	return fmt.Sprintf("no %s price is known for %s", e.Currency, e.Model)
}

// Is makes the error an [ErrNoPrice].
func (e *NoPriceError) Is(target error) bool { return target == ErrNoPrice }

// RecordError is every mistake found in price records.
type RecordError struct {
	Problems []Problem // by file, then line
}

// Problem is one mistake in a price record.
type Problem struct {
	File    string
	Line    int    // 1 is the first
	Record  string // id of the record, empty if it has none that can be read
	Message string
}

// Error lists every mistake, one a line, as file:line: record: message.
func (e *RecordError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d mistakes in price records:", len(e.Problems))
	if len(e.Problems) == 1 {
		b.Reset()
		b.WriteString("1 mistake in price records:")
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n%s:%d: ", p.File, p.Line)
		if p.Record != "" {
			b.WriteString(p.Record + ": ")
		}
		b.WriteString(p.Message)
	}
	return b.String()
}
