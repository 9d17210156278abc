package report

import (
	"math"
	"strconv"
	"strings"

	"tollgate/estimator"
	"tollgate/gate"
	"tollgate/gate/term"
)

// row is a case in figures, as a table for a person has it.
type row struct {
	outcome    gate.Outcome
	id         string
	tokens     string // of the prompt
	tokensDiff string
	cost       string // of one call, without the currency
	costDiff   string
	calls      string
	total      string // of all calls
	free       string // share of the window that the prompt leaves
	bar        term.Bar
}

// newRow puts a case in figures.
func newRow(r *gate.Report, c *gate.Case) row {
	b := basisOf(r, c)
	out := row{
		outcome: c.Outcome, id: c.ID, tokens: unknown, cost: unknown, total: unknown, calls: unknown, free: unknown,
		tokensDiff: difference(r, c, false, nil), costDiff: difference(r, c, false, nil),
	}
	if c.Now == nil {
		return out
	}
	out.tokens = term.Number(c.Now.PromptTokens)
	if c.Now.High == estimator.Unbounded {
		out.tokens = ">=" + term.Number(c.Now.Low)
	}
	out.cost, out.total, out.calls = bare(c.Now.Cost.Of(b)), bare(c.Now.Total.Of(b)), term.Number(c.Now.Calls)
	if d := c.Change; d != nil {
		out.tokensDiff = difference(r, c, d.Tokens == 0, d.TokensGrowth)
		out.costDiff = difference(r, c, d.Cost != nil && *d.Cost == 0, d.CostGrowth)
	}
	if m := c.Now; m.ContextLength > 0 && m.High != estimator.Unbounded {
		out.free = share(m.ContextLength-m.PromptTokens, m.ContextLength)
		out.bar = term.Bar{Whole: m.ContextLength, First: m.PromptTokens, Second: m.CompletionTokens}
	}
	return out
}

// difference is a growth in a cell; same says that there is none at all.
func difference(r *gate.Report, c *gate.Case, same bool, growth *gate.Percent) string {
	switch {
	case r.Baseline == "":
		return "-"
	case c.State == gate.New:
		return string(gate.New)
	case same:
		return "="
	case growth == nil:
		return unknown
	}
	return percent(growth)
}

// share is n of a whole in whole per cent, rounded down, so that what is not
// free never looks free.
func share(n, whole int64) string {
	if n < 0 {
		return "none"
	}
	const hundred = 100
	if n > math.MaxInt64/hundred {
		n, whole = n/hundred, max(1, whole/hundred)
	}
	return strconv.FormatInt(n*hundred/whole, 10) + "%"
}

// rows lays out the cases in a table that is no wider than the terminal, if
// that can be: the bars grow shorter, then ids are cut, then the bars go.
func (t *terminal) rows(cases []*gate.Case) string {
	list := make([]row, len(cases))
	name := 0
	for i, c := range cases {
		list[i] = newRow(t.r, c)
		list[i].id = term.Clean(list[i].id)
		name = max(name, term.Width(list[i].id))
	}
	const longBar, shortBar, noBar = 12, 8, 0
	least := min(name, leastName)
	for _, try := range []struct{ bar, least int }{{longBar, name}, {shortBar, least}, {noBar, least}} {
		text := t.layout(list, name, try.bar)
		over := widest(text) - t.width
		if over <= 0 {
			return text
		}
		if name-over >= try.least {
			return t.layout(list, name-over, try.bar)
		}
	}
	return t.layout(list, least, noBar)
}

// widest is the width of the widest line.
func widest(text string) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n = max(n, term.Width(line))
	}
	return n
}

// layout makes the table, with ids no wider than name; without bars if they are
// to be 0 wide.
func (t *terminal) layout(list []row, name, bar int) string {
	left, right := term.Left, term.Right
	table := term.NewTable(left, left, right, right, right, right, right, right, left)
	currency := string(t.r.Currency)
	header := []string{
		"outcome", "case", "prompt\ntokens", "change", currency + "\nper call", "change", "calls", currency + "\nfor calls", "window\nleft",
	}
	table.Header(t.head(header)...)
	costs, totals := make([]string, len(list)), make([]string, len(list))
	for i := range list {
		costs[i], totals[i] = list[i].cost, list[i].total
	}
	costs, totals = term.AlignPoints(costs...), term.AlignPoints(totals...)
	for i := range list {
		c := &list[i]
		window := c.free
		if bar > 0 && c.free != unknown {
			window = c.bar.Draw(bar) + " " + c.free
		}
		table.Row(t.outcome(c.outcome), shorten(c.id, name), c.tokens, c.tokensDiff, costs[i], c.costDiff, c.calls, totals[i], window)
	}
	text := strings.TrimSuffix(table.String(), "\n")
	if bar > 0 {
		text += "\n" + t.paint.Paint(term.Dim, "window: # prompt, + assumed output, . free; left by the prompt")
	}
	return text
}

func (t *terminal) head(cells []string) []string {
	for i := range cells {
		cells[i] = t.paint.Paint(term.Dim, cells[i])
	}
	return cells
}

// shorten cuts the middle out of a name that is wider than that many columns:
// its end says more than its middle.
func shorten(name string, width int) string {
	if term.Width(name) <= width {
		return name
	}
	const dots = ".."
	head, tail := []rune(name), []rune(name)
	for term.Width(string(head))+term.Width(string(tail))+len(dots) > width && len(tail) > 0 {
		if len(head) > 0 && len(head) >= len(tail)/2 {
			head = head[:len(head)-1]
		} else {
			tail = tail[1:]
		}
	}
	return string(head) + dots + string(tail)
}
