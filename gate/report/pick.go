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
	cases  []*gate.Case // in the order of the configuration
	plain  int          // not shown, and nothing to see: passed and unchanged
	others int          // not shown because there are too many
}

// plain reports whether there is nothing to see about a case.
func plain(c *gate.Case) bool {
	return c.Outcome == gate.Pass && c.State == gate.Unchanged && c.From == ""
}

// pick selects at most that many cases: all if they are no more, else those
// that have something to see, the worst of them where they are too many.
func pick(cases []gate.Case, most int) selection {
	var s selection
	if len(cases) <= most {
		for i := range cases {
			s.cases = append(s.cases, &cases[i])
		}
		return s
	}
	var chosen []int
	for _, o := range outcomes {
		for i := range cases {
			switch c := &cases[i]; {
			case c.Outcome != o:
			case plain(c):
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
		s.cases = append(s.cases, &cases[i])
	}
	return s
}

// hidden says how many cases are not shown; empty when all are.
func (s *selection) hidden() string {
	var parts []string
	if s.plain > 0 {
		parts = append(parts, term.Number(int64(s.plain))+" passed and unchanged")
	}
	if s.others > 0 {
		parts = append(parts, term.Number(int64(s.others))+" others, no worse than those shown")
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s not shown: %s", count(int64(s.plain+s.others), "case"), strings.Join(parts, ", "))
}
