package cli

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/gate/term"
)

// severities are the kinds of findings, the worst first.
var severities = [...]struct {
	severity lint.Severity
	several  string
	meaning  term.Meaning
}{
	{lint.Error, "errors", term.Bad},
	{lint.Warning, "warnings", term.Warn},
	{lint.Info, "infos", term.Dim},
}

// findings tells what to know before the request is sent.
func (r *report) findings() {
	counts := map[string]int{}
	for i := range r.est.Findings {
		counts[r.est.Findings[i].Severity]++
	}
	var parts []string
	for _, s := range severities {
		switch n := counts[string(s.severity)]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+string(s.severity))
		default:
			parts = append(parts, strconv.Itoa(n)+" "+s.several)
		}
	}
	r.heading("Findings:", cmp.Or(strings.Join(parts, ", "), "none"))
	for _, s := range severities {
		for i := range r.est.Findings {
			if f := &r.est.Findings[i]; f.Severity == string(s.severity) {
				r.finding(f, s.meaning)
			}
		}
	}
}

func (r *report) finding(f *api.Finding, m term.Meaning) {
	place := ""
	if f.Pointer != "" {
		place = " at " + term.Clean(f.Pointer)
	}
	r.body(r.paint.Paint(m, f.Severity)+"  "+words(f.Code)+place+"\n", 2)
	r.sentence(term.Plain, f.Message, 4)
	if f.Fix != "" {
		r.sentence(term.Plain, "fix: "+f.Fix, 4)
	}
}

// verdict says whether to make the call, and why not.
func (r *report) verdict() {
	v := &r.est.Verdict
	m := term.Bad
	switch v.Decision {
	case string(estimator.Allow):
		m = term.Good
	case string(estimator.AllowWithCaps):
		m = term.Warn
	}
	r.heading("Verdict:", r.paint.Paint(m, words(v.Decision)))
	for i := range v.Reasons {
		r.reason(&v.Reasons[i])
	}
	if v.Caps != nil {
		r.sentence(term.Plain, "set max_completion_tokens to "+strconv.FormatInt(v.Caps.MaxCompletionTokens, 10)+
			" or less: that is what the "+v.Caps.Binding+" allows", 2)
	}
}

func (r *report) reason(reason *api.Reason) {
	r.body(words(reason.Code)+"\n", 2)
	r.sentence(term.Plain, reason.Message, 4)
	var numbers []string
	for _, n := range []struct {
		name  string
		value any
	}{{"limit", reason.Limit}, {"actual", reason.Actual}, {"shortfall", reason.Shortfall}} {
		if text := r.quantity(n.value); text != "" {
			numbers = append(numbers, n.name+" "+text)
		}
	}
	if len(numbers) > 0 {
		r.sentence(term.Plain, strings.Join(numbers, ", "), 4)
	}
}

// quantity is money, which the answer has as text, or tokens, with the unit.
func (r *report) quantity(q any) string {
	switch q := q.(type) {
	case string:
		return r.est.Cost.Currency + " " + term.Decimal(q)
	case json.Number:
		return term.Decimal(q.String()) + " tokens"
	}
	return ""
}
