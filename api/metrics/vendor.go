package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// VendorAttempt is what became of one attempt to ask the vendor for a count.
type VendorAttempt struct {
	Outcome     string        // "ok", or one of the client's kinds of failure
	Held        bool          // it was not sent: a limit or the breaker held it back
	Retry       bool          // it repeats one that failed
	Took        time.Duration // of the exchange; nothing when it was not sent
	Waited      time.Duration // for the limits, sent or not
	BreakerOpen bool          // when it was over
}

// vendor is what is counted of the vendor. Its outcomes are a few words of
// ours; none is the vendor's.
type vendor struct {
	attempts *prometheus.CounterVec
	ok       prometheus.Counter // of attempts, nearly all
	held     *prometheus.CounterVec
	retries  prometheus.Counter
	took     prometheus.Histogram
	waited   prometheus.Histogram
	open     prometheus.Gauge
}

func newVendor(r prometheus.Registerer) vendor {
	v := vendor{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_vendor_attempts_total",
			Help: "Calls of the vendor's counting endpoint that were sent, by outcome. Retries and calibrating calls are among them.",
		}, []string{"outcome"}),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_vendor_held_total",
			Help: "Calls of the vendor's counting endpoint that were not sent, by reason: rate_limited for a limit, " +
				"unavailable for the breaker, timeout or canceled when nobody waited any more.",
		}, []string{"reason"}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tollgate_vendor_retries_total",
			Help: "Calls sent that repeat one that failed.",
		}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tollgate_vendor_duration_seconds",
			Help:    "Time from sending a call to the end of its answer.",
			Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 30},
		}),
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tollgate_vendor_wait_seconds",
			Help:    "Time that a call waited for the limits, whether it was sent or not.",
			Buckets: []float64{0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 12},
		}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_vendor_breaker_open",
			Help: "1 while the vendor is not asked because it kept failing.",
		}),
	}
	for _, reason := range []string{"rate_limited", "unavailable", "timeout", "canceled"} {
		v.held.WithLabelValues(reason) // from 0, so that the first can be seen to come
	}
	v.ok = v.attempts.WithLabelValues("ok")
	r.MustRegister(v.attempts, v.held, v.retries, v.took, v.waited, v.open)
	return v
}

// Vendor notes an attempt to ask the vendor.
func (m *Metrics) Vendor(a VendorAttempt) {
	v := &m.vendor
	v.waited.Observe(a.Waited.Seconds())
	v.open.Set(0)
	if a.BreakerOpen {
		v.open.Set(1)
	}
	if a.Held {
		v.held.WithLabelValues(a.Outcome).Inc()
		return
	}
	if a.Outcome == "ok" {
		v.ok.Inc()
	} else {
		v.attempts.WithLabelValues(a.Outcome).Inc()
	}
	v.took.Observe(a.Took.Seconds())
	if a.Retry {
		v.retries.Inc()
	}
}
