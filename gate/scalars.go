package gate

import (
	"fmt"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"tollgate/estimator"
	"tollgate/pricing"
)

// The scalars of the configuration. Each reads the text as it is written and
// refuses what it does not know, with its line.
type (
	currency pricing.Currency
	basis    estimator.Basis
	method   estimator.Method
	moment   time.Time
	amount   pricing.Amount
	share    estimator.Share
	percent  Percent
	tokens   int64
	calls    int64
)

// UnmarshalYAML reads CNY or USD.
func (c *currency) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := pricing.ParseCurrency(s)
		*c = currency(parsed)
		return err
	})
}

// UnmarshalYAML reads the name of a basis.
func (b *basis) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParseBasis(s)
		*b = basis(parsed)
		return err
	})
}

// UnmarshalYAML reads the name of a method.
func (m *method) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParseMethod(s)
		*m = method(parsed)
		return err
	})
}

// UnmarshalYAML reads an RFC 3339 date or time.
func (m *moment) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParseTime(s)
		*m = moment(parsed)
		return err
	})
}

// UnmarshalYAML reads a sum of money, quoted or not.
func (a *amount) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := pricing.ParseAmount(s)
		*a = amount(parsed)
		return err
	})
}

// UnmarshalYAML reads a share between 0 and 1.
func (sh *share) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := estimator.ParseShare(s)
		*sh = share(parsed)
		return err
	})
}

// UnmarshalYAML reads a percentage.
func (p *percent) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParsePercent(s)
		*p = percent(parsed)
		return err
	})
}

// UnmarshalYAML reads a whole number.
func (t *tokens) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParseTokens(s)
		*t = tokens(parsed)
		return err
	})
}

// UnmarshalYAML reads a whole number of calls.
func (c *calls) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, func(s string) error {
		parsed, err := ParseCalls(s)
		*c = calls(parsed)
		return err
	})
}

// scalar reads the text of a node, and says where it is wrong.
func scalar(n *yaml.Node, read func(string) error) error {
	if n.Kind != yaml.ScalarNode || n.Anchor != "" {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: want one plain value", n.Line)}}
	}
	if err := read(n.Value); err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %v", n.Line, err)}}
	}
	return nil
}

// ParseBasis reads the name of a basis.
func ParseBasis(s string) (estimator.Basis, error) {
	switch b := estimator.Basis(s); b {
	case estimator.BasisHigh, estimator.BasisExpected, estimator.BasisLow:
		return b, nil
	}
	return "", fmt.Errorf("basis: want high, expected or low")
}

// ParseMethod reads the name of a method that can be asked for.
func ParseMethod(s string) (estimator.Method, error) {
	switch m := estimator.Method(s); m {
	case estimator.MethodAuto, estimator.MethodVendor, estimator.MethodTokenizer, estimator.MethodApproximation:
		return m, nil
	case estimator.MethodMixed:
	}
	return "", fmt.Errorf("method: want auto, vendor, tokenizer or approximation")
}

// ParseTime reads an RFC 3339 date, or date and time.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("want an RFC 3339 date or time, such as 2026-06-01")
}

// maxCalls bounds a number of calls: a thousand a second for thirty years.
const maxCalls = 1_000_000_000_000

// ParseCalls reads a number of calls, one or more.
func ParseCalls(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > maxCalls {
		return 0, fmt.Errorf("calls: want a whole number from 1 to %d", int64(maxCalls))
	}
	return n, nil
}

// ParseTokens reads a whole number of tokens.
func ParseTokens(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > estimator.MaxTokens {
		return 0, fmt.Errorf("want a whole number from 0 to %d", int64(estimator.MaxTokens))
	}
	return n, nil
}
