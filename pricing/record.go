package pricing

import "go.yaml.in/yaml/v3"

// The functions of this file are the format of a record: which keys there are,
// which must be there, and what each is read as. What values must keep among
// each other is in check.go.

// model reads one record.
func (d *decoder) model(n *yaml.Node) (*Model, *layout) {
	m, l := &Model{}, &layout{at: n}
	d.record = recordID(n)
	d.object(n, "record", []field{
		{"id", true, d.text(&m.ID)},
		{"aliases", false, d.texts("aliases", &m.Aliases)},
		{"family", true, d.text(&m.Family)},
		{"context_length", true, d.integer(&m.ContextLength)},
		{"default_max_completion", true, d.integer(&m.DefaultMaxCompletion)},
		{"context_cache", true, d.boolean(&m.ContextCache)},
		{"image_in", true, d.boolean(&m.SupportsImageIn)},
		{"video_in", true, d.boolean(&m.SupportsVideoIn)},
		{"reasoning", true, d.boolean(&m.SupportsReasoning)},
		{"released", false, d.day(&m.Released)},
		{"retired", false, d.day(&m.Retired)},
		{"successor", false, d.text(&m.Successor)},
		{"batch_factor", false, d.text(&m.BatchFactor)},
		{"params", true, func(n *yaml.Node) { d.params(n, &m.Params) }},
		{"prices", true, func(n *yaml.Node) {
			d.list(n, "prices", func(n *yaml.Node) {
				m.Prices = append(m.Prices, d.price(n))
				l.prices = append(l.prices, n)
			})
		}},
		{"fees", false, func(n *yaml.Node) {
			d.list(n, "fees", func(n *yaml.Node) {
				m.Fees = append(m.Fees, d.fee(n))
				l.fees = append(l.fees, n)
			})
		}},
		{"sources", true, func(n *yaml.Node) {
			d.list(n, "sources", func(n *yaml.Node) {
				m.Sources = append(m.Sources, d.source(n))
				l.sources = append(l.sources, n)
			})
		}},
		{"notes", false, d.texts("notes", &m.Notes)},
	})
	return m, l
}

// layout remembers where the parts of a record stand in its file.
type layout struct {
	at      *yaml.Node
	prices  []*yaml.Node
	fees    []*yaml.Node
	sources []*yaml.Node
}

// recordID finds the id of a record before the record is read, for messages.
func recordID(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "id" {
			return clip(n.Content[i+1].Value)
		}
	}
	return ""
}

func (d *decoder) params(n *yaml.Node, p *Params) {
	d.object(n, "params", []field{
		{"temperature", false, d.fixed(&p.Temperature)},
		{"temperature_no_think", false, d.fixed(&p.TemperatureNoThink)},
		{"top_p", false, d.fixed(&p.TopP)},
		{"n", false, d.fixed(&p.N)},
		{"presence_penalty", false, d.fixed(&p.PresencePenalty)},
		{"frequency_penalty", false, d.fixed(&p.FrequencyPenalty)},
		{"thinking", false, func(n *yaml.Node) { d.text((*string)(&p.Thinking))(n) }},
		{"thinking_types", false, d.texts("thinking_types", &p.ThinkingTypes)},
		{"thinking_keep", false, d.texts("thinking_keep", &p.ThinkingKeep)},
		{"reasoning_effort", false, d.texts("reasoning_effort", &p.ReasoningEffort)},
		{"reasoning_open", false, d.boolean(&p.ReasoningOpen)},
		{"tool_choice", false, d.texts("tool_choice", &p.ToolChoice)},
		{"min_thinking_tokens", false, d.integer(&p.MinThinkingTokens)},
		{"system_tools", false, d.boolean(&p.SystemTools)},
		{"max_tools", false, d.small(&p.MaxTools)},
		{"max_stop", false, d.small(&p.MaxStop)},
		{"max_stop_bytes", false, d.small(&p.MaxStopBytes)},
		{"max_body_bytes", false, d.integer(&p.MaxBodyBytes)},
		{"image_formats", false, d.texts("image_formats", &p.ImageFormats)},
		{"video_formats", false, d.texts("video_formats", &p.VideoFormats)},
		{"max_image_width", false, d.small(&p.MaxImageWidth)},
		{"max_image_height", false, d.small(&p.MaxImageHeight)},
		{"max_video_width", false, d.small(&p.MaxVideoWidth)},
		{"max_video_height", false, d.small(&p.MaxVideoHeight)},
	})
}

