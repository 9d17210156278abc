package pricing

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxID bounds an id or alias, in bytes; lookups of longer ones are not
// compared with it.
const maxID = maxEcho

// check holds a record against every rule that its values must keep among each
// other. What needs the other records is in checkTogether.
func (d *decoder) check(m *Model, l *layout) {
	d.checkNames(m, l.at)
	if m.DefaultMaxCompletion > m.ContextLength {
		d.failf(l.at, "default_max_completion is over context_length")
	}
	if !m.Retired.IsZero() && !m.Retired.After(m.Released) {
		d.failf(l.at, "retired is not after released")
	}
	if m.Successor != "" && (m.Retired.IsZero() || m.Successor == m.ID) {
		d.failf(l.at, "successor: only of a retired model, and not itself")
	}
	d.checkParams(m, l.at)
	for i := range m.Prices {
		d.checkPrice(m, &m.Prices[i], l.prices[i])
	}
	d.checkPeriods(m, l)
	for i := range m.Fees {
		d.checkSource(m.Fees[i].Source, m.Fees[i].Checked, l.fees[i])
	}
	for i := range m.Sources {
		d.checkSource(m.Sources[i].URL, m.Sources[i].Checked, l.sources[i])
	}
}

func (d *decoder) checkNames(m *Model, at *yaml.Node) {
	for _, name := range m.names() {
		if !validName(name) {
			d.failf(at, "id or alias %q: want up to %d letters, digits and any of . - _ / :", clip(name), maxID)
		}
	}
	if slices.Contains(m.Aliases, m.ID) {
		d.failf(at, "the id is an alias of itself")
	}
}

func validName(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for i := range len(s) {
		c := s[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alphanumeric && (i == 0 || !strings.ContainsRune(".-_/:", rune(c))) {
			return false
		}
	}
	return true
}

func (d *decoder) checkParams(m *Model, at *yaml.Node) {
	p := &m.Params
	switch p.Thinking {
	case ThinkingNone, ThinkingOptional, ThinkingAlways, ThinkingNever:
	default:
		d.failf(at, "params: thinking: want optional, always or unsent")
	}
	for _, rule := range []struct {
		broken  bool
		message string
	}{
		{
			m.SupportsReasoning != (p.Thinking != ThinkingNone),
			"thinking is set for models with reasoning, and for no others",
		},
		{
			p.Thinking == ThinkingOptional && !slices.Contains(p.ThinkingTypes, "disabled"),
			`thinking is optional, but thinking_types has no "disabled"`,
		},
		{
			p.TemperatureNoThink != nil && p.Thinking != ThinkingOptional,
			"temperature_no_think: the model cannot stop to think",
		},
		{
			p.MinThinkingTokens > 0 && p.Thinking == ThinkingNone,
			"min_thinking_tokens of a model that does not think",
		},
		{
			p.ReasoningOpen && len(p.ReasoningEffort) > 0,
			"reasoning_open beside a list of values",
		},
		{
			m.SupportsImageIn != (len(p.ImageFormats) > 0) || m.SupportsVideoIn != (len(p.VideoFormats) > 0),
			"image_formats and video_formats are for models that take them, and for no others",
		},
	} {
		if rule.broken {
			d.failf(at, "params: %s", rule.message)
		}
	}
}

func (d *decoder) checkPrice(m *Model, p *Price, at *yaml.Node) {
	d.checkSource(p.Source, p.Checked, at)
	if !p.EffectiveUntil.IsZero() && !p.EffectiveUntil.After(p.EffectiveFrom) {
		d.failf(at, "price: effective_until is not after effective_from")
	}
	for i, t := range p.Tiers {
		if i > 0 && t.UpTo <= p.Tiers[i-1].UpTo {
			d.failf(at, "price: tiers: up_to does not grow")
		}
		d.checkTier(m, p, t, at)
	}
	if last := p.Tiers[len(p.Tiers)-1].UpTo; last != 0 && last != m.ContextLength {
		d.failf(at, "price: tiers: up_to of the last one is not context_length")
	}
	if m.BatchFactor != "" {
		d.checkBatch(m, p, at)
	}
}

func (d *decoder) checkBatch(m *Model, p *Price, at *yaml.Node) {
	if f, err := ParseRate(m.BatchFactor); err != nil || f == 0 || f > rateUnit {
		d.failf(at, "batch_factor: want a decimal above 0 and up to 1")
	} else if _, err := p.Batch(m.BatchFactor); err != nil {
		d.failf(at, "%v", err)
	}
}

func (d *decoder) checkTier(m *Model, p *Price, t Tier, at *yaml.Node) {
	switch {
	case t.InputCacheHit > t.InputCacheMiss:
		d.failf(at, "price: a cache hit costs more than a miss")
	case m.ContextCache && t.InputCacheHit == t.InputCacheMiss:
		d.failf(at, "price: a cache hit costs as much as a miss, but context_cache is true")
	case !m.ContextCache && t.InputCacheHit != t.InputCacheMiss:
		d.failf(at, "price: hit and miss differ, but context_cache is false")
	}
	if (t.InputCacheHit == 0 || t.Output == 0) && p.Note == "" {
		d.failf(at, "price: a rate of 0 needs a note that says that it is free")
	}
	if !m.ContextCache && (p.CacheWrite5m != nil || p.CacheWrite1h != nil) {
		d.failf(at, "price: cache_write rates, but context_cache is false")
	}
}

// checkPeriods puts prices in order and refuses two for one day.
func (d *decoder) checkPeriods(m *Model, l *layout) {
	order := make([]int, len(m.Prices))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := &m.Prices[i], &m.Prices[j]
		return cmp.Or(cmp.Compare(x.Currency, y.Currency), x.EffectiveFrom.Compare(y.EffectiveFrom))
	})
	sorted := make([]Price, 0, len(m.Prices))
	for _, i := range order {
		p := m.Prices[i]
		if n := len(sorted); n > 0 && sorted[n-1].Currency == p.Currency {
			if until := sorted[n-1].EffectiveUntil; until.IsZero() || until.After(p.EffectiveFrom) {
				d.failf(l.prices[i], "price: the period overlaps with the one from %s",
					sorted[n-1].EffectiveFrom.Format(time.DateOnly))
			}
		}
		sorted = append(sorted, p)
	}
	m.Prices = sorted
}

// checkSource refuses a figure that nobody could check again.
func (d *decoder) checkSource(source string, checked time.Time, at *yaml.Node) {
	if source == "" || checked.IsZero() {
		return // missing: said when the record was read
	}
	if u, err := url.Parse(source); err != nil || u.Scheme != "https" || u.Host == "" {
		d.failf(at, "source: want an https URL")
	}
}

// checkTogether holds records against each other: every name once, every
// successor there.
func checkTogether(records []record) []Problem {
	var problems []Problem
	owner := make(map[string]*record)
	fail := func(r *record, message string) {
		problems = append(problems, Problem{File: r.file, Line: r.layout.at.Line, Record: r.model.ID, Message: message})
	}
	for i := range records {
		r := &records[i]
		for _, name := range r.model.names() {
			if name == "" {
				continue // missing: said when the record was read
			}
			if first, taken := owner[name]; taken {
				fail(r, "id or alias "+name+" is taken by "+first.model.ID+" in "+first.file)
				continue
			}
			owner[name] = r
		}
	}
	for i := range records {
		r := &records[i]
		if s := r.model.Successor; s != "" {
			if next, ok := owner[s]; !ok || next.model.ID != s {
				fail(r, "successor "+s+" is the id of no record")
			}
		}
	}
	return problems
}
