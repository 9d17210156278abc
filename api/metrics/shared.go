package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Shared counts what is asked of the cache that replicas share. How many
// estimates it answered is in tollgate_estimates_total, as cache="shared"
// beside hit (memory), coalesced and miss.
//
// It is a [prometheus.Collector], to be registered by [Options].Collectors, and
// the observer that the shared cache wants. Operations and results are words of
// that cache, few and its own. It is safe for concurrent use.
type Shared struct {
	commands  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	open      prometheus.Gauge
}

// NewShared returns metrics that count from zero.
func NewShared() *Shared {
	return &Shared{
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tollgate_shared_cache_commands_total",
			Help: "Commands for the shared cache, by operation and result; skipped: the breaker was open; dropped: too many waited to be written.",
		}, []string{"operation", "result"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tollgate_shared_cache_command_duration_seconds",
			Help: "Time of commands that were sent to the shared cache.",
			// A tenth of a millisecond on the same machine, one in the same data
			// centre; a command is given up after 50.
			Buckets: []float64{100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1},
		}, []string{"operation"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tollgate_shared_cache_breaker_open",
			Help: "1 while the shared cache is left alone because it failed, else 0.",
		}),
	}
}

// Command notes a command and what came of it.
func (s *Shared) Command(operation, result string, took time.Duration) {
	s.commands.WithLabelValues(operation, result).Inc()
	if result != "skipped" && result != "dropped" {
		s.durations.WithLabelValues(operation).Observe(took.Seconds())
	}
}

// Breaker notes whether the shared cache is left alone.
func (s *Shared) Breaker(open bool) {
	v := 0.0
	if open {
		v = 1
	}
	s.open.Set(v)
}

// Describe implements [prometheus.Collector].
func (s *Shared) Describe(out chan<- *prometheus.Desc) {
	s.commands.Describe(out)
	s.durations.Describe(out)
	s.open.Describe(out)
}

// Collect implements [prometheus.Collector].
func (s *Shared) Collect(out chan<- prometheus.Metric) {
	s.commands.Collect(out)
	s.durations.Collect(out)
	s.open.Collect(out)
}
