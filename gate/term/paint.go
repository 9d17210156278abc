package term

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Painter colours text by what it means. False, its zero value, leaves all
// text as it is.
type Painter bool

// Meaning is what a colour says.
type Meaning int

// The meanings. Plain has no colour.
const (
	Plain  Meaning = iota
	Good           // green
	Warn           // yellow
	Bad            // red
	Dim            // faint: there for those who look for it
	Strong         // bold: headings
)

// Paint returns s in the colour of a meaning. Every line is coloured by itself,
// so that lines may be laid out side by side afterwards.
func (p Painter) Paint(m Meaning, s string) string {
	color := m.color()
	if !p || color == text.Reset || s == "" {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		// Not text.Color.Sprint, which asks the environment.
		lines[i] = color.EscapeSeq() + line + text.EscapeReset
	}
	return strings.Join(lines, "\n")
}

func (m Meaning) color() text.Color {
	switch m {
	case Good:
		return text.FgGreen
	case Warn:
		return text.FgYellow
	case Bad:
		return text.FgRed
	case Dim:
		return text.Faint
	case Strong:
		return text.Bold
	default:
		return text.Reset
	}
}
