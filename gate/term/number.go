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
func AlignPoints(texts ...string) []string {
	widest := 0
	for _, text := range texts {
		widest = max(widest, tail(text))
	}
	aligned := make([]string, len(texts))
	for i, text := range texts {
		aligned[i] = text + strings.Repeat(" ", widest-tail(text))
	}
	return aligned
}

// tail is how many characters stand from the point on.
func tail(text string) int {
	if i := strings.IndexByte(text, '.'); i >= 0 {
		return len(text) - i
	}
	return 0
}
