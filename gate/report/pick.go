package report

import (
	"fmt"
	"slices"
	"strings"

	"tollgate/gate"
	"tollgate/gate/term"
)

// selection is the cases of a report that a person is shown.
type selection struct {
	report *gate.Report
	cases  []*gate.Case // in the order of the configuration
	plain  int          // not shown, for there is nothing to see
	others int          // not shown because there are too many
}

// plain reports whether there is nothing to see about a case: it passed, and
// with no news.
func plain(r *gate.Report, c *gate.Case) bool { return c.Outcome == gate.Pass && !fresh(r, c) }

// fresh reports whether a case is not as it was, as far as there is a baseline
// to tell.
func fresh(r *gate.Report, c *gate.Case) bool {
	return c.From != "" || c.State != gate.Unchanged && r.Baseline != ""
}

// plainly says what a case is about which there is nothing to see.
func plainly(r *gate.Report) string {
	if r.Baseline == "" {
		return "passed"
	}
	return "passed and unchanged"
}

// pick selects at most that many cases: all if they are no more, else those
// that have something to see, the worst of them where they are too many.
func pick(r *gate.Report, most int) selection {
	s := selection{report: r}
	if len(r.Cases) <= most {
		for i := range r.Cases {
			s.cases = append(s.cases, &r.Cases[i])
		}
		return s
	}
	var chosen []int
	for _, o := range outcomes {
		for i := range r.Cases {
			switch c := &r.Cases[i]; {
			case c.Outcome != o:
			case plain(r, c):
				s.plain++
			case len(chosen) == most:
				s.others++
			default:
				chosen = append(chosen, i)
			}
		}
	}
	slices.Sort(chosen)
	for _, i := range chosen {
		s.cases = append(s.cases, &r.Cases[i])
	}
	return s
}

// hidden says how many cases are not shown; empty when all are.
func (s *selection) hidden() string {
	var parts []string
	if s.plain > 0 {
		parts = append(parts, term.Number(int64(s.plain))+" "+plainly(s.report))
	}
	if s.others > 0 {
		parts = append(parts, term.Number(int64(s.others))+" others, no worse than those shown")
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s not shown: %s", count(int64(s.plain+s.others), "case"), strings.Join(parts, ", "))
}