// fixed reads the range of a parameter: one value, or min and max.
func (d *decoder) fixed(into **Fixed) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var f Fixed
		if n.Kind == yaml.MappingNode {
			d.object(n, "range", []field{{"min", true, d.text(&f.Min)}, {"max", true, d.text(&f.Max)}})
		} else {
			d.text(&f.Min)(n)
			f.Max = f.Min
		}
		low, errLow := parseSigned(f.Min)
		high, errHigh := parseSigned(f.Max)
		if errLow != nil || errHigh != nil || low > high {
			d.failf(n, `want a decimal in quotes, or a range such as {min: "0", max: "1"}`)
			return
		}
		*into = &f
	}
}

// parseSigned reads a decimal with at most 6 decimals that may be negative.
func parseSigned(s string) (int64, error) {
	if len(s) > 0 && s[0] == '-' {
		v, err := parseDecimal(s[1:], rateDecimals)
		return -v, err
	}
	return parseDecimal(s, rateDecimals)
}

// rates is the rates of one tier as they are written: input stands for hit and
// miss where the model has no context cache.
type rates struct {
	upTo                     int64
	input, hit, miss, output *Rate
}

func (d *decoder) rateFields(r *rates) []field {
	return []field{
		{"input", false, d.optional(&r.input)},
		{"input_cache_hit", false, d.optional(&r.hit)},
		{"input_cache_miss", false, d.optional(&r.miss)},
		{"output", false, d.optional(&r.output)},
	}
}

// optional reads a rate that may be left out.
func (d *decoder) optional(into **Rate) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var r Rate
		d.rate(&r)(n)
		*into = &r
	}
}

// tier checks that the rates of a tier are complete.
func (d *decoder) tier(n *yaml.Node, r rates) Tier {
	t := Tier{UpTo: r.upTo}
	switch {
	case r.input != nil && r.hit == nil && r.miss == nil:
		t.InputCacheHit, t.InputCacheMiss = *r.input, *r.input
	case r.input == nil && r.hit != nil && r.miss != nil:
		t.InputCacheHit, t.InputCacheMiss = *r.hit, *r.miss
	default:
		d.failf(n, "price: want input_cache_hit and input_cache_miss, or input alone without a context cache")
	}
	if r.output == nil {
		d.failf(n, "price: output is missing")
		return t
	}
	t.Output = *r.output
	return t
}

func (d *decoder) price(n *yaml.Node) Price {
	var p Price
	var flat rates
	fields := []field{
		{"currency", true, func(n *yaml.Node) { d.currency(n, &p.Currency) }},
		{"effective_from", true, d.day(&p.EffectiveFrom)},
		{"effective_until", false, d.day(&p.EffectiveUntil)},
		{"tiers", false, func(n *yaml.Node) {
			d.list(n, "tiers", func(n *yaml.Node) {
				var r rates
				d.object(n, "tier", append(d.rateFields(&r), field{"up_to", true, d.integer(&r.upTo)}))
				p.Tiers = append(p.Tiers, d.tier(n, r))
			})
		}},
		{"cache_write_5m", false, d.optional(&p.CacheWrite5m)},
		{"cache_write_1h", false, d.optional(&p.CacheWrite1h)},
		{"source", true, d.text(&p.Source)},
		{"checked", true, d.day(&p.Checked)},
		{"note", false, d.text(&p.Note)},
	}
	d.object(n, "price", append(fields, d.rateFields(&flat)...))
	if len(p.Tiers) == 0 {
		p.Tiers = []Tier{d.tier(n, flat)}
	} else if flat != (rates{}) {
		d.failf(n, "price: rates beside tiers")
	}
	return p
}

func (d *decoder) currency(n *yaml.Node, into *Currency) {
	var s string
	d.text(&s)(n)
	c, err := ParseCurrency(s)
	if err != nil {
		d.failf(n, "%v", err)
		return
	}
	*into = c
}

func (d *decoder) fee(n *yaml.Node) Fee {
	var f Fee
	d.object(n, "fee", []field{
		{"item", true, d.text(&f.Item)},
		{"currency", true, func(n *yaml.Node) { d.currency(n, &f.Currency) }},
		{"per_call", true, d.amount(&f.PerCall)},
		{"source", true, d.text(&f.Source)},
		{"checked", true, d.day(&f.Checked)},
		{"note", false, d.text(&f.Note)},
	})
	return f
}

func (d *decoder) source(n *yaml.Node) Source {
	var s Source
	d.object(n, "source", []field{
		{"covers", true, d.text(&s.Covers)},
		{"url", true, d.text(&s.URL)},
		{"checked", true, d.day(&s.Checked)},
	})
	return s
}
