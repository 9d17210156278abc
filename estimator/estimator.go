package estimator

import (
	"context"
	"fmt"
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
	Vendor        Counter        // nil without a vendor key
	Tokenizer     MessageCounter // nil without the vocabulary
	Approximation MessageCounter
	Currency      pricing.Currency // for queries that name none
	Now           func() time.Time

	// VendorPatience is how long a caller with MethodAuto waits for the vendor
	// before it is answered by a local count; for a large body it is longer, by
	// the time that it takes to send. 0 means DefaultVendorPatience.
	VendorPatience time.Duration
}

// DefaultVendorPatience is the default of Options.VendorPatience.
const DefaultVendorPatience = 2 * time.Second

// Estimator estimates chat requests. It is safe for concurrent use.
type Estimator struct {
	opts Options
}

// New returns an estimator. Prices, Cache, Approximation, Currency and Now must
// be set.
func New(opts Options) *Estimator {
	if opts.VendorPatience == 0 {
		opts.VendorPatience = DefaultVendorPatience
	}
	return &Estimator{opts: opts}
}

// Lint says what the vendor would refuse of req and what of it costs money for
// nothing, without counting anything. A zero at means now. It returns
// [pricing.ErrUnknownModel] when the catalogue does not know the model.
func (e *Estimator) Lint(req *chat.Request, at time.Time) ([]lint.Finding, error) {
	model, err := e.opts.Prices().Model(req.Model)
	if err != nil {
		return nil, fmt.Errorf("lint: %w", err)
	}
	return lint.Check(req, model, e.moment(at)), nil
}

// Estimate estimates req under q.
//
// It returns an *OptionError for a query that contradicts itself or the
// request, [pricing.ErrUnknownModel] (wrapped) for a model that the catalogue
// does not know, a *VendorError when q.Method is MethodVendor and the vendor
// failed, or the context's error.
func (e *Estimator) Estimate(ctx context.Context, req *chat.Request, q Query) (*Estimate, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	prices := e.opts.Prices()
	model, err := prices.Model(req.Model)
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	counted, err := e.count(ctx, req, model, q.Method)
	if err != nil {
		return nil, err
	}
	est := &bill{Estimate: Estimate{Model: model, Hash: req.Hash, Count: counted.Count, Cache: counted.cache}}
	requested := requestedOutput(req, model)
	if est.Usage, err = usage(&est.Count, requested, &q); err != nil {
		return nil, err
	}
	if err := e.breakDown(ctx, &est.Estimate, req, &q); err != nil {
		return nil, err
	}
	est.RateLimitTokens = est.Usage.PromptTokens + requested
	est.Context = window(&est.Count, model, est.Usage.CompletionTokens)
	at := e.moment(q.At)
	if q.Currency == "" {
		q.Currency = e.opts.Currency
	}
	if err := est.price(prices, at, &q); err != nil {
		return nil, err
	}
	est.Findings = findings(lint.Check(req, model, at), &est.Estimate, counted.vendor)
	est.Verdict = est.judge(&q)
	return &est.Estimate, nil
}

// CountTokens answers what the vendor's counting endpoint answers: its own
// number when there is a key, else the local count without the generation
// prompt. Errors are those of Estimate with MethodVendor, and without a key an
// *UncountableError for what nobody can count here.
func (e *Estimator) CountTokens(ctx context.Context, req *chat.Request) (int64, error) {
	model, err := e.opts.Prices().Model(req.Model)
	if err != nil {
		return 0, fmt.Errorf("count tokens: %w", err)
	}
	var counter Counter = e.local()
	counts := everythingButTheGenerationPrompt
	if e.opts.Vendor != nil {
		counter, counts = e.opts.Vendor, whatTheVendorCounted
		stepAside(ctx)
	}
	count, _, err := e.cached(byDeadline(ctx), counter, req, model)
	if err != nil {
		return 0, err
	}
	// The answer has no place to say that it is a guess.
	for _, gap := range count.Gaps {
		if gap.Uncounted {
			return 0, &UncountableError{Gap: gap}
		}
	}
	if count.High == Unbounded && e.opts.Vendor == nil {
		return 0, &UncountableError{Gap: Gap{Reason: "nothing bounds it"}}
	}
	var n int64
	for _, p := range count.Parts {
		if counts(p) {
			n += p.Tokens
		}
	}
	return n, nil
}

// everythingButTheGenerationPrompt is what the vendor's documented example
// counts: https://platform.kimi.com/docs/api/estimate answers 80 for a request
// whose prompt has 83 tokens with the generation prompt.
func everythingButTheGenerationPrompt(p PartCount) bool { return p.Part != PartGenerationPrompt }

// whatTheVendorCounted is the parts that the vendor's own number covers.
func whatTheVendorCounted(p PartCount) bool { return p.Method == MethodVendor }

// moment returns at, or now when at is zero.
func (e *Estimator) moment(at time.Time) time.Time {
	if at.IsZero() {
		return e.opts.Now()
	}
	return at
}
