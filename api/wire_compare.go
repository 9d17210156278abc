package api

import (
	"encoding/hex"

	"tollgate/estimator"
)

// Comparison is one request on several models, in the order in which they were
// asked for.
type Comparison struct {
	Object string `json:"object" enums:"estimate.comparison" example:"estimate.comparison"`

	// Canonical hash of what the counts depend on beside the model. It is not the
	// content_hash of any of the estimates, which hash the model, too.
	ContentHash string `json:"content_hash" example:"sha256:1c1b0c2f2c4f0d6e4e7b8a0b1de8ac1a2c9a8a9c2f33a7b1a5f2d2b8f0a6a111"`

	Currency *string         `json:"currency" enums:"CNY,USD" example:"CNY" extensions:"x-nullable"` // null when there is no estimate
	Data     []ComparedModel `json:"data"`

	// The entry with the lowest cost by basis whose verdict is allow and whose
	// model is not retired; left out when there is none.
	Cheapest string `json:"cheapest,omitempty" example:"kimi-k2.6"`
} //@name Comparison

// ComparedModel is the request on one model: an estimate or a problem.
type ComparedModel struct {
	Model    string        `json:"model" example:"kimi-k2.6"` // as it was asked for
	Estimate *Estimate     `json:"estimate,omitempty"`
	Problem  *ModelProblem `json:"problem,omitempty"`
} //@name ComparedModel

// ModelProblem is why there is no estimate for a model: a [Problem] without the
// members that only an answer of its own has.
type ModelProblem struct {
	Type     string         `json:"type" example:"/problems/unknown_model"`
	Title    string         `json:"title" example:"Unprocessable Entity"`
	Status   int            `json:"status" example:"422"`
	Detail   string         `json:"detail" example:"unknown model: did you mean \"kimi-k2.6\"?"`
	Instance string         `json:"instance" example:"3MZQJH5XWGK2LT7VFN4RBYPCDA"` // the request id
	Code     string         `json:"code" example:"unknown_model"`
	Errors   []ProblemField `json:"errors"`
	Error    ErrorBody      `json:"error"`
} //@name ModelProblem

// newComparison is the answer to a request that has an id.
func (s *server) newComparison(f *comparison, instance string) *Comparison {
	out := &Comparison{
		Object:      "estimate.comparison",
		ContentHash: "sha256:" + hex.EncodeToString(f.hash[:]),
		Currency:    orNull(string(f.query.Currency)),
		Data:        make([]ComparedModel, len(f.estimates)),
	}
	for i, est := range f.estimates {
		entry := ComparedModel{Model: f.query.Models[i]}
		if est != nil {
			entry.Estimate = newEstimate(est)
			out.Currency = orNull(string(est.Cost.Currency))
		} else {
			entry.Problem = newModelProblem(s.newProblem(asError(f.errs[i]), instance))
		}
		out.Data[i] = entry
	}
	if i := estimator.Cheapest(f.estimates, f.query.Basis); i >= 0 {
		out.Cheapest = f.query.Models[i]
	}
	return out
}

func newModelProblem(p Problem) *ModelProblem {
	return &ModelProblem{
		Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail,
		Instance: p.Instance, Code: p.Code, Errors: p.Errors, Error: p.Error,
	}
}
