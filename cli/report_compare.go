package cli

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/gate/term"
)

// comparisonReport lays out a comparison for a person: a table for each
// question, with a row for each model, and the verdicts at the end.
type comparisonReport struct {
	report

	of *api.Comparison
}

// String is the whole report. Every line ends with a line break.
func (r *comparisonReport) String() string {
	estimates := r.estimates()
	if len(estimates) > 0 {
		r.tokens(estimates)
		r.costs(estimates)
		r.findings()
	}
	r.verdicts()
	return r.out.String()
}

// estimates is the models that have one.
func (r *comparisonReport) estimates() []api.ComparedModel {
	return slices.DeleteFunc(slices.Clone(r.of.Data), func(m api.ComparedModel) bool { return m.Estimate == nil })
}

// tokens says what was counted for each model, between which bounds, and what
// it leaves of the window.
func (r *comparisonReport) tokens(estimates []api.ComparedModel) {
	r.heading("Tokens", "counted by "+methods(estimates))
	t := term.NewTable(term.Left, term.Right, term.Right, term.Right, term.Right, term.Right)
	t.Header("model", "prompt", "low", "high", "completion", "headroom")
	for _, m := range estimates {
		count, high := &m.Estimate.Count, "unknown"
		if count.High != nil {
			high = term.Number(*count.High)
		}
		t.Row(m.Model, term.Number(m.Estimate.Usage.PromptTokens), term.Number(count.Low), high,
			term.Number(m.Estimate.Usage.CompletionTokens), term.Number(m.Estimate.Context.Headroom))
	}
	r.body(t.String(), 2)
}

// methods is how the prompts were counted.
func methods(estimates []api.ComparedModel) string {
	var names []string
	for _, m := range estimates {
		if !slices.Contains(names, m.Estimate.Count.Method) {
			names = append(names, m.Estimate.Count.Method)
		}
	}
	return strings.Join(names, ", ")
}

// costs says what the call costs on each model, line by line, and between which
// bounds.
func (r *comparisonReport) costs(estimates []api.ComparedModel) {
	r.heading("Cost in "+estimates[0].Estimate.Cost.Currency, "")
	var lines, sums [3][]string
	for _, m := range estimates {
		c := &m.Estimate.Cost
		for i := range lines {
			text := unknownAmount
			if i < len(c.Lines) {
				text = term.Decimal(c.Lines[i].Amount)
			}
			lines[i] = append(lines[i], text)
		}
		for i, sum := range []*string{c.Expected, c.Low, c.High} {
			sums[i] = append(sums[i], amount(sum))
		}
	}
	r.body(amountTable(estimates, []string{"cache hit", "cache miss", "output"}, lines), 2)
	r.out.WriteByte('\n')
	r.body(amountTable(estimates, []string{"expected", "lowest", "highest"}, sums), 2)
}

// amountTable is a table of three columns of money.
func amountTable(estimates []api.ComparedModel, names []string, columns [3][]string) string {
	t := term.NewTable(term.Left, term.Right, term.Right, term.Right)
	t.Header(append([]string{"model"}, names...)...)
	for i := range columns {
		columns[i] = term.AlignPoints(columns[i]...)
	}
	for i, m := range estimates {
		t.Row(m.Model, columns[0][i], columns[1][i], columns[2][i])
	}
	return t.String()
}

// sharedFinding is a finding and the models that have it.
type sharedFinding struct {
	api.Finding

	models []string
}

// findings tells what to know before the request is sent. What is the same on
// several models is said once.
func (r *comparisonReport) findings() {
	var found []sharedFinding
	for _, m := range r.estimates() {
		for _, f := range m.Estimate.Findings {
			i := slices.IndexFunc(found, func(s sharedFinding) bool { return s.Finding == f })
			if i < 0 {
				i, found = len(found), append(found, sharedFinding{Finding: f})
			}
			found[i].models = append(found[i].models, m.Model)
		}
	}
	none := "none"
	if len(found) > 0 {
		none = ""
	}
	r.heading("Findings:", none)
	for _, s := range severities {
		for i := range found {
			if found[i].Severity == string(s.severity) {
				r.finding(&found[i].Finding, s.meaning)
				r.sentence(term.Plain, "on "+strings.Join(found[i].models, ", "), 4)
			}
		}
	}
}

// verdicts says on which models to make the call, why not on the others, and
// which costs the least.
func (r *comparisonReport) verdicts() {
	r.heading("Verdicts", "")
	t := term.NewTable(term.Left, term.Left, term.Left)
	for _, m := range r.of.Data {
		decision, meaning, why := "problem", term.Bad, ""
		switch {
		case m.Problem != nil:
			why = words(m.Problem.Code)
		case m.Estimate != nil:
			decision, meaning = words(m.Estimate.Verdict.Decision), meaningOf(m.Estimate.Verdict.Decision)
			why = reasons(&m.Estimate.Verdict)
		}
		t.Row(m.Model, r.paint.Paint(meaning, decision), why)
	}
	r.body(t.String(), 2)
	for _, m := range r.of.Data {
		if m.Problem != nil {
			r.sentence(term.Plain, m.Model+": "+m.Problem.Detail, 2)
		}
	}
	r.sentence(term.Plain, "cheapest of those that are allowed as they are: "+cmp.Or(r.of.Cheapest, "none"), 2)
}

// reasons is why a verdict is no plain yes: its cap, or its first reason and how
// many more there are.
func reasons(v *api.Verdict) string {
	switch n := len(v.Reasons); {
	case v.Caps != nil:
		return "output of at most " + term.Number(v.Caps.MaxCompletionTokens)
	case n == 0:
		return ""
	case n == 1:
		return words(v.Reasons[0].Code)
	default:
		return words(v.Reasons[0].Code) + " and " + strconv.Itoa(n-1) + " more"
	}
}

// meaningOf is the colour of a decision.
func meaningOf(decision string) term.Meaning {
	switch decision {
	case string(estimator.Allow):
		return term.Good
	case string(estimator.AllowWithCaps):
		return term.Warn
	}
	return term.Bad
}
