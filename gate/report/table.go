package report

import (
	"fmt"
	"io"
	"strings"

	"tollgate/gate"
	"tollgate/gate/term"
	"tollgate/pricing"
)

const (
	defaultWidth = 100 // columns
	leastWidth   = 40
	leastName    = 16 // columns of a case's id, before a table may be too wide

	mostRows      = 200 // cases in a table
	mostExplained = 50  // cases below it
	mostNotes     = 10  // remarks on one case in a text, where they are no reasons
	mostRemoved   = 20
)

// terminal writes a report for a terminal.
type terminal struct {
	out   io.Writer
	r     *gate.Report
	paint term.Painter
	width int
	seen  notes
}

// writeTable writes the table. The writer keeps its first error.
func writeTable(w io.Writer, r *gate.Report, o Options) {
	t := &terminal{out: w, r: r, paint: term.Painter(o.Colour), width: defaultWidth, seen: make(notes)}
	if o.Width > 0 {
		t.width = max(leastWidth, o.Width)
	}
	t.line(0, t.outcome(r.Outcome)+"  "+t.paint.Paint(term.Strong, "tollgate gate"))
	for _, s := range provenance(r) {
		t.line(2, t.paint.Paint(term.Dim, wrap(term.Clean(s), t.width-2)))
	}
	s := pick(r, mostRows)
	if len(s.cases) > 0 {
		t.line(0, "\n"+t.rows(s.cases))
	}
	if hidden := s.hidden(); hidden != "" {
		t.line(0, "\n"+hidden)
	}
	t.explain(s.cases)
	t.removed()
	t.whole()
	t.line(0, "\n"+t.paint.Paint(meaning(r.Outcome), wrap(term.Clean(verdict(r)), t.width)))
}

// line writes text, each line of it so far from the left.
func (t *terminal) line(indent int, text string) {
	_, _ = io.WriteString(t.out, defuse(term.Indent(text, indent))+"\n")
}

// defuse breaks what the log of a CI job would take for a command: names come
// from whoever made the pull request. A line must not begin with two colons,
// nor hold "##[" anywhere.
func defuse(text string) string {
	text = strings.ReplaceAll(text, "##[", "# #[")
	if !strings.Contains(text, "::") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
			lines[i] = strings.Replace(line, "::", ": :", 1)
		}
	}
	return strings.Join(lines, "\n")
}

// wrap breaks text into lines, but not between a currency and its amount.
func wrap(text string, width int) string {
	const space = "\uffe8" // a character of one column, whatever the terminal's language
	for _, c := range []pricing.Currency{pricing.CNY, pricing.USD} {
		text = strings.ReplaceAll(text, string(c)+" ", string(c)+space)
	}
	text = term.Wrap(text, width)
	for _, c := range []pricing.Currency{pricing.CNY, pricing.USD} {
		text = strings.ReplaceAll(text, string(c)+space, string(c)+" ")
	}
	return text
}

// meaning is what the colour of an outcome says.
func meaning(o gate.Outcome) term.Meaning {
	switch o {
	case gate.Pass:
		return term.Good
	case gate.Warn:
		return term.Warn
	case gate.Fail, gate.Unmeasured:
	}
	return term.Bad
}

func (t *terminal) outcome(o gate.Outcome) string { return t.paint.Paint(meaning(o), word(o)) }

// explain says what there is to say about cases: about the worst of them where
// that is more than anybody reads.
func (t *terminal) explain(cases []*gate.Case) {
	chosen := make(map[*gate.Case]bool)
	left := 0
	for _, o := range outcomes {
		for _, c := range cases {
			switch {
			case c.Outcome != o, plain(t.r, c) && len(remarks(t.r, c)) == 0:
			case len(chosen) == mostExplained:
				left++
			default:
				chosen[c] = true
			}
		}
	}
	for _, c := range cases {
		if chosen[c] {
			t.details(c)
		}
	}
	if left > 0 {
		t.line(0, "\n"+count(int64(left), "case")+" not explained, no worse than those that are; json and junit have all")
	}
}

// details says what there is to say about a case.
func (t *terminal) details(c *gate.Case) {
	list := remarks(t.r, c)
	title := term.Clean(c.ID)
	if c.File != "" {
		title += "  " + term.Clean(place(c.File, c.Line))
	}
	t.line(0, "\n"+t.outcome(c.Outcome)+"  "+title)
	list, more := cut(list)
	t.seen.shorten(c.ID, list)
	for i := range list {
		t.remark(c, &list[i])
	}
	if more != "" {
		t.line(2, more)
	}
	for _, f := range news(t.r, c) {
		t.line(2, hang(wrap(term.Clean("- "+f), t.width-4)))
	}
}

// hang sets all lines but the first two columns in, below the text of a list.
func hang(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// cut leaves out what is more than anybody reads of one case, but no reason,
// and says so.
func cut(list []remark) (shown []remark, more string) {
	n := 0
	for n < len(list) && list[n].weight < wrong {
		n++
	}
	if n = max(n, mostNotes); n >= len(list) {
		return list, ""
	}
	return list[:n], "and " + count(int64(len(list)-n), "more remark")
}

// remark writes a reason or a note, with what to do about it.
func (t *terminal) remark(c *gate.Case, m *remark) {
	at := ""
	if m.line > 0 && (m.file != c.File || m.line != c.Line) || m.file != c.File {
		at = " [" + place(m.file, m.line) + "]"
	}
	t.line(2, t.titled(m, at))
	for _, more := range m.lines()[1:] {
		t.line(6, wrap(more, t.width-6))
	}
}

// titled is a remark's title and text, the title in the colour of its weight.
func (t *terminal) titled(m *remark, at string) string {
	title := "- " + term.Clean(m.title)
	text := wrap(title+term.Clean(": "+m.text+at), t.width-4)
	if rest, whole := strings.CutPrefix(text, title); whole {
		text = t.paint.Paint(m.weight.meaning(), title) + rest
	}
	return hang(text)
}

// meaning is what the colour of a remark says.
func (w weight) meaning() term.Meaning {
	switch w {
	case breaking, warning:
		return term.Warn
	case notice:
		return term.Dim
	case failing, unmeasured, wrong:
	}
	return term.Bad
}

// removed lists the cases that are gone.
func (t *terminal) removed() {
	if len(t.r.Removed) == 0 {
		return
	}
	t.line(0, "\n"+count(int64(len(t.r.Removed)), "case")+" of the baseline removed")
	for i := range t.r.Removed[:min(mostRemoved, len(t.r.Removed))] {
		t.line(2, wrap(term.Clean("- "+gone(t.r, &t.r.Removed[i])), t.width-2))
	}
	if more := len(t.r.Removed) - mostRemoved; more > 0 {
		t.line(2, "and "+count(int64(more), "more case"))
	}
}

// gone says what a removed case was.
func gone(r *gate.Report, c *gate.Removed) string {
	return fmt.Sprintf("%s (%s): %s", c.ID, c.File, was(r, &c.Before))
}

// was is a measurement in short.
func was(r *gate.Report, m *gate.Measurement) string {
	return fmt.Sprintf("%s, %s per call, %s for %s", count(m.PromptTokens, "token"),
		money(r.Currency, m.Cost.Of(basis(r))), money(r.Currency, m.Total.Of(basis(r))), count(m.Calls, "call"))
}

// whole writes the totals and the reasons that concern all cases.
func (t *terminal) whole() {
	t.line(0, "\n"+wrap(term.Clean("total: "+total(t.r)), t.width))
	none := &gate.Case{}
	for _, m := range reasons(t.r.Reasons) {
		t.remark(none, &m)
	}
}
