package model

import "unicode/utf8"

// A piece of text has slots where a token may end: one between each two
// neighbouring characters, and len-1 inside a character of several bytes. What
// can be seen from a slot is a handful of features, each the hash of a few
// characters around it; the weights of the features add up to the log-odds that
// a token ends there.
const (
	// Between is the number of features of a slot between characters.
	Between = 11
	// Inside is the number of features of the slots inside a character.
	Inside = 2
	// WeightBits is the binary logarithm of the number of weights.
	WeightBits = 19
	// Reach is how long, in bytes, the part of a piece before or after a slot may
	// be to be seen as a whole.
	Reach = 16

	runeBits = 21
	oneRune  = 1<<runeBits - 1
	twoRunes = 1<<(2*runeBits) - 1
)

// window slides over a piece. left holds the three characters before the slot,
// the nearest lowest; right the three after it, the nearest lowest. Beyond the
// ends of the piece there are zeros.
type window struct {
	left, right uint64
	before      uint64 // hash of all of the piece before the slot; 0 when it is long
	after       uint64 // hash of all of the piece after the slot; 0 when it is long
	place       uint64 // how far the slot is from both ends of which kind of piece
}

// between fills f with the features of the slot between left and right.
func (w window) between(f *[Between]uint32) {
	l1, l2, l3 := w.left&oneRune*mulA, w.left&twoRunes*mulA, w.left*mulA
	r1, r2, r3 := w.right&oneRune*mulB, w.right&twoRunes*mulB, w.right*mulB
	f[0] = w.classes()
	f[1] = spread(l1 + r1 + 1)
	f[2] = spread(l2 + r1 + 2)
	f[3] = spread(l1 + r2 + 3)
	f[4] = spread(l2 + r2 + 4)
	f[5] = spread(l3 + r3 + 5)
	f[6] = spread(l1 + 6)
	f[7] = spread(r1 + 7)
	f[8] = spread(w.before + 8)
	f[9] = spread(w.after + 9)
	f[10] = placeFeature(w.place)
}

// A place is a kind of piece, by its first character, above the bytes before the
// slot and the bytes after it, both at most far.
const (
	far       = 15
	farBits   = 4
	kindBits  = 4
	allPlaces = 1 << (kindBits + 2*farBits)
)

// placeFeature returns the feature of a place.
func placeFeature(place uint64) uint32 { return spread(place*mulA + 10) }

// kindOf returns the kind of a piece that begins with first: by class for ASCII,
// by group elsewhere.
func kindOf(first rune) uint64 {
	if first < utf8.RuneSelf {
		return uint64(coarse(first))
	}
	return Groups/2 + uint64(Group(first, false))
}

// classes returns the feature of the classes of the two characters at the slot.
func (w window) classes() uint32 {
	b, c := coarse(rune(w.left&oneRune)), coarse(rune(w.right&oneRune))
	return spread(uint64(b)<<32 | uint64(c)<<1 | 1)
}

// inside fills f with the features of the slots inside the character that
// right begins with; n is its length in bytes.
func (w window) inside(n int, f *[Inside]uint32) {
	c := w.right & oneRune
	f[0] = spread(uint64(coarse(rune(c)))<<8 | uint64(n)<<1)
	f[1] = spread(c*mulB + 12)
}

// group returns the group of the slot before the character that right begins
// with.
func (w window) group() int {
	return Group(rune(w.right&oneRune), false)
}

// spread turns a sum of products into the hash of a feature, of which the high
// bits are the index of its weight.
func spread(x uint64) uint32 {
	x ^= x >> 32
	x *= mulC
	return uint32(x >> 32)
}

// Index returns where the weight of a feature is.
func Index(feature uint32) uint32 { return feature >> (32 - WeightBits) }

// coarse puts characters that behave alike in one class: a few for ASCII, and
// elsewhere one for 128 neighbours in Unicode.
func coarse(r rune) uint32 {
	if r >= utf8.RuneSelf {
		return 16 + uint32(r)>>7
	}
	return uint32(asciiClasses[r] - '0')
}

// asciiClasses gives lower-case letters 1, upper-case letters 2, digits 3, the
// end of the piece 4, blanks 5, line breaks 6 and the rest 7.
const asciiClasses = "4777777775677677" + "7777777777777777" +
	"5777777777777777" + "3333333333777777" +
	"7222222222222222" + "2222222222277777" +
	"7111111111111111" + "1111111111177777"

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
	at    int    // bytes before the slot
	tail  int    // bytes after it
	hash  uint64 // of the bytes before the slot
	kind  uint64 // of the piece, shifted to its place
	ends  [Reach + 1]uint64
}

func (w *walker) start() {
	w.tail = len(w.rest)
	h := uint64(0)
	for i := 1; i <= min(Reach, w.tail); i++ {
		h = (h + uint64(w.rest[w.tail-i]) + 1) * mulA
		w.ends[i] = h
	}
	for i := range 3 {
		r, n := decode(w.rest)
		w.right |= uint64(r) << (i * runeBits)
		w.rest = w.rest[n:]
		if i == 0 {
			w.size = n
			w.kind = kindOf(rune(r)) << (2 * farBits)
		} else {
			w.sizes[i-1] = n
		}
	}
}

func (w *walker) next() {
	w.at += w.size
	w.left = (w.left<<runeBits | w.right&oneRune) & (1<<(3*runeBits) - 1)
	w.hash = (w.hash + w.right&oneRune + 1) * mulB
	w.before, w.after = 0, 0
	if w.at <= Reach {
		w.before = w.hash
	}
	if w.tail -= w.size; w.tail <= Reach {
		w.after = w.ends[w.tail]
	}
	w.place = w.kind | uint64(min(w.at, far))<<farBits | uint64(min(w.tail, far))
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
	// Most others are Kana and Han, of three bytes.
	if c := s[0] - 0xE3; c <= 0xE9-0xE3 && len(s) > 2 && s[1]&0xC0 == 0x80 && s[2]&0xC0 == 0x80 {
		return uint32(s[0]&0x0F)<<12 | uint32(s[1]&0x3F)<<6 | uint32(s[2]&0x3F), 3
	}
	r, n := utf8.DecodeRuneInString(s)
	return uint32(r), n
}
