package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tollgate/gate/term"
)

// mdText writes text from elsewhere so that markdown takes none of it for
// markup, and GitHub none of it for a mention or a reference: an empty comment
// behind @ and # keeps it from seeing the name.
func mdText(s string) string {
	var b strings.Builder
	for _, c := range term.Clean(s) {
		switch c {
		case '&', '<', '>', '|':
			fmt.Fprintf(&b, "&#%d;", c)
		case '@', '#':
			b.WriteRune(c)
			b.WriteString("<!-- -->")
		case '\\', '`', '*', '_', '[', ']', '~', '$', '!':
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// mdCode writes a name as code. One of usual characters becomes a code span;
// any other is written by the numbers of its characters, which markdown takes
// for no markup and a table for no end of a cell.
func mdCode(s string) string {
	s = clip(term.Clean(s), mostName)
	if strings.TrimSpace(s) == "" {
		return "(no name)"
	}
	if strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unusual) {
		return "`" + s + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, c := range s {
		if c < utf8.RuneSelf && c != ' ' && !alphanumeric(c) {
			fmt.Fprintf(&b, "&#%d;", c)
		} else {
			b.WriteRune(c)
		}
	}
	b.WriteString("</code>")
	return b.String()
}

// unusual reports whether a character may mean something to a code span or to
// the table around it.
func unusual(c rune) bool {
	const usual = " -_./:+=,#"
	return c < utf8.RuneSelf && !alphanumeric(c) && !strings.ContainsRune(usual, c)
}

// alphanumeric reports whether a character is an ASCII letter or digit.
func alphanumeric(c rune) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
