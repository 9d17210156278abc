package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/gate"
	"tollgate/pricing"
)

// day is whose prices the samples have.
var day = time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC)

const tableHash = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// sum reads an amount, which may be negative.
func sum(text string) *pricing.Amount {
	digits, negative := strings.CutPrefix(text, "-")
	a, err := pricing.ParseAmount(digits)
	if err != nil {
		panic(err)
	}
	if negative {
		a = -a
	}
	return &a
}

// costs is the three amounts of a cost; an empty text is not known.
func costs(expected, low, high string) gate.Cost {
	one := func(text string) *pricing.Amount {
		if text == "" {
			return nil
		}
		return sum(text)
	}
	return gate.Cost{Expected: one(expected), Low: one(low), High: one(high)}
}

// measurement is that of a prompt of so many tokens, priced for so many calls.
func measurement(tokens, calls int64, high, total string) *gate.Measurement {
	return &gate.Measurement{
		Model: "kimi-k2.5", Hash: "sha256:" + strings.Repeat("a", 64), Method: estimator.MethodTokenizer, Version: "kimi-k2",
		PromptTokens: tokens, Low: tokens, High: tokens, CompletionTokens: 600, CachedTokens: tokens / 2, Calls: calls,
		Rates: &gate.Rates{
			InputCacheHit: 700_000, InputCacheMiss: 4_000_000, Output: 21_000_000,
			EffectiveFrom: time.Date(2026, 1, 27, 0, 0, 0, 0, time.UTC),
		},
		Cost: costs(high, "0.0000063", high), Total: costs(total, "0.063", total),
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: tokens - 4, Method: estimator.MethodTokenizer},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
		ContextLength: 262_144, Table: tableHash,
	}
}

// old is what the baseline keeps of a measurement.
func old(m *gate.Measurement) *gate.Measurement {
	m.Parts, m.ContextLength, m.Table = nil, 0, ""
	return m
}

// base is a report without cases.
func base(o gate.Outcome) *gate.Report {
	return &gate.Report{
		Outcome: o, Currency: pricing.CNY, Basis: estimator.BasisHigh, Source: "in process",
		Methods: []estimator.Method{estimator.MethodTokenizer}, At: day, Table: tableHash, Baseline: gate.DefaultBaseline,
		Outcomes: make(map[gate.Outcome]int),
	}
}

// with adds cases and what the gate counts of them.
func with(r *gate.Report, cases ...gate.Case) *gate.Report {
	r.Cases = append(r.Cases, cases...)
	for i := range cases {
		c := &cases[i]
		r.Outcomes[c.Outcome]++
		r.Totals.Cases++
		if c.Now == nil || c.Now.Total.High == nil {
			r.Totals.Unknown++
			continue
		}
		r.Totals.Calls += c.Now.Calls
		r.Totals.PromptTokens += c.Now.PromptTokens
	}
	return r
}

// steady is a case that is as it was.
func steady(id string) gate.Case {
	return gate.Case{
		ID: id, File: "prompts/" + id + ".json", Outcome: gate.Pass, State: gate.Unchanged,
		Now: measurement(1200, 10_000, "0.0174", "174"), Before: old(measurement(1200, 10_000, "0.0174", "174")),
		Change: &gate.Change{
			TokensGrowth: new(gate.Percent), TokensPrompt: new(int64), TokensMethod: new(int64), Cost: sum("0"),
			CostGrowth: new(gate.Percent),
			Causes:     gate.Causes{Prompt: sum("0"), Assumptions: sum("0"), Model: sum("0"), Price: sum("0"), Method: sum("0")},
		},
	}
}

