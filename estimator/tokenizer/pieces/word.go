package pieces

import (
	"math/bits"
	"unicode/utf8"
)

// word returns the end of the word whose letters begin at i; the piece begins
// at start, which is i or the one ASCII character before it that is no letter.
func word(text string, start, i int) int {
	if text[i] >= utf8.RuneSelf {
		return anyWord(text, start)
	}
	end := asciiWord(text, i)
	if end == len(text) {
		return end
	}
	switch c := text[end]; {
	case c == '\'':
		return contraction(text, end)
	case c >= utf8.RuneSelf:
		if class, _ := classAt(text, end); class&classWord != 0 {
			return anyWord(text, start)
		}
	}
	return end
}

// asciiWord returns the end of the ASCII upper-case letters at i and of the
// ASCII lower-case letters after them.
func asciiWord(text string, i int) int {
	for i+8 <= len(text) {
		upper, lower := letterCase(load(text, i))
		n := bits.TrailingZeros64(^upper&highBits) &^ 7
		if n == 64 {
			i += 8
			continue
		}
		rest := ^lower & highBits >> n << n
		if rest != 0 {
			return i + bits.TrailingZeros64(rest)>>3
		}
		return asciiLower(text, i+8)
	}
	for i < len(text) && 'A' <= text[i] && text[i] <= 'Z' {
		i++
	}
	return asciiLower(text, i)
}

// asciiLower returns the end of the ASCII lower-case letters at i.
func asciiLower(text string, i int) int {
	for i < len(text) && 'a' <= text[i] && text[i] <= 'z' {
		i++
	}
	return i
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// load returns the eight bytes of text from i, the first one lowest.
func load(text string, i int) uint64 {
	b := text[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// letterCase looks at eight bytes at once and sets the high bit of each byte
// that is an ASCII upper-case or lower-case letter.
func letterCase(x uint64) (upper, lower uint64) {
	folded := (x | 0x20*lowBits) &^ highBits
	fromA := folded + (0x80-'a')*lowBits       // high bit: at least 'a'
	beyondZ := folded + (0x80-'z'-1)*lowBits   // high bit: more than 'z'
	letter := fromA &^ beyondZ &^ x & highBits // a byte with its own high bit is no ASCII
	lowered := x << 2                          // bit 5, the case, moved to the high bit
	return letter &^ lowered, letter & lowered
}

// anyWord returns the end of the word that starts at i with or without a
// character before its letters, or 0 if there is none.
func anyWord(text string, i int) int {
	class, size := classAt(text, i)
	prefix := class&classNoPrefix == 0
	if prefix {
		if end := lowerWord(text, i+size); end > 0 {
			return contraction(text, end)
		}
	}
	if end := lowerWord(text, i); end > 0 {
		return contraction(text, end)
	}
	if prefix {
		if end := upperWord(text, i+size); end > 0 {
			return contraction(text, end)
		}
	}
	if end := upperWord(text, i); end > 0 {
		return contraction(text, end)
	}
	return 0
}

// lowerWord matches UP* LO+ at i and returns its end, or 0.
//
// Where no LO follows the run of UP, the run gives back characters until one of
// those given back is an LO: that is the last of its characters in both classes.
func lowerWord(text string, i int) int {
	both := 0
	for i < len(text) {
		class, size := classAt(text, i)
		if class&classUp == 0 {
			break
		}
		i += size
		if class&classLo != 0 {
			both = i
		}
	}
	if end := run(text, i, classLo); end > i {
		return end
	}
	return both
}

// upperWord matches UP+ LO* at i and returns its end, or 0.
func upperWord(text string, i int) int {
	end := run(text, i, classUp)
	if end == i {
		return 0
	}
	return run(text, end, classLo)
}

// run returns the end of the characters of the class want at i.
func run(text string, i int, want uint8) int {
	for i < len(text) {
		class, size := classAt(text, i)
		if class&want == 0 {
			break
		}
		i += size
	}
	return i
}

// contraction returns the end of the contraction at i ('s 't 're 've 'm 'll 'd
// in any case), or i if there is none.
func contraction(text string, i int) int {
	if i+1 >= len(text) || text[i] != '\'' {
		return i
	}
	switch text[i+1] | 0x20 {
	case 's', 't', 'm', 'd':
		return i + 2
	}
	if i+2 >= len(text) {
		return i
	}
	switch tail := text[i+1 : i+3]; {
	case tail == longS, text[i+2]|0x20 == 'l' && text[i+1]|0x20 == 'l':
		return i + 3
	case text[i+2]|0x20 == 'e' && (text[i+1]|0x20 == 'r' || text[i+1]|0x20 == 'v'):
		return i + 3
	}
	return i
}

// longS folds to s: the only letter beyond ASCII that fits a contraction.
const longS = "\u017f"

// Word8 looks at the first eight bytes of what is left of a text, the first one
// lowest in x. If a piece of kind [Letters] begins there, is made of ASCII, and
// ends before the eighth byte, Word8 returns its length; else 0, which says
// nothing. It is a short cut for [Next]: most words are that short.
func Word8(x uint64) int {
	upper, lower := letterCase(x)
	start := 0
	if (upper|lower)&0x80 == 0 {
		c := byte(x)
		if c >= utf8.RuneSelf || blocks[c]&classNoPrefix != 0 {
			return 0
		}
		start = 8
	}
	// The runs of upper-case and then of lower-case letters end at the first byte
	// that is not one, counting from start.
	n := bits.TrailingZeros64(^upper&highBits>>start<<start) &^ 7
	n = bits.TrailingZeros64(^lower&highBits>>n<<n) &^ 7
	if n == start || n == 64 {
		return 0
	}
	if c := byte(x >> n); c >= utf8.RuneSelf || c == '\'' {
		return 0
	}
	return n >> 3
}
