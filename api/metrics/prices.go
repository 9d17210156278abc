package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate/pricing"
)

// desc describes a metric that is asked for when it is shown.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	priceInfo = desc("tollgate_price_table_info",
		"Constant 1, labelled with the hash of the price table in force.", "hash")
	priceAge = desc("tollgate_price_table_age_seconds",
		"Time since the day on which a price of the table was last read.")
	priceModels = desc("tollgate_price_table_models", "Models in the price table.")
)

// priceCollector tells which price table is in force, whenever it is asked.
type priceCollector struct {
	book func() *pricing.Book
	now  func() time.Time
}

// Describe implements [prometheus.Collector].
func (*priceCollector) Describe(out chan<- *prometheus.Desc) {
	out <- priceInfo
	out <- priceAge
	out <- priceModels
}

// Collect sends the table's hash, and its age since a price was last read.
func (p *priceCollector) Collect(out chan<- prometheus.Metric) {
	b := p.book()
	if b == nil {
		return
	}
	gauge := prometheus.GaugeValue
	out <- prometheus.MustNewConstMetric(priceInfo, gauge, 1, b.Hash())
	out <- prometheus.MustNewConstMetric(priceAge, gauge, max(p.now().Sub(b.Checked()), 0).Seconds())
	out <- prometheus.MustNewConstMetric(priceModels, gauge, float64(len(b.Models())))
}
