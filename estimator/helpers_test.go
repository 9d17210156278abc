package estimator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/countcache"
	"tollgate/pricing"
)

// march is a day on which kimi-k2.5 lives and has a price.
var march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// counter answers what it holds.
type counter struct {
	method estimator.Method
	count  estimator.Count
	err    error
	calls  *int
}

func (c counter) Method() estimator.Method { return c.method }
func (c counter) Version() string          { return "test" }

func (c counter) Messages(context.Context, *chat.Request, *pricing.Model) ([]int64, error) {
	return []int64{c.count.Tokens - 4}, c.err
}

func (c counter) Count(context.Context, *chat.Request, *pricing.Model) (estimator.Count, error) {
	if c.calls != nil {
		*c.calls++
	}
	return c.count, c.err
}

// counts is a count of so many tokens, between low and high.
func counts(low, tokens, high int64) estimator.Count {
	return estimator.Count{
		Method: estimator.MethodTokenizer, Low: low, Tokens: tokens, High: high,
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: tokens - 4, Method: estimator.MethodTokenizer},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
	}
}

// options are those of an estimator with one local counter and the real price
// table.
func options(t testing.TB, local estimator.Count) estimator.Options {
	t.Helper()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	return estimator.Options{
		Prices:        func() estimator.Prices { return book },
		Cache:         countcache.New(countcache.Options{}),
		Approximation: counter{method: estimator.MethodApproximation, count: local},
		Currency:      pricing.CNY,
		Now:           func() time.Time { return march },
	}
}

// request is a request for a model, with more members if any are given.
func request(t testing.TB, model string, members ...string) *chat.Request {
	t.Helper()
	body := fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":"Hello"}]`, model)
	req, err := chat.Scan(strings.NewReader(strings.Join(append([]string{body}, members...), ",")+"}"), chat.Options{})
	require.NoError(t, err)
	return req
}

// estimate estimates a request for kimi-k2.5 that counts as c.
func estimate(t testing.TB, c estimator.Count, q estimator.Query, members ...string) *estimator.Estimate {
	t.Helper()
	est, err := estimator.New(options(t, c)).Estimate(t.Context(), request(t, "kimi-k2.5", members...), q)
	require.NoError(t, err)
	return est
}

// amount reads a sum of money.
func amount(t testing.TB, s string) *pricing.Amount {
	t.Helper()
	a, err := pricing.ParseAmount(s)
	require.NoError(t, err)
	return &a
}
