package api

import (
	"encoding/binary"
	"net/http"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// BatchTally is what became of the lines of a batch.
type BatchTally struct {
	Lines     int // answered
	Counts    map[CountLabel]int
	Decisions map[estimator.Decision]int
	Findings  map[FindingLabel]int
	Problems  map[string]int        // by code
	Models    map[string]ModelTally // by their ids in the price table
	Currency  pricing.Currency      // of Models; empty while there are none
}

// ModelTally is what was estimated for one model.
type ModelTally struct {
	Estimates    int
	PromptTokens int64
	Unpriced     int            // estimates without a price, or beyond what Expected can hold
	Expected     pricing.Amount // of the others
}

// problems is how many lines have one.
func (t *BatchTally) problems() (n int) {
	for _, lines := range t.Problems {
		n += lines
	}
	return n
}

// CountLabel is how the prompt of an estimate was counted.
type CountLabel struct {
	Method estimator.Method
	Cache  estimator.CacheState
}

// FindingLabel is the kind of a finding.
type FindingLabel struct {
	Code     lint.Code
	Severity lint.Severity
}

// maxDistinct is how many different contents are told apart. It bounds what a
// batch without end can make of itself in memory: about 5 MB.
const maxDistinct = 1 << 18

// batchTally is a tally and the sums of a batch.
type batchTally struct {
	BatchTally

	estimates int
	usage     estimator.Usage
	currency  pricing.Currency
	expected  sum
	low       sum
	high      sum
	contents  map[uint64]struct{} // the first bytes of every content hash
	failure   error               // the first that was not the caller's fault
}

func newBatchTally() *batchTally {
	return &batchTally{
		BatchTally: BatchTally{
			Counts:    map[CountLabel]int{},
			Decisions: map[estimator.Decision]int{},
			Findings:  map[FindingLabel]int{},
			Problems:  map[string]int{},
			Models:    map[string]ModelTally{},
		},
		contents: map[uint64]struct{}{},
	}
}

// add counts an answered line.
func (t *batchTally) add(slot *batchSlot) {
	t.Lines++
	if est := slot.estimate; est != nil {
		t.Decisions[est.Verdict.Decision]++
		t.Counts[CountLabel{Method: est.Count.Method, Cache: est.Cache}]++
		for i := range est.Findings {
			t.Findings[FindingLabel{Code: est.Findings[i].Code, Severity: est.Findings[i].Severity}]++
		}
		t.model(est)
	}
	if e := slot.problem; e != nil {
		t.Problems[e.Code]++
		if t.failure == nil && e.Status >= http.StatusInternalServerError {
			t.failure = e
		}
		return
	}
	t.sum(slot.estimate)
}

// sum adds an estimate to the sums.
func (t *batchTally) sum(est *estimator.Estimate) {
	t.estimates++
	t.usage.PromptTokens += est.Usage.PromptTokens
	t.usage.CompletionTokens += est.Usage.CompletionTokens
	t.usage.TotalTokens += est.Usage.TotalTokens
	t.usage.CachedTokens += est.Usage.CachedTokens
	t.currency = est.Cost.Currency
	t.expected.add(est.Cost.Expected)
	t.low.add(est.Cost.Low)
	t.high.add(est.Cost.High)
	if len(t.contents) <= maxDistinct {
		t.contents[binary.LittleEndian.Uint64(est.Hash[:])] = struct{}{}
	}
}

// model adds an estimate to what there was for its model.
func (t *BatchTally) model(est *estimator.Estimate) {
	if est.Model == nil {
		return
	}
	of := t.Models[est.Model.ID]
	of.Estimates++
	of.PromptTokens += est.Usage.PromptTokens
	t.Currency = est.Cost.Currency
	sum, err := of.Expected, error(nil)
	if est.Cost.Expected != nil {
		sum, err = of.Expected.Add(*est.Cost.Expected)
	}
	if est.Cost.Expected == nil || err != nil {
		of.Unpriced++
	} else {
		of.Expected = sum
	}
	t.Models[est.Model.ID] = of
}
