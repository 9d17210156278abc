package pieces

import "unicode/utf8"

// The classes of a character that the pattern asks for, as bits. A character
// can be in several: a mark is in both classUp and classLo and is no letter, a
// Han digit is in classHan and classNumber.
const (
	classUp     = 1 << iota // may stand in the upper part of a word; never Han
	classLo                 // may stand in the lower part of a word; never Han
	classHan                // script is Han
	classLetter             // category L
	classNumber             // category N
	classSpace              // \s
	classBreak              // carriage return or line feed
)

const (
	// classWord are the characters of words.
	classWord = classUp | classLo
	// classNoPrefix can not be the one character before a word.
	classNoPrefix = classLetter | classNumber | classBreak
	// classNoPunct can not stand in punctuation.
	classNoPunct = classLetter | classNumber | classSpace
)

const blockMask = 1<<blockShift - 1

// classOf returns the classes of the character r.
func classOf(r rune) uint8 {
	return blocks[int(blockIndex[r>>blockShift])<<blockShift|int(r&blockMask)]
}

// classAt returns the classes of the character at byte i of text, and its
// length in bytes.
func classAt(text string, i int) (class uint8, size int) {
	if c := text[i]; c < utf8.RuneSelf {
		return blocks[c], 1
	}
	return classWide(text, i)
}

// classWide is classAt for a character outside ASCII. It decodes those of two
// and three bytes itself, which is most of them, and leaves to package utf8 the
// lead bytes after which not every second byte is valid.
func classWide(text string, i int) (class uint8, size int) {
	a, rest := text[i], text[i+1:]
	switch {
	case a >= 0xC2 && a < 0xE0 && len(rest) >= 1:
		if b := rest[0] ^ 0x80; b < 0x40 {
			return classOf(rune(a&0x1F)<<6 | rune(b)), 2
		}
	case a > 0xE0 && a < 0xF0 && a != 0xED && len(rest) >= 2:
		if b, c := rest[0]^0x80, rest[1]^0x80; b|c < 0x40 {
			return classOf(rune(a&0x0F)<<12 | rune(b)<<6 | rune(c)), 3
		}
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return classOf(r), size
}