// grown is a case that fails: it costs more than it may, and grew.
func grown() gate.Case {
	return gate.Case{
		ID: "support-triage", File: "prompts/triage.json", Outcome: gate.Fail, State: gate.Changed,
		Now: measurement(3400, 10_000, "0.0262", "262"), Before: old(measurement(1200, 10_000, "0.0174", "174")),
		Change: &gate.Change{
			Tokens: 2200, TokensGrowth: new(gate.Percent(1_833_333)), TokensPrompt: new(int64(2200)), TokensMethod: new(int64),
			Cost: sum("0.0088"), CostGrowth: new(gate.Percent(505_747)),
			Causes: gate.Causes{Prompt: sum("0.008"), Assumptions: sum("0"), Model: sum("0"), Price: sum("0.0008"), Method: sum("0")},
		},
		Break: &gate.Break{
			Kind: gate.BreakVolatile, Part: estimator.PartSystem, Role: "system", Position: 15, Share: 4_411, Lost: 3385,
			PerCall: sum("0.0111705"), Total: sum("111.705"), Line: 3,
			Detail: "what stands there looks like a date, a time or a random id",
			Fix:    "move what changes with every call to the end of the prompt, or leave it out",
		},
		Reasons: []gate.Reason{
			{
				Code: "cost_over_budget", Limit: "CNY 0.02", Actual: "CNY 0.0262", Shortfall: "CNY 0.0062",
				Message: "the high cost is CNY 0.0262; the budget is CNY 0.02",
				Fix:     "shorten the prompt, lower max_completion_tokens, take a cheaper model, or raise max_cost",
			},
			{
				Code: gate.GrowthOverLimit, Limit: "10.0%", Actual: "+183.3%", Shortfall: "173.3%",
				Message: "the prompt has grown by 183.3%, from 1200 to 3400 tokens; at most 10.0% are allowed",
				Fix:     "shorten the prompt, or accept the growth with --update-baseline",
			},
		},
		Notes: []gate.Note{{
			Severity: lint.Warning, Code: "parameter_deprecated", Message: "max_tokens is deprecated",
			Fix: "send max_completion_tokens", Pointer: "/max_tokens", Line: 12,
		}},
	}
}

// failed is a report with every outcome and every field in use.
func failed() *gate.Report {
	r := with(base(gate.Fail), grown(), steady("summary"), reviewer(), unknownModel(), renamed(), newcomer())
	r.Methods = []estimator.Method{estimator.MethodApproximation, estimator.MethodTokenizer}
	r.Removed = []gate.Removed{{ID: "old-case", File: "prompts/old.json", Before: *old(measurement(900, 1, "0.0162", "0.0162"))}}
	r.Totals.Before = costs("348.0162", "0.1260063", "348.0162")
	r.Reasons = []gate.Reason{{
		Code: gate.TotalCostUnknown, Unmeasured: true, Limit: "CNY 150",
		Message: "the total cost is not known: 2 of 6 cases have none", Fix: "see the cases that have no cost",
	}}
	return r
}

// reviewer is a case in Chinese that passes with warnings: it was counted in
// another way, has no upper bound, costs less than it did, and has tools in
// another order.
func reviewer() gate.Case {
	now := measurement(5000, 200, "", "")
	now.Method, now.Version, now.Low, now.High = estimator.MethodApproximation, "", 4700, estimator.Unbounded
	now.Cost, now.Total = costs("0.02", "0.0035", ""), costs("4", "0.7", "")
	return gate.Case{
		ID: "代码审查/中文提示词", File: "提示词/审查.jsonl", Line: 7, Outcome: gate.Warn, State: gate.Changed,
		Now: now, Before: old(measurement(5100, 100, "0.033", "3.3")),
		Change: &gate.Change{Tokens: -100, TokensGrowth: new(gate.Percent(-19_607)), MethodChanged: true},
		Break: &gate.Break{
			Kind: gate.BreakToolsReordered, Part: estimator.PartTools, Message: estimator.NoMessage, Position: 40, Share: 8_000, Lost: 4960,
			File: "提示词/工具.json", Line: 2, Detail: "the tools stand in another order, from tool lint on",
			Fix: "send the tools in one fixed order, whatever order they are registered in",
		},
		Notes: []gate.Note{{
			Severity: lint.Warning, Code: "method_changed",
			Message: "the baseline was counted by tokenizer (kimi-k2), this run by approximation",
			Fix:     "count both in the same way, or write the baseline anew",
		}},
	}
}

// unknownModel is a case that could not be measured.
func unknownModel() gate.Case {
	return gate.Case{
		ID: "image-check", File: "prompts/image.json", Outcome: gate.Unmeasured, State: gate.Changed,
		Before: old(measurement(2000, 1, "0.02", "0.02")),
		Reasons: []gate.Reason{{
			Code: gate.ModelUnknown, Unmeasured: true, Message: `unknown model "kimi-k9"; did you mean kimi-k2.5?`, Line: 2,
			Fix: "correct the model, or give a price file that has it with TOLLGATE_PRICES",
		}},
	}
}

