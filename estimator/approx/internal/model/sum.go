package model

import "unicode/utf8"

// Sum returns the summed weights of features, which corrections apply to.
func (m *Model) Sum(features []uint32) int {
	z := 0
	for _, i := range features {
		z += int(m.Weights.Of[Index(i)])
	}
	return z
}

// sumBetween is Sum of what w.between fills in, in one go: counting spends most
// of its time here.
func (m *Model) sumBetween(w window) int {
	of := &m.Weights.Of
	l1, l2, l3 := w.left&oneRune*mulA, w.left&twoRunes*mulA, w.left*mulA
	r1, r2, r3 := w.right&oneRune*mulB, w.right&twoRunes*mulB, w.right*mulB
	z := int(of[Index(spread(l2+r1+2))]) + int(of[Index(spread(l1+r2+3))]) +
		int(of[Index(spread(l2+r2+4))]) + int(of[Index(spread(l3+r3+5))]) +
		int(of[Index(spread(w.before+8))]) + int(of[Index(spread(w.after+9))]) + int(m.places[w.place])
	if b, c := w.left&oneRune, w.right&oneRune; b < utf8.RuneSelf && c < utf8.RuneSelf {
		return z + int(m.pairs[b<<7|c])
	}
	z += int(of[Index(w.classes())])
	if b, c := m.charOf(w.left&oneRune), m.charOf(w.right&oneRune); b != nil && c != nil {
		return z + int(of[Index(spread(l1+r1+1))]) + int(b.before) + int(c.after)
	}
	return z + int(of[Index(spread(l1+r1+1))]) + int(of[Index(spread(l1+6))]) + int(of[Index(spread(r1+7))])
}

// prepareSums looks up the weights of all places, and sums up the features that
// see two characters at most for all pairs of ASCII.
func (m *Model) prepareSums() {
	of := &m.Weights.Of
	for i := range m.places {
		m.places[i] = of[Index(placeFeature(uint64(i)))]
	}
	for i := range uint64(len(m.pairs)) {
		w := window{left: i >> 7, right: i & 127}
		l1, r1 := w.left*mulA, w.right*mulB
		m.pairs[i] = int16(of[Index(w.classes())]) +
			int16(of[Index(spread(l1+r1+1))]) + int16(of[Index(spread(l1+6))]) + int16(of[Index(spread(r1+7))])
	}
}

// sumInside is Sum of what w.inside fills in.
func (m *Model) sumInside(w window, n int) int {
	var f [Inside]uint32
	w.inside(n, &f)
	return int(m.Weights.Of[Index(f[0])]) + int(m.Weights.Of[Index(f[1])])
}

// Kana and Han are looked up by character: they are most of the characters that
// are walked.
const (
	charsFrom = 0x3000
	charsEnd  = 0xA000
	charSize  = 3
)

// char is what can be said of a slot by one character.
type char struct {
	inside        uint16 // the odds of a token's end inside of it
	before, after int8   // the weights of a slot after it, and before it
}

// charOf returns what is known of c, nil when it is not one of those.
func (m *Model) charOf(c uint64) *char {
	if c -= charsFrom; c < charsEnd-charsFrom {
		return &m.chars[c]
	}
	return nil
}

// inside returns the odds of a token's end in a slot inside the character of group
// g that w is before.
func (m *Model) inside(g int, w *walker) int64 {
	if c := m.charOf(w.right & oneRune); c != nil {
		return int64(c.inside)
	}
	return m.chance(g+Groups/2, m.sumInside(w.window, w.size))
}

// prepareChars looks up what is said by one character.
func (m *Model) prepareChars() {
	of := &m.Weights.Of
	for i := range m.chars {
		c := uint64(i + charsFrom)
		w := window{right: c}
		m.chars[i] = char{
			inside: uint16(m.chance(w.group()+Groups/2, m.sumInside(w, charSize))),
			before: of[Index(spread(c*mulA+6))],
			after:  of[Index(spread(c*mulB+7))],
		}
	}
}
