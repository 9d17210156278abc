package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tollgate/estimator/lint"
	"tollgate/gate"
	"tollgate/gate/term"
	"tollgate/pricing"
)

// weight is how much a remark weighs with a reader, heaviest first. It orders
// and colours; it decides nothing.
type weight int

const (
	failing weight = iota
	unmeasured
	wrong    // a finding of severity error; the reason that it makes is a remark of its own
	breaking // a break of the cached prefix
	warning
	notice
)

// remark is something to say about a case or the whole: a reason, a note, or a
// break of the cached prefix.
type remark struct {
	weight weight
	title  string
	text   string
	sums   string // limit, actual and shortfall
	fix    string
	file   string
	line   int
}

// remarks is all there is to say about a case, heaviest first.
func remarks(r *gate.Report, c *gate.Case) []remark {
	list := reasons(c.Reasons)
	if c.Break != nil {
		list = append(list, broken(r, c))
	}
	for i := range c.Notes {
		n := &c.Notes[i]
		at := ""
		if n.Pointer != "" {
			at = " (at " + n.Pointer + ")"
		}
		list = append(list, remark{
			weight: weightOf(n.Severity), title: words(n.Code), text: n.Message + at, fix: n.Fix, file: n.File, line: n.Line,
		})
	}
	for i := range list {
		if list[i].file == "" {
			list[i].file, list[i].line = c.File, cmp.Or(list[i].line, c.Line)
		}
	}
	slices.SortStableFunc(list, func(a, b remark) int { return cmp.Compare(a.weight, b.weight) })
	return list
}

// notes is the notes that a reader has seen, with the case that they were about.
type notes map[[3]string]string

// shorten leaves out of a case's notes what was said of an earlier one.
func (seen notes) shorten(id string, list []remark) {
	for i := range list {
		m := &list[i]
		if m.weight < wrong || m.weight == breaking {
			continue
		}
		key := [3]string{m.title, m.text, m.fix}
		if first, ok := seen[key]; ok && first != id {
			m.text, m.fix = "as for "+first, ""
			continue
		}
		seen[key] = id
	}
}

// reasons are the reasons of a case or of the whole.
func reasons(list []gate.Reason) []remark {
	out := make([]remark, len(list))
	for i := range list {
		reason := &list[i]
		out[i] = remark{
			weight: failing, title: words(string(reason.Code)), text: reason.Message, sums: sums(reason),
			fix: reason.Fix, file: reason.File, line: reason.Line,
		}
		if reason.Unmeasured {
			out[i].weight = unmeasured
		}
	}
	return out
}

// sums is what a reason has in numbers.
func sums(r *gate.Reason) string {
	var parts []string
	for _, p := range []struct{ name, value string }{
		{"limit", r.Limit}, {"actual", r.Actual}, {"shortfall", r.Shortfall},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

func weightOf(s lint.Severity) weight {
	switch s {
	case lint.Error:
		return wrong
	case lint.Warning:
		return warning
	case lint.Info:
	}
	return notice
}

// lines is what a remark says, a line each: what is wrong, in numbers, and what
// to do.
func (m *remark) lines() []string {
	lines := []string{term.Clean(m.text)}
	if m.sums != "" {
		lines = append(lines, term.Clean(m.sums))
	}
	if m.fix != "" {
		lines = append(lines, "fix: "+term.Clean(m.fix))
	}
	return lines
}

// broken says where the cached prefix ends and what that costs.
func broken(r *gate.Report, c *gate.Case) remark {
	b := c.Break
	out := remark{weight: breaking, title: "cache break, " + words(string(b.Kind)), fix: b.Fix, file: b.File, line: b.Line}
	if b.Tail {
		out.weight = notice
	}
	out.text = fmt.Sprintf("%s: %s; %s from there on lose the vendor's prefix cache, %s",
		where(b), b.Detail, count(b.Lost, "token"), loss(r.Currency, c))
	return out
}

// where is the place of a break in the prompt.
func where(b *gate.Break) string {
	at := fmt.Sprintf("%s into the prompt (%s of it)", count(b.Position, "token"), b.Share)
	switch {
	case b.Message >= 0 && b.Role != "":
		return fmt.Sprintf("in message %d (%s), %s", b.Message, b.Role, at)
	case b.Message >= 0:
		return fmt.Sprintf("in message %d, %s", b.Message, at)
	case b.Part != "":
		return fmt.Sprintf("in %s, %s", words(string(b.Part)), at)
	}
	return at
}

// loss is the money that a break costs, and how often.
func loss(currency pricing.Currency, c *gate.Case) string {
	b := c.Break
	if b.PerCall == nil {
		return "at an unknown cost"
	}
	all := money(currency, b.Total)
	if c.Now != nil {
		all += " for " + count(c.Now.Calls, "call")
	}
	each := money(currency, b.PerCall)
	switch {
	case !b.Kind.Stable():
		return fmt.Sprintf("which costs %s per call, with every call: %s", each, all)
	case b.Tail:
		return fmt.Sprintf("which costs %s per call (%s); it is the last message, which every call may have its own of", each, all)
	}
	return fmt.Sprintf("which costs %s once, if the new text stays (%s if it changes with every call)", each, all)
}
