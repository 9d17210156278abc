package term

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Clean makes text from elsewhere, such as a name, fit for a terminal: white
// space becomes a space, and what would move the cursor, change colours or turn
// the direction of writing becomes a question mark. Whatever was not written by
// the program itself goes through it once, before it is painted or laid out.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return '?'
		}
		return r
	}, s)
}

// Width is how many columns of a terminal s takes, colours not counted.
// Chinese, Japanese and Korean characters take two.
func Width(s string) int { return text.StringWidthWithoutEscSequences(s) }

// Wrap breaks s between words, and within words that are too long, into lines
// of at most width columns. It may leave out white space. Paint s afterwards.
func Wrap(s string, width int) string {
	lines := strings.Split(text.WrapSoft(s, max(2, width)), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// Indent puts that many spaces before every line that is not empty.
func Indent(s string, spaces int) string {
	lines := strings.SplitAfter(s, "\n")
	for i, line := range lines {
		if strings.TrimRight(line, "\n") != "" {
			lines[i] = strings.Repeat(" ", spaces) + line
		}
	}
	return strings.Join(lines, "")
}
