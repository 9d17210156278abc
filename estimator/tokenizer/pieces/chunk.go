package pieces

import (
	"math/bits"
	"unicode/utf8"
)

// Limits are the lengths, in code points, at which the tokenizer cuts a text
// before anything else looks at it.
type Limits struct {
	// Chars is the most code points of a slice. A text is sliced first.
	Chars int
	// Run is the most code points in a row of a slice that are all white space
	// or all not.
	Run int
}

// KimiLimits returns the limits of all Kimi models, those of the tokenizer
// class published with the models.
func KimiLimits() Limits {
	return Limits{Chars: 400_000, Run: 25_000}
}

// Chunks walks over the parts of a text that are encoded each for itself. Make
// one with [NewChunks].
type Chunks struct {
	text     string
	limits   Limits
	pos      int // start of the next part
	sliceEnd int // end of the slice of limits.Chars that pos is in
}

// NewChunks cuts text at limits, both at least 1. A text of at most limits.Run
// bytes is one part.
func NewChunks(text string, limits Limits) Chunks {
	return Chunks{text: text, limits: limits}
}

// Next returns the next part, which is never empty, or false after the last.
func (c *Chunks) Next() (part string, ok bool) {
	if c.pos == len(c.text) {
		return "", false
	}
	if c.pos == c.sliceEnd {
		c.sliceEnd += skipChars(c.text[c.pos:], c.limits.Chars)
	}
	part = c.text[c.pos:c.sliceEnd]
	part = part[:uniformEnd(part, c.limits.Run)]
	c.pos += len(part)
	return part, true
}

// skipChars returns the length in bytes of the first n characters of text, or
// of all of it if it is shorter.
func skipChars(text string, n int) int {
	if len(text) <= n {
		return len(text)
	}
	i := 0
	for n >= 8 && i+8 <= len(text) {
		x := load(text, i)
		tails := x >> 7 & ^(x >> 6) & lowBits // bytes 10xxxxxx go on with a character
		n -= 8 - bits.OnesCount64(tails)
		i += 8
	}
	for ; i < len(text); i++ {
		if utf8.RuneStart(text[i]) {
			if n == 0 {
				break
			}
			n--
		}
	}
	return i
}

// uniformEnd returns how much of text may stand before a run of more than limit
// characters, all white space or all not, has to be cut.
//
// It does not look at every character: a run that begins and ends within limit
// bytes is short enough, so it jumps limit bytes ahead and looks back for the
// beginning of the run there. Only where there is none it counts.
func uniformEnd(text string, limit int) int {
	start := 0 // of a run
	for len(text)-start > limit {
		if back := lastChange(text, start, start+limit); back > start {
			start = back
			continue
		}
		end, full := walkRun(text, start, limit)
		if full {
			return end
		}
		start = end
	}
	return len(text)
}

// lastChange returns the last place after start and not after i where white
// space begins or ends, or start if there is none.
func lastChange(text string, start, i int) int {
	for i > start && !utf8.RuneStart(text[i]) {
		i--
	}
	if i == start {
		return start
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	for i > start {
		before, size := utf8.DecodeLastRuneInString(text[start:i])
		if isSpace(before) != isSpace(r) {
			return i
		}
		i -= size
	}
	return start
}

// walkRun returns the end of the run at start. If the run has more than limit
// characters it returns the end of the first limit of them, and true.
func walkRun(text string, start, limit int) (end int, full bool) {
	first, _ := utf8.DecodeRuneInString(text[start:])
	n := 0
	for i := start; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if isSpace(r) != isSpace(first) {
			return i, false
		}
		if n == limit {
			return i, true
		}
		n++
		i += size
	}
	return len(text), false
}

// isSpace is Python's str.isspace: \s and the four ASCII separators.
func isSpace(r rune) bool {
	return classOf(r)&classSpace != 0 || r >= 0x1C && r <= 0x1F
}
