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
	r, size := utf8.DecodeRuneInString(text[i:])
	return classOf(r), size
}
