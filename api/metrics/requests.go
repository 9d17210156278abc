package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate/api"
)

// requests is what is counted of HTTP requests.
type requests struct {
	answered *series[answer, answered]
	inFlight prometheus.Gauge
	panics   prometheus.Counter
	shed     *series[api.Shed, prometheus.Counter]
}

// answer is the labels of a request. Its route is a template and its method
// one of HTTP's, or "other".
type answer struct {
	route, method string
	status        int
}

// answered is what is counted of requests with the same labels.
type answered struct {
	total prometheus.Counter
	took  prometheus.Observer
}

// durations are the buckets of requests, in seconds: a cache hit takes tens of
// microseconds, a call of the vendor up to seconds, a body of 100 MB over a
// slow line a minute.
var durations = []float64{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}

func newRequests(r prometheus.Registerer) requests {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_http_requests_total",
		Help: "HTTP requests answered, by route template, method and status.",
	}, []string{"route", "method", "status"})
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "tollgate_http_request_duration_seconds",
		Help:    "Time from the headers of a request to the end of its answer.",
		Buckets: durations,
		// For scrapers that take native histograms: steps of a tenth, at most this
		// many of them a route.
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  160,
		NativeHistogramMinResetDuration: time.Hour,
	}, []string{"route"})
	shed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tollgate_shed_total",
		Help: "Requests turned away with status 503 because others were there, by lane and by what there was not enough of.",
	}, []string{"lane", "reason"})
	m := requests{
		answered: newSeries(func(a answer) answered {
			return answered{
				total: total.WithLabelValues(a.route, a.method, strconv.Itoa(a.status)),
				took:  took.WithLabelValues(a.route),
			}
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_http_requests_in_flight",
			Help: "HTTP requests being answered now.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tollgate_http_panics_total",
			Help: "Panics of handlers, each answered with status 500.",
		}),
		shed: newSeries(func(s api.Shed) prometheus.Counter { return shed.WithLabelValues(s.Lane, s.Reason) },
			api.Sheds()...),
	}
	r.MustRegister(total, took, shed, m.inFlight, m.panics)
	return m
}

// done notes what became of a request.
func (m *requests) done(e *api.Event) {
	m.inFlight.Dec()
	seen := m.answered.of(answer{e.Route, e.Method, e.Status})
	seen.total.Inc()
	observe(seen.took, e.Took, e.Trace)
	if e.Panicked {
		m.panics.Inc()
	}
	if e.Shed != nil {
		m.shed.of(*e.Shed).Inc()
	}
}

// observe notes how long something took, and the trace that shows why, if
// there is one.
func observe(o prometheus.Observer, took time.Duration, trace string) {
	if with, ok := o.(prometheus.ExemplarObserver); ok && trace != "" {
		with.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": trace})
		return
	}
	o.Observe(took.Seconds())
}
