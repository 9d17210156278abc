package model

import "unicode/utf8"

// A piece of text has slots where a token may end: one between each two
// neighbouring characters, and len-1 inside a character of several bytes. What
// can be seen from a slot is a handful of features, each the hash of a few
// characters around it; the weights of the features add up to the log-odds that
// a token ends there.
const (
	// Between is the number of features of a slot between characters.
	Between = 8
	// Inside is the number of features of the slots inside a character.
	Inside = 4
	// WeightBits is the binary logarithm of the number of weights.
	WeightBits = 17

	runeBits = 21
	oneRune  = 1<<runeBits - 1
	twoRunes = 1<<(2*runeBits) - 1
)

// window slides over a piece. left holds the three characters before the slot,
// the nearest lowest; right the three after it, the nearest lowest. Beyond the
// ends of the piece there are zeros.
type window struct {
	left, right uint64
}

// between fills f with the features of the slot between left and right.
func (w window) between(f *[Between]uint32) {
	l1, l2, l3 := w.left&oneRune*mulA, w.left&twoRunes*mulA, w.left*mulA
	r1, r2, r3 := w.right&oneRune*mulB, w.right&twoRunes*mulB, w.right*mulB
	b, c := rune(w.left&oneRune), rune(w.right&oneRune)
	f[0] = spread(uint64(coarse(b))<<32 | uint64(coarse(c))<<1 | 1)
	f[1] = spread(l1 + r1 + 1)
	f[2] = spread(l2 + r1 + 2)
	f[3] = spread(l1 + r2 + 3)
	f[4] = spread(l2 + r2 + 4)
	f[5] = spread(l3 + r2 + 5)
	f[6] = spread(l2 + r3 + 6)
	f[7] = spread(l3 + r3 + 7)
}

// inside fills f with the features of the slots inside the character that
// right begins with; n is its length in bytes.
func (w window) inside(n int, f *[Inside]uint32) {
	c := w.right & oneRune
	f[0] = spread(uint64(coarse(rune(c)))<<8 | uint64(n)<<1) //nolint:gosec // n is 2..4
	f[1] = spread(c*mulB + 9)
	f[2] = spread(w.left&oneRune*mulA + c*mulB + 10)
	f[3] = spread(w.right&twoRunes*mulB + 11)
}

// spread turns a sum of products into the index of a weight.
func spread(x uint64) uint32 {
	x ^= x >> 32
	x *= mulC
	return uint32(x >> (64 - WeightBits))
}

// coarse puts characters that behave alike in one class: letters, digits and
// the rest of ASCII, and elsewhere 128 neighbours in Unicode at a time.
func coarse(r rune) uint32 {
	switch {
	case r >= utf8.RuneSelf:
		return 16 + uint32(r)>>7
	case 'a' <= r && r <= 'z':
		return 1
	case 'A' <= r && r <= 'Z':
		return 2
	case '0' <= r && r <= '9':
		return 3
	case r == 0:
		return 4
	case r == ' ' || r == '\t':
		return 5
	case r == '\n' || r == '\r':
		return 6
	default:
		return 7
	}
}

// Slots calls between for each slot between two characters of piece, with the
// byte offset of the slot, and inside for each character of more than one byte,
// with its offset and length. It is what training sees of a piece; Estimate
// walks the same slots.
func Slots(piece string, between func(at int, f *[Between]uint32), inside func(at, size int, f *[Inside]uint32)) {
	var fb [Between]uint32
	var fi [Inside]uint32
	w := walker{rest: piece}
	w.start()
	for at := 0; w.size > 0; {
		if at > 0 {
			w.between(&fb)
			between(at, &fb)
		}
		if w.size > 1 {
			w.inside(w.size, &fi)
			inside(at, w.size, &fi)
		}
		at += w.size
		w.next()
	}
}

// walker moves a window over a piece, a character at a time.
type walker struct {
	window
	rest  string // what has not entered the window
	size  int    // bytes of the character right begins with; 0 at the end
	sizes [2]int // bytes of the two characters after it
}

func (w *walker) start() {
	for i := range 3 {
		r, n := decode(w.rest)
		w.right |= uint64(r) << (i * runeBits)
		w.rest = w.rest[n:]
		if i == 0 {
			w.size = n
		} else {
			w.sizes[i-1] = n
		}
	}
}

func (w *walker) next() {
	w.left = (w.left<<runeBits | w.right&oneRune) & (1<<(3*runeBits) - 1)
	r, n := decode(w.rest)
	w.rest = w.rest[n:]
	w.right = w.right>>runeBits | uint64(r)<<(2*runeBits)
	w.size, w.sizes[0], w.sizes[1] = w.sizes[0], w.sizes[1], n
}

// decode returns the first character of s and its length, 0 and 0 at the end. A
// byte that is not UTF-8 is a character of its own.
func decode(s string) (uint32, int) {
	if len(s) == 0 {
		return 0, 0
	}
	if s[0] < utf8.RuneSelf {
		return uint32(s[0]), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	return uint32(r), n //nolint:gosec // a rune of UTF-8 is not negative
}
