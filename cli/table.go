package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"tollgate/api"
)

// barWidth is the length of a full bar, in characters.
const barWidth = 30

// table writes lines of cells that are aligned below one another.
type table struct{ *tabwriter.Writer }

// row writes a line.
func (t table) row(cells ...string) {
	_, _ = fmt.Fprintln(t, strings.Join(cells, "\t")) // an error stays until Flush
}

// printEstimate prints an estimate for a person.
func printEstimate(w io.Writer, est *api.Estimate) error {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row("model", est.Model)
	t.row("prompt", grouped(est.Usage.PromptTokens)+" tokens", counted(&est.Count))
	for _, part := range est.Count.Parts {
		t.row("  "+words(part.Part), grouped(part.Tokens)+" tokens", part.Method)
	}
	for _, m := range est.Count.Messages {
		t.row("  message "+strconv.Itoa(m.Index), grouped(m.Tokens)+" tokens", m.Method)
	}
	t.row("completion", grouped(est.Usage.CompletionTokens)+" tokens", "assumed")
	t.row("window", grouped(est.Context.Length)+" tokens", bar(est)+" "+grouped(est.Context.Headroom)+" left by the prompt")
	printCost(t, &est.Cost)
	t.row("verdict", strings.ReplaceAll(est.Verdict.Decision, "_", " "))
	for _, r := range est.Verdict.Reasons {
		t.row("  "+words(r.Code), r.Message)
	}
	if caps := est.Verdict.Caps; caps != nil {
		t.row("  at most", grouped(caps.MaxCompletionTokens)+" tokens", "of completion fit the "+caps.Binding)
	}
	for _, f := range est.Findings {
		t.row(f.Severity, words(f.Code)+at(f.Pointer), f.Message)
		t.row("", "", f.Fix)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// printCost prints the lines of a cost and their sum.
func printCost(t table, c *api.Cost) {
	if c.Expected == nil {
		t.row("cost", "unknown in "+c.Currency)
		return
	}
	t.row("cost", c.Currency+" "+*c.Expected, costRange(c))
	for _, line := range c.Lines {
		t.row("  "+words(line.Item), c.Currency+" "+line.Amount,
			grouped(line.Tokens)+" tokens at "+c.Currency+" "+line.PerMillion+" per million")
	}
}

// costRange is the bounds of a cost.
func costRange(c *api.Cost) string {
	high := "no known bound"
	if c.High != nil {
		high = *c.High
	}
	low := "no known bound"
	if c.Low != nil {
		low = *c.Low
	}
	return "between " + low + " and " + high
}

// counted says how a prompt was counted and how sure that is.
func counted(c *api.Count) string {
	switch {
	case c.High == nil:
		return c.Method + ", at least " + grouped(c.Low)
	case c.Low == *c.High:
		return c.Method + ", exact"
	}
	return c.Method + ", " + grouped(c.Low) + " to " + grouped(*c.High)
}

// bar draws how full the window is with prompt and completion.
func bar(est *api.Estimate) string {
	share := func(n int64) int { return int(min(barWidth, max(0, n)*barWidth/max(1, est.Context.Length))) }
	prompt := share(est.Usage.PromptTokens)
	all := share(est.Usage.TotalTokens)
	return "[" + strings.Repeat("#", prompt) + strings.Repeat("+", all-prompt) + strings.Repeat(".", barWidth-all) + "]"
}

// words turns a name into words.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// at is where a finding is.
func at(pointer string) string {
	if pointer == "" {
		return ""
	}
	return " at " + pointer
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := len(s) % 3
	if n < 0 {
		start = (len(s)-1)%3 + 1
	}
	for i := len(s) - 3; i >= max(start, 1) && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
