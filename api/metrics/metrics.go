// Package metrics counts what the HTTP surface does and shows it to Prometheus.
//
// It knows the names of the metrics and their labels. It does not know how a
// request is answered: package api tells it what happened, once a request. Nor
// does it know how the vendor is asked: whoever wires the program tells it,
// once an attempt.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tollgate/api"
	"tollgate/estimator"
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
}

// Metrics is what /metrics shows. Every label has few values, all of them
// ours: none comes from a caller. It is safe for concurrent use.
type Metrics struct {
	http.Handler // the registry in the Prometheus text format

	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	panics    prometheus.Counter
	counts    *prometheus.CounterVec
	verdicts  *prometheus.CounterVec
	findings  *prometheus.CounterVec
	lines     *prometheus.CounterVec
	problems  *prometheus.CounterVec
	vendor    vendor
	shed      *prometheus.CounterVec
}

// New returns metrics that count from zero.
func New(opts Options) *Metrics {
	if opts.Registry == nil {
		opts.Registry = prometheus.NewRegistry()
	}
	m := &Metrics{
		Handler: promhttp.HandlerFor(opts.Registry,
			promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_http_requests_total",
			Help: "HTTP requests answered, by route template, method and status.",
		}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tollgate_http_request_duration_seconds",
			Help: "Time from the headers of a request to the end of its answer.",
			// A cached answer takes tens of microseconds, the vendor seconds.
			// A cache hit takes tens of microseconds, a call of the vendor up to
			// seconds, a body of 100 MB over a slow line a minute.
			Buckets: []float64{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_http_requests_in_flight",
			Help: "HTTP requests being answered now.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tollgate_http_panics_total",
			Help: "Panics of handlers, each answered with status 500.",
		}),
		counts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_estimates_total",
			Help: "Estimates made, by how the prompt was counted and what the count cache said.",
		}, []string{"method", "cache"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_verdicts_total",
			Help: "Verdicts given, by decision.",
		}, []string{"decision"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_findings_total",
			Help: "Findings reported, by code and severity.",
		}, []string{"code", "severity"}),
	}
	m.lines = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_batch_lines_total",
		Help: "Lines of batches answered, by what the answer is. They are counted when their batch has ended.",
	}, []string{"answer"})
	m.problems = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_batch_problems_total",
		Help: "Lines of batches answered by a problem, by its code.",
	}, []string{"code"})
	m.shed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_shed_total",
		Help: "Requests turned away with status 503 because others were there, by lane and by what there was not enough of.",
	}, []string{"lane", "reason"})
	opts.Registry.MustRegister(m.shed, m.requests, m.durations, m.inFlight, m.panics, m.counts, m.verdicts,
		m.findings, m.lines, m.problems, buildInfo(opts), &priceCollector{book: opts.Book, now: opts.Now},
		&fileCollector{files: opts.Files})
	m.vendor = newVendor(opts.Registry)
	opts.Registry.MustRegister(opts.Collectors...)
	registerRuntime(opts.Registry)
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
func (m *Metrics) Begin() { m.inFlight.Inc() }

// Done notes what became of it.
func (m *Metrics) Done(e api.Event) {
	m.inFlight.Dec()
	m.requests.WithLabelValues(e.Route, e.Method, strconv.Itoa(e.Status)).Inc()
	m.durations.WithLabelValues(e.Route).Observe(e.Took.Seconds())
	if e.Panicked {
		m.panics.Inc()
	}
	if e.Shed != nil {
		m.shed.WithLabelValues(e.Shed.Lane, e.Shed.Reason).Inc()
	}
	if e.Estimate != nil {
		m.estimate(e.Estimate)
	}
	for _, f := range e.Findings {
		m.findings.WithLabelValues(string(f.Code), string(f.Severity)).Inc()
	}
	for _, est := range e.Compared {
		m.estimate(est)
		for _, f := range est.Findings {
			m.findings.WithLabelValues(string(f.Code), string(f.Severity)).Inc()
		}
	}
	if e.Batch != nil {
		m.batch(e.Batch)
	}
}

// estimate notes how an estimate was made and what it says.
func (m *Metrics) estimate(est *estimator.Estimate) {
	m.counts.WithLabelValues(string(est.Count.Method), string(est.Cache)).Inc()
	m.verdicts.WithLabelValues(string(est.Verdict.Decision)).Inc()
}

// batch notes what became of the lines of a batch.
func (m *Metrics) batch(b *api.BatchTally) {
	problems := 0
	for code, n := range b.Problems {
		problems += n
		m.problems.WithLabelValues(code).Add(float64(n))
	}
	m.lines.WithLabelValues("problem").Add(float64(problems))
	m.lines.WithLabelValues("estimate").Add(float64(b.Lines - problems))
	for label, n := range b.Counts {
		m.counts.WithLabelValues(string(label.Method), string(label.Cache)).Add(float64(n))
	}
	for decision, n := range b.Decisions {
		m.verdicts.WithLabelValues(string(decision)).Add(float64(n))
	}
	for label, n := range b.Findings {
		m.findings.WithLabelValues(string(label.Code), string(label.Severity)).Add(float64(n))
	}
}

// priceCollector tells which price table is in force, whenever it is asked.
type priceCollector struct {
	book func() *pricing.Book
	now  func() time.Time
}

// Describe describes nothing: the labels change when a table is replaced.
func (*priceCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the table's hash, and its age since a price was last read.
func (p *priceCollector) Collect(out chan<- prometheus.Metric) {
	b := p.book()
	if b == nil {
		return
	}
	info := prometheus.NewDesc("tollgate_price_table_info",
		"Constant 1, labelled with the hash of the price table in force.", []string{"hash"}, nil)
	age := prometheus.NewDesc("tollgate_price_table_age_seconds",
		"Time since the day on which a price of the table was last read.", nil, nil)
	models := prometheus.NewDesc("tollgate_price_table_models",
		"Models in the price table.", nil, nil)
	out <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, b.Hash())
	out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, max(p.now().Sub(b.Checked()), 0).Seconds())
	out <- prometheus.MustNewConstMetric(models, prometheus.GaugeValue, float64(len(b.Models())))
}
