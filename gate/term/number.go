package term

import (
	"strconv"
	"strings"
)

// Number writes n with a comma between thousands: 12,345.
func Number(n int64) string { return Decimal(strconv.FormatInt(n, 10)) }

// Decimal writes a decimal text such as -12345.678 with a comma between the
// thousands of its whole part: -12,345.678. It changes no digit. Text that is
// no decimal comes out as odd as it went in.
func Decimal(text string) string {
	number, negative := strings.CutPrefix(text, "-")
	whole, fraction, hasPoint := strings.Cut(number, ".")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if hasPoint {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// AlignPoints pads decimal texts with spaces on the right, so that their
// points stand below one another in a column that is aligned to the right.
// Words among them stay as they are.
func AlignPoints(texts ...string) []string {
	widest := 0
	for _, text := range texts {
		widest = max(widest, tail(text))
	}
	aligned := make([]string, len(texts))
	for i, text := range texts {
		aligned[i] = text
		if isNumber(text) {
			aligned[i] += strings.Repeat(" ", widest-tail(text))
		}
	}
	return aligned
}

// tail is how many characters of a number stand from the point on.
func tail(text string) int {
	if i := strings.IndexByte(text, '.'); i >= 0 && isNumber(text) {
		return len(text) - i
	}
	return 0
}

// isNumber tells a number from a word.
func isNumber(text string) bool {
	return text != "" && strings.IndexByte("-0123456789", text[0]) >= 0
}
