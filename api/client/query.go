package client

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Method is how a prompt is counted.
type Method string

// The ways to count. A [Query] asks for the first four; what was counted in
// more than one of them is mixed.
const (
	MethodAuto          Method = "auto" // the best one there is
	MethodVendor        Method = "vendor"
	MethodTokenizer     Method = "tokenizer"
	MethodApproximation Method = "approximation"
	MethodMixed         Method = "mixed"
)

// Basis is which cost a budget is held against.
type Basis string

// The costs of an estimate.
const (
	BasisHigh     Basis = "high"     // nothing cached, the whole output: the default
	BasisExpected Basis = "expected" // what the query assumes
	BasisLow      Basis = "low"      // all cached, no output
)

// Query is what an estimate assumes, and the budget that it is held against:
// MaxCost, MaxPromptTokens and MinHeadroom. The zero Query assumes what the
// request says and sets no limit but the model's window.
type Query struct {
	CompletionTokens *int64    // output tokens; nil: the request's maximum, else the model's default
	CachedTokens     *int64    // input tokens from the vendor's context cache; nil: none
	CachedShare      Decimal   // the same as a share of the prompt, 0 to 1; not together with CachedTokens
	Currency         Currency  // empty: that of the vendor's platform that the service is set to
	At               time.Time // whose prices apply; zero: now
	Method           Method    // empty: MethodAuto

	MaxCost         Decimal // budget for this one call, in Currency; empty: none
	MaxPromptTokens *int64  // limit of the prompt, in tokens; nil: none
	MinHeadroom     *int64  // tokens of the window that the prompt must leave; nil: none
	Basis           Basis   // empty: BasisHigh

	Breakdown bool // also answer the tokens of each message
	Enforce   bool // answer a denied call with a [*Problem] of status 402; [Client.Check] has no need of it
}

// limited returns an error for a budget that limits nothing, and for money
// without a currency: a budget that was left out by mistake must not pass.
func (q *Query) limited() error {
	switch {
	case q.MaxCost == "" && q.MaxPromptTokens == nil && q.MinHeadroom == nil:
		return errors.New("the budget is empty: set MaxCost, MaxPromptTokens or MinHeadroom")
	case q.MaxCost != "" && q.Currency == "":
		return errors.New("the budget's MaxCost has no currency: set Currency to CNY or USD")
	}
	return nil
}

// values is the query as the service reads it. Its error names what is wrong.
func (q *Query) values() (url.Values, error) {
	v := url.Values{}
	for name, n := range map[string]*int64{
		"completion_tokens": q.CompletionTokens, "cached_tokens": q.CachedTokens,
		"max_prompt_tokens": q.MaxPromptTokens, "min_headroom": q.MinHeadroom,
	} {
		if n != nil {
			v.Set(name, strconv.FormatInt(*n, 10))
		}
	}
	if err := errors.Join(named("max_cost", q.MaxCost), named("cached_share", q.CachedShare)); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"max_cost": string(q.MaxCost), "cached_share": string(q.CachedShare),
		"currency": string(q.Currency), "method": string(q.Method), "basis": string(q.Basis),
	} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if !q.At.IsZero() {
		v.Set("at", moment(q.At))
	}
	if q.Breakdown {
		v.Set("breakdown", "messages")
	}
	if q.Enforce {
		v.Set("enforce", "true")
	}
	return v, nil
}

// named is the error for a decimal that is given and is none.
func named(name string, d Decimal) error {
	if d == "" {
		return nil
	}
	if err := d.Check(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// moment is a time as the service reads it.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
