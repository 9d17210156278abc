package estimator_test

import (
	"context"
	"flag"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/countcache"
	"tollgate/pricing"
)

// cases is how many random estimates are held against the oracle.
var cases = flag.Int("cases", 30_000, "random estimates whose money is held against math/big")

// variable is a counter whose answer changes from call to call.
type variable struct{ counter }

func (v *variable) Count(context.Context, *chat.Request, *pricing.Model) (estimator.Count, error) {
	return v.count, nil
}

// oracle works out money in fractions from the decimals of the price table as
// they are printed, with nothing of what the estimator uses for it.
type oracle struct{ factor *big.Rat }

func rational(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	require.True(t, ok, s)
	return r
}

// cost is what tokens cost at a rate per million.
func (o oracle) cost(t testing.TB, tokens int64, rate pricing.Rate) *big.Rat {
	t.Helper()
	r := rational(t, rate.String())
	r.Mul(r, o.factor)
	return r.Mul(r, big.NewRat(tokens, 1_000_000))
}

// total is what a call costs.
func (o oracle) total(t testing.TB, p pricing.Price, prompt, cached, completion int64) *big.Rat {
	t.Helper()
	tier := p.Tiers[0]
	for _, next := range p.Tiers[1:] {
		if tier.UpTo != 0 && prompt+completion > tier.UpTo {
			tier = next
		}
	}
	sum := o.cost(t, cached, tier.InputCacheHit)
	sum.Add(sum, o.cost(t, prompt-cached, tier.InputCacheMiss))
	return sum.Add(sum, o.cost(t, completion, tier.Output))
}

// TestMoneyIsExactToTheLastDigit makes random estimates: every model and
// currency, any day since 2025, any count, cached part and output.
func TestMoneyIsExactToTheLastDigit(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(23, 11))
	local := &variable{counter{method: estimator.MethodApproximation}}
	opts := options(t, estimator.Count{})
	opts.Approximation, opts.Cache = local, countcache.New(countcache.Options{Entries: -1})
	e := estimator.New(opts)
	book, err := pricing.Embedded()
	require.NoError(t, err)
	requests := make([]*chat.Request, 0, len(book.Models()))
	for _, m := range book.Models() {
		requests = append(requests, request(t, m.ID))
	}
	size := func() int64 { return rng.Int64N(estimator.MaxTokens) >> rng.IntN(30) }
	priced := 0
	for range *cases {
		low := 4 + size()
		tokens := low + size()>>4
		local.count = counts(low, tokens, tokens+size()>>4)
		q := estimator.Query{
			CompletionTokens: new(size()), CachedTokens: new(rng.Int64N(min(tokens, estimator.MaxTokens) + 1)), Batch: rng.IntN(3) == 0,
			Currency: []pricing.Currency{pricing.CNY, pricing.USD}[rng.IntN(2)],
			At:       time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(730)),
		}
		est, err := e.Estimate(t.Context(), requests[rng.IntN(len(requests))], q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if est.Price == nil {
			continue // and no cost, which other tests hold
		}
		priced++
		agree(t, book, est, &q)
	}
	require.Greater(t, priced, *cases/3)
	t.Logf("scorecard | 23 | %d random estimates, %d of them with a price, held against fractions of math/big; "+
		"amounts and their text besides in pricing | equal to the last digit; lines add up; never a float | all equal", *cases, priced)
}

// agree holds every sum of an estimate against the oracle.
func agree(t *testing.T, book *pricing.Book, est *estimator.Estimate, q *estimator.Query) {
	t.Helper()
	list, err := book.Price(est.Model, q.Currency, q.At)
	require.NoError(t, err)
	o := oracle{factor: big.NewRat(1, 1)}
	if q.Batch && est.Model.BatchFactor != "" {
		o.factor = rational(t, est.Model.BatchFactor)
	}
	same := func(what string, got *pricing.Amount, want *big.Rat) {
		if got == nil || rational(t, got.String()).Cmp(want) != 0 {
			t.Fatalf("%s: got %v, want %s, of %s %+v", what, got, want.FloatString(12), est.Model.ID, est.Usage)
		}
	}
	u, c := est.Usage, est.Count
	same("expected", est.Cost.Expected, o.total(t, list, u.PromptTokens, u.CachedTokens, u.CompletionTokens))
	same("low", est.Cost.Low, o.total(t, list, c.Low, c.Low, 0))
	same("high", est.Cost.High, o.total(t, list, c.High, 0, u.CompletionTokens))
	sum := new(big.Rat)
	for _, line := range est.Cost.Lines {
		sum.Add(sum, rational(t, line.Amount.String()))
	}
	same("sum of the lines", est.Cost.Expected, sum)
}
