package tokenizer

import "unicode/utf8"

// charTable has the characters of the first plane of Unicode, so that merging
// can begin with their tokens instead of their bytes.
//
// That is exact for a character that is a token, if no token that spans one of
// its edges holds but a part of it and is older than it: as long as no merge
// reaches over an edge of the character for a part of it, its bytes merge as if
// it stood alone. So until it is whole there is a merge left inside it, of a
// token no younger than the character, and that goes before any that reaches
// over. And what the whole character merges into is younger than itself, so it
// makes no difference that it is there from the beginning.
type charTable [1 << 16]char

// char is what is known of a character. Each token that spans two characters,
// holds but a part of one and is older than that one is given a bit, which
// several share: the pairs that it may span have it in left of the first and in
// right of the second.
type char struct {
	token       uint32 // the character, or none if it is more than one
	left, right uint16
}

// Bits that are given to no token: they meet where a character of several bytes
// stands next to what is not in the table.
const (
	maxCharBytes = 4
	sharedBits   = 14
	beforeAny    = 1 << sharedBits
	afterAny     = 2 << sharedBits
)

// at returns the character at byte i of text and its length in bytes. What is not
// in the table is no token.
func (t *charTable) at(text string, i int) (c char, size int) {
	a := text[i]
	if a < utf8.RuneSelf {
		return t[a], 1
	}
	switch rest := text[i+1:]; {
	case a >= 0xC2 && a < 0xE0 && len(rest) >= 1:
		if b := rest[0] ^ 0x80; b < 0x40 {
			return t[uint(a&0x1F)<<6|uint(b)], 2
		}
	case a >= 0xE0 && a < 0xF0 && len(rest) >= 2:
		b, c := rest[0]^0x80, rest[1]^0x80
		if at := uint(a&0x0F)<<12 | uint(b)<<6 | uint(c); b|c < 0x40 && at >= 0x800 {
			return t[at], 3
		}
	}
	return char{token: none, left: afterAny, right: beforeAny}, otherSize(text[i:])
}

// otherSize returns the length of what is not in the table: up to the next byte that
// starts a character, and maxCharBytes at most.
func otherSize(text string) int {
	size := 1
	for size < min(len(text), maxCharBytes) && !utf8.RuneStart(text[size]) {
		size++
	}
	return size
}

// clear makes all characters unknown: merging then begins with bytes.
func (t *charTable) clear() {
	for c := range t {
		t[c] = char{token: none}
		if c >= utf8.RuneSelf {
			t[c].left, t[c].right = beforeAny, afterAny
		}
	}
}

// fill makes the table from the tokens of list.
func (t *charTable) fill(list tokenList) {
	t.clear()
	for id := range list.len() {
		if text := list.at(id); len(text) < maxCharBytes {
			if c, ok := wholeChar(text); ok {
				t[c].token = uint32(id)
			}
		}
	}
	shared := 0
	for id := range list.len() {
		text := list.at(id)
		if utf8.ValidString(text) {
			continue
		}
		for cut := 1; cut < len(text); cut++ {
			if utf8.RuneStart(text[cut]) && t.span(text[:cut], text[cut:], uint32(id), 1<<(shared%sharedBits)) {
				shared++
			}
		}
	}
}

// span gives bit to the pairs of characters that the token id may be cut into
// before and after, if it holds but a part of one and is older than that one. It
// reports whether there are any.
func (t *charTable) span(before, after string, id uint32, bit uint16) bool {
	lefts, rights := charsEnding(before), charsBeginning(after)
	if !lefts.cut && !rights.cut || lefts.end == 0 || rights.end == 0 {
		return false
	}
	foundLeft, foundRight := false, false
	for c := lefts.first; c < lefts.end; c += lefts.step {
		if rights.cut || t[c].token > id {
			t[c].left |= bit
			foundLeft = true
		}
	}
	for c := rights.first; c < rights.end; c += rights.step {
		if lefts.cut || t[c].token > id {
			t[c].right |= bit
			foundRight = true
		}
	}
	return foundLeft && foundRight
}

// charSet are the characters of the first plane that may stand at an edge of a
// text: one, or those of which the text holds a part. It may be empty.
type charSet struct {
	first, end, step int
	cut              bool // the text holds but a part
}

// charsBeginning returns the characters that a text, not empty, may begin with.
func charsBeginning(text string) charSet {
	size, c := 1, int(text[0])
	switch {
	case c < utf8.RuneSelf:
	case c >= 0xC2 && c < 0xE0:
		size, c = 2, c&0x1F
	case c >= 0xE0 && c < 0xF0:
		size, c = 3, c&0x0F
	default:
		return charSet{}
	}
	n := min(len(text), size)
	for _, b := range []byte(text[1:n]) {
		if utf8.RuneStart(b) {
			return charSet{}
		}
		c = c<<6 | int(b&0x3F)
	}
	missing := 6 * (size - n)
	s := charSet{first: c << missing, end: (c + 1) << missing, step: 1, cut: n < size}
	if size == 3 {
		s.first = max(s.first, 0x800)
	}
	if s.first >= s.end {
		return charSet{}
	}
	return s
}

// charsEnding returns the characters that a text, not empty, may end in.
func charsEnding(text string) charSet {
	start := len(text) - 1
	for start > 0 && !utf8.RuneStart(text[start]) {
		start--
	}
	tail := text[start:]
	switch {
	case utf8.RuneStart(tail[0]):
		if c, ok := wholeChar(tail); ok {
			return charSet{first: c, end: c + 1, step: 1}
		}
	case len(tail) == 1:
		return charSet{first: int(tail[0]), end: 1 << 16, step: 1 << 6, cut: true}
	case len(tail) == 2:
		c := int(tail[0]&0x3F)<<6 | int(tail[1]&0x3F)
		if c < 0x800 {
			c += 1 << 12
		}
		return charSet{first: c, end: 1 << 16, step: 1 << 12, cut: true}
	}
	return charSet{}
}

// wholeChar returns the character that text, not empty, is, if it is one of the
// first plane.
func wholeChar(text string) (c int, ok bool) {
	s := charsBeginning(text)
	return s.first, !s.cut && s.end > s.first && len(text) == len(string(rune(s.first)))
}
