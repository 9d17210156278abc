package cli

import (
	"slices"
	"strconv"
	"strings"

	"tollgate/api"
	"tollgate/estimator/lint"
	"tollgate/gate/term"
	"tollgate/pricing"
)

// report lays out an estimate for a person: a section for each question, and
// the verdict at the end, where one looks first.
type report struct {
	out   strings.Builder
	paint term.Painter
	est   *api.Estimate
	model *pricing.Model
}

// String is the whole report. Every line ends with a line break.
func (r *report) String() string {
	r.tokens()
	r.window()
	r.cost()
	r.findings()
	r.verdict()
	return r.out.String()
}

// heading begins a section. The rest of its line has a colour of its own, or
// none.
func (r *report) heading(text, rest string) {
	if r.out.Len() > 0 {
		r.out.WriteByte('\n')
	}
	r.out.WriteString(strings.TrimRight(r.paint.Paint(term.Strong, text)+" "+rest, " ") + "\n")
}

// body writes indented lines.
func (r *report) body(text string, indent int) { r.out.WriteString(term.Indent(text, indent)) }

// sentence writes text that may be longer than a line.
func (r *report) sentence(m term.Meaning, text string, indent int) {
	r.body(r.paint.Paint(m, term.Wrap(term.Clean(text), reportWidth-indent))+"\n", indent)
}

// tokens says what was counted, and how.
func (r *report) tokens() {
	est := r.est
	retired := slices.ContainsFunc(est.Findings, func(f api.Finding) bool { return f.Code == string(lint.ModelRetired) })
	m := term.Plain
	if retired {
		m = term.Warn
	}
	r.heading("Tokens of "+est.Model, r.paint.Paint(m, "("+life(r.model, retired)+")"))
	t := term.NewTable(term.Left, term.Right, term.Left)
	for _, part := range est.Count.Parts {
		t.Row(words(part.Part), term.Number(part.Tokens), part.Method)
	}
	t.Row("prompt", term.Number(est.Usage.PromptTokens), r.counted())
	for _, m := range est.Count.Messages {
		t.Row("  in message "+strconv.Itoa(m.Index), term.Number(m.Tokens), m.Method)
	}
	t.Row("completion", term.Number(est.Usage.CompletionTokens), "assumed")
	t.Row("total", term.Number(est.Usage.TotalTokens))
	t.Row("for the rate limit", term.Number(est.RateLimit), "prompt and the output limit of the request")
	r.body(t.String(), 2)
}

// counted says how the prompt was counted and how sure that is.
func (r *report) counted() string {
	c := &r.est.Count
	switch {
	case c.High == nil:
		return r.paint.Paint(term.Warn, c.Method+", at least "+term.Number(c.Low)+", no upper bound known")
	case c.Low == *c.High:
		return c.Method + ", exact"
	}
	return c.Method + ", " + term.Number(c.Low) + " to " + term.Number(*c.High)
}

// window draws how full the window is.
func (r *report) window() {
	c, u := &r.est.Context, &r.est.Usage
	r.heading("Window of "+term.Number(c.Length)+" tokens", "")
	m, fits := term.Good, "fits; the completion may have up to "+term.Number(c.MaxCompletionTokens)+" tokens"
	switch {
	case r.est.Count.High == nil:
		m, fits = term.Warn, "nobody knows whether it fits: the prompt has no upper bound"
	case !c.Fits && c.MaxCompletionTokens > 0:
		m, fits = term.Bad, "may not fit; the completion may have up to "+term.Number(c.MaxCompletionTokens)+" tokens"
	case !c.Fits:
		m, fits = term.Bad, "may not fit, whatever the completion"
	}
	bar := term.Bar{Whole: c.Length, First: u.PromptTokens, Second: u.CompletionTokens}
	r.body(r.paint.Paint(m, bar.Draw(reportWidth-4))+"\n", 2)
	t := term.NewTable(term.Left, term.Right, term.Right, term.Left)
	t.Row("# prompt", term.Number(u.PromptTokens), percent(u.PromptTokens, c.Length),
		"headroom "+term.Number(c.Headroom))
	t.Row("+ completion", term.Number(u.CompletionTokens), percent(u.CompletionTokens, c.Length),
		"headroom after it "+term.Number(c.HeadroomAfterCompletion))
	r.body(t.String(), 2)
	r.sentence(m, fits, 2)
}

// percent is how much of a whole n is, to a tenth.
func percent(n, whole int64) string {
	tenths := int64(float64(n) * 1000 / float64(max(whole, 1))) // for the eye only
	if tenths == 0 && n > 0 {
		return "<0.1%"
	}
	return strconv.FormatFloat(float64(tenths)/10, 'f', 1, 64) + "%"
}
