package report

import (
	"fmt"
	"io"
	"strings"

	"tollgate/gate"
)

const (
	// mostMarkdown is how many bytes a markdown report has at most: GitHub takes
	// 65,536 in a comment, and whoever posts it may have something to add.
	mostMarkdown = 60_000

	// reserved is what is kept of it for the lines that say what was left out.
	reserved = 1_000

	mostName     = 200 // characters of an id or a path
	mostSentence = 500 // characters of anything else
	mostListed   = 100 // cases in a table, so that there is room for reasons
)

// marker lets a bot find its own comment again.
const marker = "<!-- tollgate-gate -->"

// badge is an outcome as it stands in a heading.
func badge(o gate.Outcome) string {
	switch o {
	case gate.Pass:
		return "✅ " + word(o)
	case gate.Warn:
		return "⚠️ " + word(o)
	case gate.Unmeasured:
		return "❔ " + word(o)
	case gate.Fail:
	}
	return "❌ " + word(o)
}

// sentence is text in a report of markdown.
func sentence(s string) string { return mdText(clip(s, mostSentence)) }

// page is a report of markdown that never grows too long.
type page struct {
	r    *gate.Report
	text strings.Builder
	room int // bytes that are left
	seen notes
}

// writeMarkdown writes a report for a pull request, the worst first. The writer
// keeps its first error.
func writeMarkdown(w io.Writer, r *gate.Report) {
	p := &page{r: r, room: mostMarkdown - reserved, seen: make(notes)}
	foot := p.provenance()
	p.room -= len(foot)
	p.add(fmt.Sprintf("%s\n## %s: tollgate gate\n\n%s\n", marker, badge(r.Outcome), sentence(verdict(r))))
	p.add("\nTotal: " + sentence(total(r)) + "\n")
	for _, m := range reasons(r.Reasons) {
		p.add("\n- " + mdRemark(&m) + "\n")
	}
	see, rest := divide(r)
	if len(see)+len(r.Removed) == 0 && r.Baseline != "" {
		p.add("\nNothing changed.\n")
	}
	p.table(see)
	bad := 0
	for bad < len(see) && see[bad].Outcome.ExitCode() != gate.ExitPass {
		bad++
	}
	p.details(see[:bad])
	p.folded(count(int64(len(see)-bad), "case")+" that passed, with a warning or a change", len(see)-bad, func() { p.details(see[bad:]) })
	p.folded(count(int64(len(r.Removed)), "case")+" removed", len(r.Removed), p.removed)
	p.folded(count(int64(len(rest)), "case")+" "+plainly(r), len(rest), func() { p.table(rest) })
	p.text.WriteString(foot)
	_, _ = io.WriteString(w, p.text.String())
}

// divide puts the cases that have something to see first, the worst of them
// before all others, and those that have not apart.
func divide(r *gate.Report) (see, rest []*gate.Case) {
	for _, o := range outcomes {
		for i := range r.Cases {
			switch c := &r.Cases[i]; {
			case c.Outcome != o:
			case plain(r, c):
				rest = append(rest, c)
			default:
				see = append(see, c)
			}
		}
	}
	return see, rest
}

// add adds a block if there is room for it.
func (p *page) add(block string) bool {
	if len(block) > p.room {
		return false
	}
	p.room -= len(block)
	p.text.WriteString(block)
	return true
}

// omitted says that something did not fit. The room for it is reserved.
func (p *page) omitted(n int, what string) {
	if n > 0 {
		p.text.WriteString("\n_" + count(int64(n), "case") + " " + what + "; json and junit have all._\n")
	}
}

// folded adds a part that is shut until the reader opens it.
func (p *page) folded(title string, n int, inside func()) {
	const shut = "\n</details>\n"
	if n == 0 {
		return
	}
	p.room -= len(shut)
	if !p.add("\n<details><summary>" + title + "</summary>\n") {
		p.room += len(shut)
		p.omitted(n, "left out for want of room")
		return
	}
	inside()
	p.text.WriteString(shut)
}

// table adds a table of cases.
func (p *page) table(cases []*gate.Case) {
	if len(cases) == 0 {
		return
	}
	currency := string(p.r.Currency)
	shown := 0
	if p.add("\n| outcome | case | prompt tokens | change | " + currency + " per call | change | calls | " + currency +
		" for all calls | window left |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n") {
		for _, c := range cases[:min(mostListed, len(cases))] {
			x := newRow(p.r, c)
			if !p.add(fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", badge(x.outcome), mdCode(x.id),
				mdText(x.tokens), x.tokensDiff, x.cost, x.costDiff, x.calls, x.total, x.free)) {
				break
			}
			shown++
		}
	}
	p.omitted(len(cases)-shown, "not in the table")
}

// details adds what there is to say about each case.
func (p *page) details(cases []*gate.Case) {
	shown := 0
	for _, c := range cases {
		if !p.add(p.detail(c)) {
			break
		}
		shown++
	}
	p.omitted(len(cases)-shown, "without the details")
}

// detail is what there is to say about a case.
func (p *page) detail(c *gate.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n- **%s** %s", word(c.Outcome), mdCode(c.ID))
	if c.File != "" {
		b.WriteString(" in " + mdCode(place(c.File, c.Line)))
	}
	b.WriteByte('\n')
	list, more := cut(remarks(p.r, c))
	p.seen.shorten(c.ID, list)
	for i := range list {
		text := mdRemark(&list[i])
		if list[i].file != c.File || list[i].line != c.Line {
			text += " " + mdCode(place(list[i].file, list[i].line))
		}
		b.WriteString("  - " + text + "\n")
	}
	if more != "" {
		b.WriteString("  - " + more + "\n")
	}
	for _, f := range news(p.r, c) {
		b.WriteString("  - " + sentence(f) + "\n")
	}
	return b.String()
}

// mdRemark is a remark in one line.
func mdRemark(m *remark) string {
	text := "**" + mdText(m.title) + "**: " + sentence(m.text)
	if m.sums != "" {
		text += inBrackets(sentence(m.sums))
	}
	if m.fix != "" {
		if !strings.ContainsAny(text[len(text)-1:], ".?!") {
			text += "."
		}
		text += " Fix: " + sentence(m.fix)
	}
	return text
}

// removed adds the cases that are gone.
func (p *page) removed() {
	shown := 0
	for i := range p.r.Removed[:min(mostListed, len(p.r.Removed))] {
		c := &p.r.Removed[i]
		if !p.add("\n- " + mdCode(c.ID) + " " + sentence(was(p.r, &c.Before))) {
			break
		}
		shown++
	}
	p.text.WriteByte('\n')
	p.omitted(len(p.r.Removed)-shown, "not listed")
}

// provenance is where the numbers are from.
func (p *page) provenance() string {
	lines := provenance(p.r)
	for i := range lines {
		lines[i] = sentence(lines[i])
	}
	return "\n<sub>" + strings.Join(lines, "; ") + "</sub>\n"
}
