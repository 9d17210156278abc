package report

import (
	"fmt"
	"strings"
	"time"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/gate/term"
	"tollgate/pricing"
)

// verdict is the outcome in one sentence, with how many cases came out how.
func verdict(r *gate.Report) string {
	came := map[gate.Outcome]string{
		gate.Fail: "failed", gate.Unmeasured: "could not be measured", gate.Warn: "passed with a warning", gate.Pass: "passed",
	}
	var parts []string
	for _, o := range outcomes {
		n := r.Outcomes[o]
		switch {
		case n == 0:
		case len(parts) == 0:
			parts = append(parts, fmt.Sprintf("%s of %s %s", term.Number(int64(n)), count(int64(len(r.Cases)), "case"), came[o]))
		default:
			parts = append(parts, term.Number(int64(n))+" "+came[o])
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "there are no cases")
	}
	said := []string{word(r.Outcome) + ": " + strings.Join(parts, ", ")}
	for i := range r.Reasons {
		said = append(said, r.Reasons[i].Message)
	}
	return fmt.Sprintf("%s (exit code %d)", strings.Join(said, "; "), r.Outcome.ExitCode())
}

// provenance says where the numbers are from, a sentence fragment a line.
func provenance(r *gate.Report) []string {
	methods := make([]string, len(r.Methods))
	for i, m := range r.Methods {
		methods[i] = string(m)
	}
	counted := "nothing was counted"
	if len(methods) > 0 {
		counted = "counted by " + strings.Join(methods, " and ")
		if r.Source != "" {
			counted += ", " + r.Source
		}
	}
	prices := "prices of " + date(r.At)
	if r.Table == "" {
		prices += ", price table unknown"
	} else {
		prices += ", price table " + shortHash(r.Table)
	}
	return []string{counted, prices, "costs in " + string(r.Currency) + ", " + basisWords(basis(r)), compared(r)}
}

func date(at time.Time) string {
	if at.IsZero() {
		return "an unknown day"
	}
	return at.UTC().Format(time.DateOnly)
}

// compared says what the cases were compared with and how they stand to it.
func compared(r *gate.Report) string {
	text := "compared with no baseline"
	if old := r.Totals.Before != (gate.Cost{}); r.Baseline != "" && (old || !r.Updated) {
		text = "compared with " + r.Baseline + ": " + states(r)
	}
	if r.Updated {
		text += "; " + r.Baseline + " was written anew from these cases"
	}
	return text
}

// states counts how the cases stand to the baseline.
func states(r *gate.Report) string {
	number := make(map[gate.State]int64)
	var renamed int64
	for i := range r.Cases {
		number[r.Cases[i].State]++
		if r.Cases[i].From != "" {
			renamed++
		}
	}
	var parts []string
	add := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, term.Number(n)+" "+what)
		}
	}
	add(number[gate.New], string(gate.New))
	add(number[gate.Changed], string(gate.Changed))
	add(number[gate.Unchanged], string(gate.Unchanged))
	add(renamed, "renamed")
	add(int64(len(r.Removed)), "removed")
	if len(parts) == 0 {
		return "nothing on either side"
	}
	return strings.Join(parts, ", ")
}

// total is what all calls of all cases cost, now and before.
func total(r *gate.Report) string {
	t := &r.Totals
	now := t.Cost.Of(basis(r))
	text := fmt.Sprintf("%s for %s of %s", money(r.Currency, now), count(t.Calls, "call"), count(int64(t.Cases), "case"))
	if t.Unknown > 0 {
		text = fmt.Sprintf("%s, for that of %s of %s is not known", unknown,
			term.Number(int64(t.Unknown)), count(int64(t.Cases), "case"))
	}
	if r.Baseline == "" {
		return text
	}
	text += "; " + money(r.Currency, t.Before.Of(basis(r))) + " before"
	return text + ": " + change(r.Currency, t.Change) + inBrackets(percent(t.Growth))
}

// news is the facts of a case that say more than its row in the table: none
// of one that passed and is as it was.
func news(r *gate.Report, c *gate.Case) []string {
	if c.Outcome.ExitCode() == gate.ExitPass && !fresh(r, c) {
		return nil
	}
	return facts(r, c)
}

// facts is what a case is now and was before, a sentence fragment a line.
func facts(r *gate.Report, c *gate.Case) []string {
	var list []string
	if c.From != "" {
		list = append(list, "renamed: it was "+c.From)
	}
	if c.State == gate.New && r.Baseline != "" {
		list = append(list, "new: the baseline has no such case")
	}
	if c.Now == nil {
		return append(list, "prompt and cost: unknown")
	}
	return append(list, size(c), cost(r, c), all(r, c), measured(c.Now))
}

