package term

import (
	"math/bits"
	"strings"
)

// Bar is how much of a whole two parts take, one behind the other. All three
// are in the same unit. What is negative counts as nothing.
type Bar struct {
	Whole  int64
	First  int64 // drawn as #
	Second int64 // drawn as +
}

// minRoom is the least room within the brackets: a character for each part and
// one for what is free.
const minRoom = 3

// Draw draws the bar in a width of that many characters, both ends included,
// and no fewer than five:
//
//	[####++....]
//
// A part that is not nothing is seen, however small, and so is what is free.
// Where the parts are more than the whole the bar ends with > in place of the
// bracket.
func (b Bar) Draw(width int) string {
	room := max(minRoom, width-2)
	whole, first, second := max(b.Whole, 0), max(b.First, 0), max(b.Second, 0)
	end := "]"
	if first > whole || second > whole-first {
		end = ">"
	}
	whole = max(whole, 1)
	first = min(first, whole)
	second = min(second, whole-first)

	one, two := share(first, whole, room), share(second, whole, room)
	free := share(whole-first-second, whole, room)
	// Rounding leaves over or lacks a character or two: the largest has them.
	switch rest := room - one - two - free; max(one, two, free) {
	case free:
		free += rest
	case one:
		one += rest
	default:
		two += rest
	}
	return "[" + strings.Repeat("#", one) + strings.Repeat("+", two) + strings.Repeat(".", free) + end
}

// share is how much of room n of a whole takes, rounded down, but at least one
// if n is not nothing. Neither is negative, and n is no more than the whole.
func share(n, whole int64, room int) int {
	if n == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(n), uint64(room)) //nolint:gosec // not negative
	q, _ := bits.Div64(high, low, uint64(whole))     //nolint:gosec // not negative, and the quotient is no more than room
	return max(1, int(q))                            //nolint:gosec // no more than room
}
