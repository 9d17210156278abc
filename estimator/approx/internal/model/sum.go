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
	return z + int(of[Index(w.classes())]) +
		int(of[Index(spread(l1+r1+1))]) + int(of[Index(spread(l1+6))]) + int(of[Index(spread(r1+7))])
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
