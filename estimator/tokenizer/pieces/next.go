package pieces

import (
	"iter"
	"unicode/utf8"
)

// All yields the pieces of text in order. They are never empty and together
// they are the text.
//
// All knows the pattern only: see [Chunks] for the cuts that come before it.
func All(text string) iter.Seq2[string, Kind] {
	return func(yield func(string, Kind) bool) {
		for i := 0; i < len(text); {
			end, kind := NextKind(text, i)
			if !yield(text[i:end], kind) {
				return
			}
			i = end
		}
	}
}

// Next returns the end of the piece of text that starts at byte i. A piece
// must start there and i must be less than len(text). What follows the piece
// can decide where it ends, so text must go on to where the cut is made.
func Next(text string, i int) int {
	end, _ := NextKind(text, i)
	return end
}

// NextKind is [Next], and says which part of the pattern cut the piece.
func NextKind(text string, i int) (end int, kind Kind) {
	c := text[i]
	if c >= utf8.RuneSelf {
		return nextWide(text, i)
	}
	class := blocks[c]
	if class&classWord != 0 {
		return word(text, i, i), Letters
	}
	if class&classNumber != 0 {
		return digits(text, i), Digits
	}
	if class&classBreak == 0 && i+1 < len(text) {
		if after, _ := classAt(text, i+1); after&classWord != 0 {
			return word(text, i, i+1), Letters
		} else if c == ' ' && after&classNoPunct == 0 {
			return punctuation(text, i+1), Punctuation
		}
	}
	if class&classSpace == 0 {
		return punctuation(text, i), Punctuation
	}
	return space(text, i)
}

// nextWide is [NextKind] for a piece that starts with a character outside
// ASCII.
func nextWide(text string, i int) (end int, kind Kind) {
	class, size := classAt(text, i)
	if class&classHan != 0 {
		return han(text, i+size), Han
	}
	after := uint8(0)
	if class&classNoPrefix == 0 && i+size < len(text) {
		after, _ = classAt(text, i+size)
	}
	if (class|after)&classWord != 0 {
		return anyWord(text, i), Letters
	}
	switch {
	case class&classNumber != 0:
		return digits(text, i), Digits
	case class&classSpace == 0:
		return punctuation(text, i), Punctuation
	}
	return space(text, i)
}

// han returns the end of the run of Han characters that goes on at i.
func han(text string, i int) int {
	for i < len(text) {
		// Most Han text lies in the one block U+4E00 to U+9FFF, three bytes from
		// E4 B8 80 to E9 BF BF without a gap.
		if c := text[i]; c >= 0xE4 && c <= 0xE9 && i+2 < len(text) &&
			text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80 && (c > 0xE4 || text[i+1] >= 0xB8) {
			i += 3
			continue
		}
		class, size := classAt(text, i)
		if class&classHan == 0 {
			break
		}
		i += size
	}
	return i
}

// digits returns the end of the one to three digits at i.
func digits(text string, i int) int {
	for range 3 {
		if i == len(text) {
			break
		}
		class, size := classAt(text, i)
		if class&classNumber == 0 {
			break
		}
		i += size
	}
	return i
}

// punctuation returns the end of the run of punctuation at i and of the line
// breaks right after it.
func punctuation(text string, i int) int {
	for i < len(text) {
		class, size := classAt(text, i)
		if class&classNoPunct != 0 {
			break
		}
		i += size
	}
	for i < len(text) && (text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// space returns the end of the piece that the white space at i starts: up to
// the last line break of the run; without one, up to the last character, which
// belongs to what follows, unless nothing follows or it is the only one.
func space(text string, i int) (end int, kind Kind) {
	start, last, broken := i, i, -1
	for i < len(text) {
		class, size := classAt(text, i)
		if class&classSpace == 0 {
			break
		}
		last = i
		i += size
		if class&classBreak != 0 {
			broken = i
		}
	}
	switch {
	case broken >= 0:
		return broken, Newline
	case i == len(text) || last == start:
		return i, Space
	}
	return last, Space
}
