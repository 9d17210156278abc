package metrics

import "github.com/prometheus/client_golang/prometheus"

// File is what became of a file that is read again when it changes.
type File struct {
	Name     string // what it holds: one of few, and ours
	Loads    int64  // times it was put in force
	Refusals int64  // times it was bad and kept out
	Refused  bool   // it is bad as it is now, and what was in force before still is
}

// fileCollector tells of files, whenever it is asked.
type fileCollector struct{ files func() []File }

// Describe describes nothing: which files there are is a matter of settings.
func (*fileCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends what became of each file.
func (f *fileCollector) Collect(out chan<- prometheus.Metric) {
	if f.files == nil {
		return
	}
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"file"}, nil)
	}
	loads := desc("tollgate_file_loads_total", "Times that a file was read and put in force.")
	refusals := desc("tollgate_file_refusals_total", "Times that a changed file was bad and kept out.")
	refused := desc("tollgate_file_refused", "1 while a file is bad and what it held before is in force, else 0.")
	for _, s := range f.files() {
		now := 0.0
		if s.Refused {
			now = 1
		}
		out <- prometheus.MustNewConstMetric(loads, prometheus.CounterValue, float64(s.Loads), s.Name)
		out <- prometheus.MustNewConstMetric(refusals, prometheus.CounterValue, float64(s.Refusals), s.Name)
		out <- prometheus.MustNewConstMetric(refused, prometheus.GaugeValue, now, s.Name)
	}
}
