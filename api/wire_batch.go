package api

import (
	"tollgate/estimator"
	"tollgate/pricing"
)

// BatchLine documents a line of a batch file. A line may as well be the chat
// request by itself.
type BatchLine struct {
	CustomID string      `json:"custom_id,omitempty" example:"request-1" maxLength:"256"`
	Method   string      `json:"method,omitempty" enums:"POST" example:"POST"`
	URL      string      `json:"url,omitempty" example:"/v1/chat/completions"`
	Body     ChatRequest `json:"body"`
} //@name BatchLine

// BatchEstimate is the answer to a line: its estimate. Pointers in it are into
// the chat request.
type BatchEstimate struct {
	Line     int    `json:"line" example:"1"` // of the body, from 1; blank lines count
	CustomID string `json:"custom_id,omitempty" example:"request-1"`
	Estimate
} //@name BatchEstimate

// BatchProblem is the answer to a line that has no estimate. Pointers in it
// are into the line.
type BatchProblem struct {
	Object   string `json:"object" enums:"problem" example:"problem"`
	Line     int    `json:"line" example:"2"` // of the body, from 1; blank lines count
	CustomID string `json:"custom_id,omitempty" example:"request-2"`
	Problem
} //@name BatchProblem

// BatchSummary is the last line of every answer that was not cut off. Its sums
// are over the lines with an estimate.
type BatchSummary struct {
	Object       string         `json:"object" enums:"batch.summary" example:"batch.summary"`
	Complete     bool           `json:"complete"`            // every line of the body was read and answered
	Lines        int            `json:"lines" example:"100"` // answered: estimates and problems
	Estimates    int            `json:"estimates" example:"99"`
	Problems     int            `json:"problems" example:"1"`
	ProblemCodes map[string]int `json:"problem_codes"`
	Decisions    BatchDecisions `json:"decisions"`
	Usage        Usage          `json:"usage"`
	Cost         BatchCost      `json:"cost"`
	Methods      map[string]int `json:"count_methods"` // estimates by count.method

	// The number of different content hashes; null for more than 262144 of them.
	DistinctContents *int           `json:"distinct_contents" example:"40" extensions:"x-nullable"`
	Findings         map[string]int `json:"findings"` // by code

	// There when the answer is not complete; says why.
	Problem *Problem `json:"problem,omitempty"`
} //@name BatchSummary

// BatchDecisions is the lines by the decision of their verdict, those that
// enforce=true made problems of among them.
type BatchDecisions struct {
	Allow         int `json:"allow" example:"98"`
	AllowWithCaps int `json:"allow_with_caps" example:"0"`
	Deny          int `json:"deny" example:"1"`
} //@name BatchDecisions

// BatchCost is the sums of the costs. A sum is null when a line's cost is not
// known, as unknown is never zero, or when it is too large to be stated.
type BatchCost struct {
	Currency *string      `json:"currency" enums:"CNY,USD" example:"CNY" extensions:"x-nullable"` // null when there is no estimate
	Expected *string      `json:"expected" format:"decimal" example:"1.25" extensions:"x-nullable"`
	Low      *string      `json:"low" format:"decimal" example:"0.02" extensions:"x-nullable"`
	High     *string      `json:"high" format:"decimal" example:"1.5" extensions:"x-nullable"`
	Unknown  BatchUnknown `json:"unknown_lines"`
	Overflow bool         `json:"overflow"` // a sum is null because it is too large
} //@name BatchCost

// BatchUnknown is how many lines' cost is not known.
type BatchUnknown struct {
	Expected int `json:"expected" example:"0"`
	Low      int `json:"low" example:"0"`
	High     int `json:"high" example:"0"`
} //@name BatchUnknown

// BatchAnswer names the lines of an answer for the document, which can not say
// that a body has a value a line.
type BatchAnswer struct {
	Request  BatchLine     `json:"request"`
	Estimate BatchEstimate `json:"estimate"`
	Problem  BatchProblem  `json:"problem"`
	Summary  BatchSummary  `json:"summary"`
} //@name BatchAnswer

// newSummary is the last line for a tally. A nil stop says that it is complete.
func newSummary(t *batchTally, stop *Problem) *BatchSummary {
	out := &BatchSummary{
		Object:       "batch.summary",
		Complete:     stop == nil,
		Lines:        t.Lines,
		Estimates:    t.estimates,
		Problems:     t.Lines - t.estimates,
		ProblemCodes: t.Problems,
		Decisions: BatchDecisions{
			Allow:         t.Decisions[estimator.Allow],
			AllowWithCaps: t.Decisions[estimator.AllowWithCaps],
			Deny:          t.Decisions[estimator.Deny],
		},
		Usage: newUsage(&t.usage),
		Cost: BatchCost{
			Currency: orNull(string(t.currency)),
			Expected: t.expected.text(),
			Low:      t.low.text(),
			High:     t.high.text(),
			Unknown:  BatchUnknown{Expected: t.expected.unknown, Low: t.low.unknown, High: t.high.unknown},
			Overflow: t.expected.overflow || t.low.overflow || t.high.overflow,
		},
		Methods:  map[string]int{},
		Findings: map[string]int{},
		Problem:  stop,
	}
	for label, n := range t.Counts {
		out.Methods[string(label.Method)] += n
	}
	for label, n := range t.Findings {
		out.Findings[string(label.Code)] += n
	}
	if n := len(t.contents); n <= maxDistinct {
		out.DistinctContents = &n
	}
	return out
}

// sum is a sum of money of which some parts may not be known.
type sum struct {
	amount   pricing.Amount
	unknown  int // parts
	overflow bool
}

// add adds a part; nil is one that is not known.
func (s *sum) add(part *pricing.Amount) {
	if part == nil {
		s.unknown++
		return
	}
	total, err := s.amount.Add(*part)
	if err != nil {
		s.overflow = true
		return
	}
	s.amount = total
}

// text is the sum as a decimal, nil if it is not known.
func (s *sum) text() *string {
	if s.unknown > 0 || s.overflow {
		return nil
	}
	return money(&s.amount)
}
