package metrics

import "github.com/prometheus/client_golang/prometheus"

// File is what became of a file that is read again when it changes.
type File struct {
	Name     string // what it holds: one of few, and ours
	Loads    int64  // times it was put in force
	Refusals int64  // times it was bad and kept out
	Refused  bool   // it is bad as it is now, and what was in force before still is
}

var (
	fileLoads    = desc("tollgate_file_loads_total", "Times that a file was read and put in force.", "file")
	fileRefusals = desc("tollgate_file_refusals_total", "Times that a changed file was bad and kept out.", "file")
	fileRefused  = desc("tollgate_file_refused", "1 while a file is bad and what it held before is in force, else 0.", "file")
)

// fileCollector tells of files, whenever it is asked.
type fileCollector struct{ files func() []File }

// Describe implements [prometheus.Collector].
func (*fileCollector) Describe(out chan<- *prometheus.Desc) {
	out <- fileLoads
	out <- fileRefusals
	out <- fileRefused
}

// Collect sends what became of each file. Which there are is a matter of
// settings.
func (f *fileCollector) Collect(out chan<- prometheus.Metric) {
	if f.files == nil {
		return
	}
	for _, s := range f.files() {
		out <- prometheus.MustNewConstMetric(fileLoads, prometheus.CounterValue, float64(s.Loads), s.Name)
		out <- prometheus.MustNewConstMetric(fileRefusals, prometheus.CounterValue, float64(s.Refusals), s.Name)
		out <- prometheus.MustNewConstMetric(fileRefused, prometheus.GaugeValue, truth(s.Refused), s.Name)
	}
}

// truth is 1 for what is so, else 0.
func truth(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