// asBefore stands behind what is as it was in the baseline.
const asBefore = ", as before"

// size is the prompt of a case in tokens.
func size(c *gate.Case) string {
	text := "prompt: " + count(c.Now.PromptTokens, "token")
	if c.Change == nil || c.Before == nil {
		return text
	}
	if c.Change.Tokens == 0 && !c.Change.MethodChanged {
		return text + asBefore
	}
	text += fmt.Sprintf(", %s before: %s%s", term.Number(c.Before.PromptTokens),
		signed(term.Number(c.Change.Tokens)), inBrackets(percent(c.Change.TokensGrowth)))
	switch prompt, method := c.Change.TokensPrompt, c.Change.TokensMethod; {
	case !c.Change.MethodChanged:
	case prompt == nil || method == nil:
		text += "; how much of it is the prompt and how much another way of counting is " + unknown
	default:
		text += fmt.Sprintf("; by the prompt %s, by another way of counting %s",
			signed(term.Number(*prompt)), signed(term.Number(*method)))
	}
	return text
}

// cost is what one call costs, and what caused it to change.
func cost(r *gate.Report, c *gate.Case) string {
	b := basisOf(r, c)
	text := "cost per call: " + money(r.Currency, c.Now.Cost.Of(b))
	if b != basis(r) {
		text = "cost per call, " + basisWords(b) + ": " + money(r.Currency, c.Now.Cost.Of(b))
	}
	if c.Change == nil || c.Before == nil {
		return text
	}
	if c.Change.Cost != nil && *c.Change.Cost == 0 {
		return text + asBefore
	}
	return fmt.Sprintf("%s, %s before: %s%s; %s", text, money(r.Currency, c.Before.Cost.Of(b)),
		change(r.Currency, c.Change.Cost), inBrackets(percent(c.Change.CostGrowth)), causes(r.Currency, &c.Change.Causes))
}

// cause is a member of [gate.Causes] with its name.
type cause struct {
	name   string
	amount *pricing.Amount
}

func causeList(c *gate.Causes) []cause {
	return []cause{
		{"the prompt", c.Prompt},
		{"other assumptions", c.Assumptions},
		{"another model", c.Model},
		{"the vendor's prices", c.Price},
		{"another way of counting", c.Method},
	}
}

// causes splits a change of cost. What is zero is left out.
func causes(currency pricing.Currency, c *gate.Causes) string {
	var parts []string
	for _, one := range causeList(c) {
		if one.amount == nil || *one.amount != 0 {
			parts = append(parts, one.name+" "+change(currency, one.amount))
		}
	}
	if len(parts) == 0 || *c == (gate.Causes{}) {
		return "its causes are " + unknown
	}
	return "caused by " + strings.Join(parts, ", ")
}

// all is what all calls cost.
func all(r *gate.Report, c *gate.Case) string {
	b := basisOf(r, c)
	text := fmt.Sprintf("cost for %s: %s", count(c.Now.Calls, "call"), money(r.Currency, c.Now.Total.Of(b)))
	if c.Before == nil {
		return text
	}
	now, before := c.Now.Total.Of(b), c.Before.Total.Of(b)
	if now != nil && before != nil && *now == *before && c.Now.Calls == c.Before.Calls {
		return text + asBefore
	}
	return text + fmt.Sprintf(", %s for %s before", money(r.Currency, before), count(c.Before.Calls, "call"))
}

// measured is how a prompt was counted and how much of the window it leaves.
func measured(m *gate.Measurement) string {
	how := string(m.Method)
	if m.Version != "" {
		how += " (" + m.Version + ")"
	}
	bounds := "exact"
	switch {
	case m.High == estimator.Unbounded:
		bounds = fmt.Sprintf("at least %s", term.Number(m.Low))
	case m.Low != m.High:
		bounds = fmt.Sprintf("between %s and %s", term.Number(m.Low), term.Number(m.High))
	}
	text := fmt.Sprintf("%s, counted by %s: %s; %s of output and %s assumed", m.Model, how, bounds,
		count(m.CompletionTokens, "token"), count(m.CachedTokens, "cached token"))
	if m.ContextLength > 0 {
		most := ""
		if m.High == estimator.Unbounded {
			most = "at most "
		}
		text += fmt.Sprintf("; headroom "+most+"%s of %s", term.Number(m.ContextLength-m.PromptTokens), count(m.ContextLength, "token"))
	}
	return text
}
