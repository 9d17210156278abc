// Package metrics counts what the HTTP surface does and shows it to Prometheus.
//
// It knows the names of the metrics and their labels. It does not know how a
// request is answered: package api tells it what happened, once a request. Nor
// does it know how the vendor is asked: whoever wires the program tells it,
// once an attempt. README.md has all of them.
package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tollgate/api"
	"tollgate/pricing"
)

// Options is what the metrics are made of. Book and Now must be set.
type Options struct {
	Book    func() *pricing.Book // the price table in force; nil while there is none
	Now     func() time.Time
	Version string // of the program
	Commit  string // it was built from

	// Registry gets the metrics, and ServeHTTP shows all it holds. Nil: one of
	// its own. Two sets of metrics cannot share one.
	Registry *prometheus.Registry

	// Collectors are shown, too: those of parts that are not the HTTP surface.
	Collectors []prometheus.Collector

	// Files tells of the files that are read again when they change. Nil: there
	// are none.
	Files func() []File

	// State tells of the program's state. Nil: it is not shown.
	State func() State
}

// Metrics is what /metrics shows. Every label has few values, all of them
// ours: none comes from a caller. It is safe for concurrent use.
type Metrics struct {
	http.Handler // the registry in the Prometheus text format, or what the scraper prefers

	requests  requests
	estimates estimates
	vendor    vendor
}

// New returns metrics that count from zero.
func New(opts Options) *Metrics {
	r := opts.Registry
	if r == nil {
		r = prometheus.NewRegistry()
	}
	m := &Metrics{
		// OpenMetrics is the format that can name a trace beside a duration.
		Handler: promhttp.HandlerFor(r, promhttp.HandlerOpts{
			ErrorHandling: promhttp.HTTPErrorOnError, EnableOpenMetrics: true,
		}),
		requests:  newRequests(r),
		estimates: newEstimates(r),
		vendor:    newVendor(r),
	}
	r.MustRegister(buildInfo(opts), &priceCollector{book: opts.Book, now: opts.Now},
		&fileCollector{files: opts.Files}, stateCollector{state: opts.State})
	r.MustRegister(opts.Collectors...)
	registerRuntime(r)
	return m
}

// registerRuntime adds what the Go runtime and the operating system say of the
// process, unless whoever made the registry has done so.
func registerRuntime(r *prometheus.Registry) {
	_ = r.Register(collectors.NewGoCollector())
	_ = r.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

func buildInfo(opts Options) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tollgate_build_info",
		Help: "Constant 1, labelled with the version of the program.",
		ConstLabels: prometheus.Labels{
			"version": opts.Version, "commit": opts.Commit, "go_version": runtime.Version(),
		},
	})
	g.Set(1)
	return g
}

// Begin notes that a request came in.
func (m *Metrics) Begin() { m.requests.inFlight.Inc() }

// Done notes what became of it.
func (m *Metrics) Done(e api.Event) {
	m.requests.done(&e)
	if e.Estimate != nil {
		m.estimates.one(e.Estimate)
	}
	for _, f := range e.Findings {
		m.estimates.findings.of(api.FindingLabel{Code: f.Code, Severity: f.Severity}).Inc()
	}
	for _, est := range e.Compared {
		m.estimates.one(est)
		for _, f := range est.Findings {
			m.estimates.findings.of(api.FindingLabel{Code: f.Code, Severity: f.Severity}).Inc()
		}
	}
	if e.Batch != nil {
		m.estimates.batch(e.Batch)
	}
}
