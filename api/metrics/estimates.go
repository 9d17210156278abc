package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/pricing"
)

// maxModels is how many models have series of their own. A catalogue has a few
// dozen; a price file that is replaced again and again could bring any number.
const maxModels = 100

// otherModel is the label of models beyond maxModels.
const otherModel = "other"

// estimates is what is counted of estimates, those of batches among them.
type estimates struct {
	counts   *series[api.CountLabel, prometheus.Counter]
	verdicts *series[estimator.Decision, prometheus.Counter]
	findings *series[api.FindingLabel, prometheus.Counter]
	models   *series[string, model]
	costs    *series[money, prometheus.Counter]
	lines    *series[string, prometheus.Counter]
	problems *series[string, prometheus.Counter]
}

// model is what is counted of one.
type model struct{ estimates, tokens, unpriced prometheus.Counter }

// money is the labels of a sum.
type money struct {
	currency pricing.Currency
	model    string
}

// counters registers a counter with labels.
func counters(r prometheus.Registerer, name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.MustRegister(c)
	return c
}

func newEstimates(r prometheus.Registerer) estimates {
	counts := counters(r, "tollgate_estimates_total",
		"Estimates made, by how the prompt was counted and what the count cache said.", "method", "cache")
	verdicts := counters(r, "tollgate_verdicts_total", "Verdicts given, by decision.", "decision")
	findings := counters(r, "tollgate_findings_total", "Findings reported, by code and severity.", "code", "severity")
	lines := counters(r, "tollgate_batch_lines_total",
		"Lines of batches answered, by what the answer is. They are counted when their batch has ended.", "answer")
	problems := counters(r, "tollgate_batch_problems_total",
		"Lines of batches answered by a problem, by its code.", "code")
	costs := counters(r, "tollgate_estimated_cost_total",
		"Expected cost of the calls that were estimated, in units of the currency. An estimate, not a bill: no call is "+
			"made here. Denied calls are in it, calls without a price are not. The sum is floating point; answers are exact.",
		"currency", "model")
	return estimates{
		counts: newSeries(func(l api.CountLabel) prometheus.Counter {
			return counts.WithLabelValues(string(l.Method), string(l.Cache))
		}),
		verdicts: newSeries(func(d estimator.Decision) prometheus.Counter { return verdicts.WithLabelValues(string(d)) },
			estimator.Allow, estimator.AllowWithCaps, estimator.Deny),
		findings: newSeries(func(l api.FindingLabel) prometheus.Counter {
			return findings.WithLabelValues(string(l.Code), string(l.Severity))
		}),
		models:   newModels(r),
		costs:    newSeries(func(m money) prometheus.Counter { return costs.WithLabelValues(string(m.currency), m.model) }),
		lines:    newSeries(func(a string) prometheus.Counter { return lines.WithLabelValues(a) }, "estimate", "problem"),
		problems: newSeries(func(c string) prometheus.Counter { return problems.WithLabelValues(c) }),
	}
}

func newModels(r prometheus.Registerer) *series[string, model] {
	made := counters(r, "tollgate_model_estimates_total",
		"Estimates made, by the model's id in the price table.", "model")
	tokens := counters(r, "tollgate_prompt_tokens_total",
		"Tokens of the prompts that were estimated, by the model's id in the price table.", "model")
	unpriced := counters(r, "tollgate_unpriced_estimates_total",
		"Estimates without a price, by the model's id in the price table. They are in no sum of money.", "model")
	return newSeries(func(id string) model {
		return model{made.WithLabelValues(id), tokens.WithLabelValues(id), unpriced.WithLabelValues(id)}
	})
}

// one notes a single estimate.
func (m *estimates) one(est *estimator.Estimate) {
	m.counts.of(api.CountLabel{Method: est.Count.Method, Cache: est.Cache}).Inc()
	m.verdicts.of(est.Verdict.Decision).Inc()
	if est.Model == nil {
		return
	}
	id := m.label(est.Model.ID)
	of := m.models.of(id)
	of.estimates.Inc()
	of.tokens.Add(float64(est.Usage.PromptTokens))
	if est.Cost.Expected == nil {
		of.unpriced.Inc()
		return
	}
	m.cost(money{est.Cost.Currency, id}, *est.Cost.Expected)
}

// label is what a model is counted as.
func (m *estimates) label(id string) string {
	if m.models.size() < maxModels || m.models.has(id) {
		return id
	}
	return otherModel
}

// cost adds to a sum. What is far too large to be added exactly to what was
// there before is added as well as a float can.
func (m *estimates) cost(of money, amount pricing.Amount) {
	const unit = 1e12 // of an Amount, in one of a currency
	m.costs.of(of).Add(max(float64(amount), 0) / unit)
}

// batch notes what became of the lines of a batch.
func (m *estimates) batch(b *api.BatchTally) {
	problems := 0
	for code, n := range b.Problems {
		problems += n
		m.problems.of(code).Add(float64(n))
	}
	m.lines.of("problem").Add(float64(problems))
	m.lines.of("estimate").Add(float64(b.Lines - problems))
	for label, n := range b.Counts {
		m.counts.of(label).Add(float64(n))
	}
	for decision, n := range b.Decisions {
		m.verdicts.of(decision).Add(float64(n))
	}
	for label, n := range b.Findings {
		m.findings.of(label).Add(float64(n))
	}
	for id, tally := range b.Models {
		id = m.label(id)
		of := m.models.of(id)
		of.estimates.Add(float64(tally.Estimates))
		of.tokens.Add(float64(tally.PromptTokens))
		of.unpriced.Add(float64(tally.Unpriced))
		if tally.Unpriced < tally.Estimates {
			m.cost(money{b.Currency, id}, tally.Expected)
		}
	}
}
