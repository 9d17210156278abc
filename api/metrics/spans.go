package metrics

import "github.com/prometheus/client_golang/prometheus"

// SpanState is what became of spans of traces since the program began, and how
// many wait.
type SpanState struct {
	Exported int64 // the collector took them
	Failed   int64 // the collector did not, after all tries
	Dropped  int64 // too many waited
	Omitted  int64 // their trace had as many as it may have
	Queued   int64 // wait now
}

var (
	spansTotal = desc("tollgate_trace_spans_total",
		"Spans, by result: exported, failed (the collector did not take them), dropped (too many waited to be sent), "+
			"omitted (their trace had as many as it may have).", "result")
	spansQueued = desc("tollgate_trace_queue_spans", "Spans that wait to be sent.")
)

// Spans tells of the spans of traces, whenever it is asked. It is a
// [prometheus.Collector], to be registered by [Options].Collectors where there
// are traces.
type Spans func() SpanState

// Describe implements [prometheus.Collector].
func (Spans) Describe(out chan<- *prometheus.Desc) {
	out <- spansTotal
	out <- spansQueued
}

// Collect implements [prometheus.Collector].
func (s Spans) Collect(out chan<- prometheus.Metric) {
	now := s()
	for result, n := range map[string]int64{
		"exported": now.Exported, "failed": now.Failed, "dropped": now.Dropped, "omitted": now.Omitted,
	} {
		out <- prometheus.MustNewConstMetric(spansTotal, prometheus.CounterValue, float64(n), result)
	}
	out <- prometheus.MustNewConstMetric(spansQueued, prometheus.GaugeValue, float64(now.Queued))
}
