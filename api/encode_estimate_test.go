package api_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// sameBytes checks that an estimate is answered as encoding/json has it.
func sameBytes(t testing.TB, e *estimator.Estimate) {
	t.Helper()
	got := append(api.AppendEstimate(nil, e), '\n')
	require.Equal(t, string(api.EncodeEstimate(e)), string(got))
	require.True(t, json.Valid(got))
}

func TestAnEstimateIsAnsweredByteForByteAsItsWireTypeIsEncoded(t *testing.T) {
	t.Parallel()
	sameBytes(t, contractEstimate(t))
	sameBytes(t, &estimator.Estimate{Model: &pricing.Model{}})
	for seed := range uint64(2000) {
		sameBytes(t, anyEstimate(rand.New(rand.NewPCG(seed, 1)), "a\x7f\"\\<&>\u2028\xff\x00é"))
	}
}

// FuzzAppendEstimate looks for estimates that encoding/json writes in another
// way.
func FuzzAppendEstimate(f *testing.F) {
	f.Add(uint64(1), "plain")
	f.Add(uint64(2), "\"\\\n\u2029\x80<>&")
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		sameBytes(t, anyEstimate(rand.New(rand.NewPCG(seed, 1)), text))
	})
}

// anyEstimate is an estimate whose members are there or not, and hold
// anything. Strings are pieces of text.
func anyEstimate(r *rand.Rand, text string) *estimator.Estimate {
	a := anything{r, text}
	e := &estimator.Estimate{
		Model: &pricing.Model{ID: a.text()},
		Usage: estimator.Usage{PromptTokens: a.int(), CompletionTokens: a.int(), TotalTokens: a.int(), CachedTokens: a.int()},
		Count: estimator.Count{Method: estimator.Method(a.name()), Low: a.int(), High: a.int()},
		Cache: estimator.CacheState(a.name()),
		Context: estimator.Context{
			Length: a.int(), Headroom: a.int(), HeadroomAfterCompletion: a.int(), MaxCompletionTokens: a.int(), Fits: a.bool(),
		},
		Cost: estimator.Cost{
			Currency: pricing.Currency(a.name()), Expected: a.money(), Low: a.money(), High: a.money(),
		},
		Verdict:         estimator.Verdict{Decision: estimator.Decision(a.name())},
		MessagesMethod:  estimator.Method(a.name()),
		RateLimitTokens: a.int(),
	}
	for i := range e.Hash {
		e.Hash[i] = byte(r.Uint32())
	}
	if a.bool() {
		e.Count.High = estimator.Unbounded
	}
	if a.bool() {
		e.Price = &estimator.PriceSource{Table: a.name(), Price: pricing.Price{EffectiveFrom: a.day(), Checked: a.day(), Source: a.text()}}
	}
	if e.Price != nil && a.bool() {
		e.Price.BatchFactor = a.text()
	}
	if a.bool() {
		e.Verdict.Caps = &estimator.Caps{MaxCompletionTokens: a.int(), Binding: estimator.Binding(a.name())}
	}
	a.lists(e)
	return e
}

// anything makes values up.
type anything struct {
	*rand.Rand

	all string
}

// lists fills in what there may be any number of.
func (a anything) lists(e *estimator.Estimate) {
	for range a.IntN(4) {
		e.Messages = append(e.Messages, a.int())
		e.Count.Parts = append(e.Count.Parts, estimator.PartCount{
			Part: estimator.Part(a.name()), Tokens: a.int(), Method: estimator.Method(a.name()),
		})
	}
	for range a.IntN(4) {
		e.Cost.Lines = append(e.Cost.Lines, estimator.Line{
			Item: estimator.Item(a.name()), Tokens: a.int(), PerMillion: pricing.Rate(a.int()), Amount: pricing.Amount(a.int()),
		})
	}
	for range a.IntN(3) {
		e.Verdict.Reasons = append(e.Verdict.Reasons, estimator.Reason{
			Code: estimator.ReasonCode(a.name()), Limit: a.quantity(), Actual: a.quantity(), Shortfall: a.quantity(), Message: a.text(),
		})
		e.Findings = append(e.Findings, lint.Finding{
			Code: lint.Code(a.name()), Severity: lint.Severity(a.name()), Pointer: a.text(), Message: a.text(), Fix: a.text(),
		})
	}
}

func (a anything) bool() bool { return a.IntN(2) == 0 }

// int is a number of any size and sign.
func (a anything) int() int64 { return int64(a.Uint64()) >> a.IntN(64) }

// text is a piece of all the text there is.
func (a anything) text() string {
	from := a.IntN(len(a.all) + 1)
	return a.all[from : from+a.IntN(len(a.all)-from+1)]
}

// name is one of our own: of letters and underscores.
func (a anything) name() string { return "an_own_name"[:a.IntN(12)] }

func (a anything) money() *pricing.Amount {
	if a.bool() {
		return nil
	}
	return new(pricing.Amount(a.int()))
}

func (a anything) quantity() *estimator.Quantity {
	if a.bool() {
		return nil
	}
	return &estimator.Quantity{Money: a.bool(), Amount: pricing.Amount(a.int()), Tokens: a.int()}
}

func (a anything) day() time.Time {
	return time.Date(a.IntN(12000), 1, 1+a.IntN(365), 0, 0, 0, 0, time.UTC)
}