// renamed is a case that has another name and another model.
func renamed() gate.Case {
	c := steady("triage-v2")
	c.From, c.State = "triage-v1", gate.Changed
	c.Change = &gate.Change{
		TokensGrowth: new(gate.Percent), TokensPrompt: new(int64), TokensMethod: new(int64), Cost: sum("-0.0026"),
		CostGrowth: new(gate.Percent(-130_000)),
		Causes:     gate.Causes{Prompt: sum("0"), Assumptions: sum("0.001"), Model: sum("-0.0036"), Price: sum("0"), Method: sum("0")},
	}
	c.Before.Cost, c.Before.Total = costs("0.02", "0.01", "0.02"), costs("200", "100", "200")
	c.Break = &gate.Break{
		Kind: gate.BreakMessage, Tail: true, Part: estimator.PartMessages, Message: 3, Role: "user", Position: 1000, Share: 833_333,
		Lost: 200, PerCall: sum("0.00066"), Total: sum("6.6"), Detail: "the message is another one from there on",
		Fix: "keep what all calls share at the start of the prompt, and what differs at its end",
	}
	return c
}

// newcomer is a case that the baseline has not, without a known price.
func newcomer() gate.Case {
	now := measurement(300_000, 1, "", "")
	now.Cost, now.Total, now.Rates, now.Table = gate.Cost{}, gate.Cost{}, nil, ""
	return gate.Case{
		ID: "long-report", File: "prompts/long.json", Outcome: gate.Fail, State: gate.New, Now: now,
		Reasons: []gate.Reason{
			{
				Code: "context_window_exceeded", Limit: "262144 tokens", Actual: "300600 tokens", Shortfall: "38456 tokens",
				Message: "prompt and completion need 300600 tokens; the window has 262144",
				Fix:     "shorten the prompt or lower max_completion_tokens",
			},
			{Code: "price_unknown", Message: "no price of it is known in CNY", Fix: "choose another currency or model"},
		},
	}
}

// samples are the reports that golden files show.
func samples() map[string]*gate.Report {
	calm := with(base(gate.Pass), steady("summary"), steady("triage"))
	calm.Totals.Cost, calm.Totals.Before = costs("348", "0.126", "348"), costs("348", "0.126", "348")
	calm.Totals.Change, calm.Totals.Growth = sum("0"), new(gate.Percent)

	first := with(base(gate.Pass), newcomerThatFits())
	first.Totals.Before, first.Updated = gate.Cost{}, true
	first.Totals.Cost = costs("1262", "0.063", "1262")

	warned := with(base(gate.Warn), renamed(), reviewer())
	warned.Outcome = gate.Warn

	blind := with(base(gate.Unmeasured), unknownModel())
	blind.Methods, blind.Table, blind.Source = nil, "", ""
	blind.Totals.Before = costs("0.02", "0.02", "0.02")

	over := with(base(gate.Fail), steady("summary"))
	over.Totals.Cost, over.Totals.Before = costs("174", "0.063", "174"), costs("174", "0.063", "174")
	over.Totals.Change, over.Totals.Growth = sum("0"), new(gate.Percent)
	over.Reasons = []gate.Reason{{
		Code: gate.TotalCostOver, Limit: "CNY 150", Actual: "CNY 174", Shortfall: "CNY 24",
		Message: "all calls together cost CNY 174; the budget is CNY 150",
		Fix:     "shorten prompts, lower the output, or raise max_total_cost",
	}}
	return map[string]*gate.Report{
		"pass": calm, "first": first, "warn": warned, "unmeasured": blind, "total": over, "fail": failed(),
	}
}

func newcomerThatFits() gate.Case {
	c := steady("summary")
	c.State, c.Before, c.Change = gate.New, nil, nil
	return c
}

// many is a report of n cases, every thousandth of which fails.
func many(n int) *gate.Report {
	r := base(gate.Fail)
	for i := range n {
		c := steady(fmt.Sprintf("case-%06d", i))
		if i%1000 == 0 {
			failing := grown()
			failing.ID = c.ID
			c = failing
		}
		with(r, c)
	}
	return r
}

func TestTheSamplesCountTheirCases(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		n := 0
		for _, k := range r.Outcomes {
			n += k
		}
		require.Equal(t, len(r.Cases), n, name)
	}
}
