package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tollgate/gate"
)

const (
	suiteName = "tollgate gate"
	className = "tollgate.gate" // what Jenkins groups by: package and class

	// noTime is how long things took. The report does not say, and to leave the
	// attribute out is more than some readers take.
	noTime = "0"
)

type xmlSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     string   `xml:"time,attr"`
	Suites   []xmlSuite
}

// xmlSuite is a group of test cases.
type xmlSuite struct {
	XMLName    xml.Name       `xml:"testsuite"`
	ID         int            `xml:"id,attr"`
	Name       string         `xml:"name,attr"`
	Tests      int            `xml:"tests,attr"`
	Failures   int            `xml:"failures,attr"`
	Errors     int            `xml:"errors,attr"`
	Skipped    int            `xml:"skipped,attr"`
	Time       string         `xml:"time,attr"`
	Properties *xmlProperties `xml:"properties"`
	Cases      xmlCases       `xml:"testcase"`
}

type xmlProperties struct {
	List []xmlProperty `xml:"property"`
}

type xmlProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// xmlCase is a test case. It has one of Error and Failure at most: there are
// readers that keep only one.
type xmlCase struct {
	XMLName   xml.Name   `xml:"testcase"`
	Name      string     `xml:"name,attr"`
	ClassName string     `xml:"classname,attr"`
	Time      string     `xml:"time,attr"`
	Error     *xmlResult `xml:"error"`
	Failure   *xmlResult `xml:"failure"`
	Out       *xmlOut    `xml:"system-out"`
}

// xmlOut is text that keeps its lines.
type xmlOut struct {
	Text string `xml:",cdata"`
}

// xmlResult is why a test did not pass.
type xmlResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

// xmlCases makes test cases one after another, so that they are never all in
// memory.
type xmlCases struct {
	n    int
	make func(i int) *xmlCase
}

// MarshalXML writes the cases.
func (c xmlCases) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	for i := range c.n {
		if err := enc.Encode(c.make(i)); err != nil {
			return fmt.Errorf("encode a test case: %w", err)
		}
	}
	return nil
}

// writeJUnit writes a suite with a test for each case, and one with a single
// test for what is asked of all of them together.
func writeJUnit(w io.Writer, r *gate.Report) error {
	cases := xmlSuite{
		ID: 0, Name: suiteName + ": cases", Tests: len(r.Cases), Failures: r.Outcomes[gate.Fail],
		Errors: r.Outcomes[gate.Unmeasured], Time: noTime, Properties: properties(r),
		Cases: xmlCases{len(r.Cases), func(i int) *xmlCase { return newXMLCase(r, &r.Cases[i]) }},
	}
	whole := newXMLWhole(r)
	together := xmlSuite{
		ID: 1, Name: suiteName + ": all cases together", Tests: 1, Time: noTime,
		Cases: xmlCases{1, func(int) *xmlCase { return whole }},
	}
	switch {
	case whole.Failure != nil:
		together.Failures = 1
	case whole.Error != nil:
		together.Errors = 1
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(xmlSuites{
		Name: suiteName, Tests: cases.Tests + together.Tests, Failures: cases.Failures + together.Failures,
		Errors: cases.Errors + together.Errors, Time: noTime, Suites: []xmlSuite{cases, together},
	}); err != nil {
		return fmt.Errorf("encode XML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	return nil
}

// properties are the report's own facts.
func properties(r *gate.Report) *xmlProperties {
	p := &xmlProperties{List: []xmlProperty{
		{"outcome", word(r.Outcome)},
		{"exit_code", strconv.Itoa(r.Outcome.ExitCode())},
	}}
	for _, o := range outcomes {
		p.List = append(p.List, xmlProperty{"cases_" + string(o), strconv.Itoa(r.Outcomes[o])})
	}
	for i, fact := range provenance(r) {
		name := []string{"counted", "prices", "costs", "baseline"}[i]
		p.List = append(p.List, xmlProperty{name, xmlText(fact)})
	}
	return p
}

// newXMLCase is the test of a case.
func newXMLCase(r *gate.Report, c *gate.Case) *xmlCase {
	out := &xmlCase{Name: xmlText(c.ID), ClassName: className, Time: noTime}
	list := remarks(r, c)
	result := newXMLResult(list, word(c.Outcome))
	switch c.Outcome {
	case gate.Fail:
		out.Failure = result
	case gate.Unmeasured:
		out.Error = result
	case gate.Pass, gate.Warn:
	}
	lines := []string{word(c.Outcome) + ", " + string(c.State) + ", " + place(c.File, c.Line)}
	lines = append(lines, facts(r, c)...)
	for i := range list {
		if list[i].weight >= wrong {
			lines = append(lines, list[i].plain())
		}
	}
	out.Out = &xmlOut{xmlText(strings.Join(lines, "\n"))}
	return out
}

// newXMLWhole is the test of all cases together.
func newXMLWhole(r *gate.Report) *xmlCase {
	lines := []string{verdict(r), "total: " + total(r)}
	for i := range r.Removed {
		lines = append(lines, "removed: "+gone(r, &r.Removed[i]))
	}
	out := &xmlCase{Name: "all cases together", ClassName: className, Time: noTime, Out: &xmlOut{xmlText(strings.Join(lines, "\n"))}}
	list := reasons(r.Reasons)
	if len(list) == 0 {
		return out
	}
	out.Error = newXMLResult(list, unknown)
	for i := range list {
		if list[i].weight == failing {
			out.Failure, out.Error = newXMLResult(list, unknown), nil
			break
		}
	}
	return out
}

// newXMLResult is why a test did not pass: the heaviest reason, and all of
// them in the text.
func newXMLResult(list []remark, otherwise string) *xmlResult {
	out := &xmlResult{Message: otherwise, Type: otherwise}
	var lines []string
	for i := range list {
		m := &list[i]
		if m.weight >= wrong {
			continue
		}
		if len(lines) == 0 {
			out.Message, out.Type = xmlText(m.text), strings.ReplaceAll(m.title, " ", "_")
		}
		lines = append(lines, m.plain())
	}
	if more := len(lines) - 1; more > 0 {
		out.Message += " (and " + count(int64(more), "more reason") + ")"
	}
	out.Text = xmlText(strings.Join(lines, "\n"))
	return out
}

// plain is a remark as lines of plain text.
func (m *remark) plain() string {
	lines := m.lines()
	lines[0] = m.title + ": " + lines[0]
	if m.file != "" {
		lines[0] += " [" + place(m.file, m.line) + "]"
	}
	return strings.Join(lines, "\n  ")
}

// xmlText takes out what XML 1.0 has no way to write: most control characters,
// halves of surrogate pairs, and bytes that are no text.
func xmlText(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t', c == '\n', c == '\r',
			' ' <= c && c < 0xD800,
			0xDFFF < c && c < 0xFFFD,
			0xFFFF < c:
			return c
		}
		return -1
	}, s)
}
