package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// DefaultMaxBodyBytes is the largest body that is read unless Options say
// otherwise: 100 MiB, a little over the vendor's own limit of 100 MB.
const DefaultMaxBodyBytes int64 = 100 << 20

// DefaultBatchGrace is the default of Options.BatchGrace.
const DefaultBatchGrace = 10 * time.Second

// Estimator is what the handlers ask. *estimator.Estimator is one.
type Estimator interface {
	// Estimate estimates req under q.
	Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error)
	// Lint says what the vendor would refuse of req at a moment.
	Lint(req *chat.Request, at time.Time) ([]lint.Finding, error)
	// CountTokens answers what the vendor's counting endpoint answers.
	CountTokens(ctx context.Context, req *chat.Request) (int64, error)
}

// Tokens cuts text into the tokens of a model. *local.Cutter is one.
type Tokens interface {
	// Lengths returns the lengths in bytes of the tokens of text. They add up to
	// its length.
	Lengths(text string, model *pricing.Model) []int
}

// Options is what the handler is made of. Estimator, Book and Now must be set;
// every other member works as its zero value.
type Options struct {
	Estimator Estimator
	Book      func() *pricing.Book // the price table in force; nil while there is none
	Now       func() time.Time

	// Logger gets one event a request. Nil discards.
	Logger *slog.Logger

	// MaxBodyBytes is the largest body that is read; 0 means
	// [DefaultMaxBodyBytes].
	MaxBodyBytes int64

	// MemoryBytes is how much of bodies, and of what is made of them, may be held
	// at once; 0 means [DefaultMemoryBytes]. A quarter is for bodies of up to 256
	// KiB, the rest for larger ones and for batches. What does not fit waits a
	// little and is then turned away; what is larger than its share is alone.
	MemoryBytes int64

	// Concurrency is how many requests of either kind are worked on at once. 0
	// goes by the number of processors. Small ones that wait for a vendor are not
	// worked on meanwhile; with KeepBody large ones are bounded by memory, and 2048.
	Concurrency int

	// Tokens says where tokens begin, for the playground's colours. Nil: there is no
	// vocabulary, and the page says so.
	Tokens Tokens

	// KeepBody holds on to the bytes of a body while it is answered. It has to
	// be set when a vendor may be asked, who must see them.
	KeepBody bool

	// SpoolDir is a directory for large bodies that a vendor may have to see, and
	// SpoolBytes how much of them may be there at once. They are in files without
	// a name. Where there is no room, or the directory can not be written to, such
	// bodies are held in memory. Empty and 0 mean that there is none.
	SpoolDir   string
	SpoolBytes int64

	// APIKeys are the bearer keys of callers. Nil: everybody may call.
	APIKeys *Keyring

	// RateLimit is how many requests a second one caller may send; 0 means any
	// number. A caller is a key, or where there are no keys an address.
	RateLimit float64

	// Draining reports whether the process is about to stop: /readyz fails and
	// connections are closed after their answer. Nil: never.
	Draining func() bool

	// BatchWorkers is how many lines of one batch are estimated at once; 0 means
	// one for each processor. More are of use where a vendor is waited for.
	BatchWorkers int

	// BatchGrace is how long a batch may go on once the process is about to stop;
	// 0 means [DefaultBatchGrace].
	BatchGrace time.Duration

	// Tracer keeps traces of requests. Nil: there are none; a caller's is named in
	// the log all the same.
	Tracer Tracer

	// Metrics counts, and answers /metrics. Nil: there is no such route.
	Metrics Metrics
}

// Metrics is told of every request. Implementations are safe for concurrent
// use.
type Metrics interface {
	http.Handler // answers /metrics

	Begin()     // a request came in
	Done(Event) // and is answered
}

// Event is a request that was answered. Its strings have few values, none of
// which a caller chose.
type Event struct {
	Route    string        // template, such as "/v1/models/*id"; "unmatched" if no route took it
	Method   string        // "other" for what HTTP does not define
	Status   int           // of the answer
	Took     time.Duration // until the answer was written
	Panicked bool
	Estimate *estimator.Estimate // of an estimate
	Findings []lint.Finding      // of an estimate or a lint

	// Compared is the estimates of a comparison. Their findings are not in
	// Findings.
	Compared []*estimator.Estimate

	Batch *BatchTally // of a batch
	Shed  *Shed       // nil unless it was turned away
	Trace string      // id of the trace that is kept of it; empty if none is
}

// Handler is the service over HTTP.
type Handler struct {
	http.Handler

	routes       []string
	small, large *lane
}

// Routes returns "METHOD /path" of every route, with gin's :name and *name for
// parameters. It is there to compare with the published document.
func (h *Handler) Routes() []string { return slices.Clone(h.routes) }

// New returns the service's HTTP handler.
func New(opts Options) *Handler {
	s := newServer(opts)
	engine := s.engine()
	h := &Handler{Handler: engine, small: s.small, large: s.large}
	for _, r := range engine.Routes() {
		h.routes = append(h.routes, r.Method+" "+r.Path)
	}
	return h
}
