package estimator

import (
	"context"
	"time"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// Prices is the price table in force. It may be replaced between calls; every
// estimate is made with one table.
type Prices interface {
	// Model returns the model of an id or a listed alias, or an error wrapping
	// [pricing.ErrUnknownModel].
	Model(id string) (*pricing.Model, error)
	// Price returns what m costs at a moment, or an error wrapping
	// [pricing.ErrNoPrice].
	Price(m *pricing.Model, c pricing.Currency, at time.Time) (pricing.Price, error)
	// Hash names the table's content, "sha256:<hex>".
	Hash() string
}

// Options is what an Estimator is made of.
type Options struct {
	Prices        func() Prices // the table in force
	Cache         Cache
	Vendor        Counter // nil without a vendor key
	Tokenizer     Counter // nil without the vocabulary
	Approximation Counter
	Currency      pricing.Currency // for queries that name none
	Now           func() time.Time
}

// Estimator estimates chat requests. It is safe for concurrent use.
type Estimator struct {
	opts Options
}

// New returns an estimator. Prices, Cache, Approximation and Now must be set.
func New(opts Options) *Estimator { return &Estimator{opts: opts} }

// Lint says what the vendor would refuse of req and what of it costs money for
// nothing, without counting anything. It returns [pricing.ErrUnknownModel]
// when the catalogue does not know the model.
func (e *Estimator) Lint(req *chat.Request, at time.Time) ([]lint.Finding, error) {
	panic("pending")
}

// Estimate estimates req under q.
//
// It returns an *OptionError for a query that contradicts itself or the
// request, [pricing.ErrUnknownModel] (wrapped) for a model that the catalogue
// does not know, a *VendorError when q.Method is MethodVendor and the vendor
// failed, or the context's error.
func (e *Estimator) Estimate(ctx context.Context, req *chat.Request, q Query) (*Estimate, error) {
	panic("pending")
}

// CountTokens answers what the vendor's counting endpoint answers: its own
// number when there is a key, else the local count without the generation
// prompt. Errors are those of Estimate.
func (e *Estimator) CountTokens(ctx context.Context, req *chat.Request) (int64, error) {
	panic("pending")
}
