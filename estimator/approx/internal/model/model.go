// Package model is the arithmetic of the approximation: what a piece of text
// is expected to cost in tokens, given a table of statistics.
//
// It knows hashed pieces, the features of the places where a token may end, and
// how the table is laid out in bytes. It does not know how text is cut into
// pieces, what corpus the statistics came from, or any token.
package model

import "unicode/utf8"

// Unit is one token in the fixed-point numbers of an [Estimate]. Sums are
// integers so that every platform answers the same.
const Unit = 1 << 16

// Estimate is the expected number of tokens and the variance of its error, both
// in 1/65536.
type Estimate struct {
	Tokens   int64
	Variance int64
}

// Model estimates pieces. It is read-only once made, and safe for concurrent
// use.
type Model struct {
	Table
	Pieces  PieceTable
	Weights Weights

	// What follows is derived, by prepare.
	odds   [Groups][oddsLen]uint16
	pairs  [utf8.RuneSelf * utf8.RuneSelf]int16
	places [allPlaces]int8
	chars  [charsEnd - charsFrom]char
}

// Table is the members of a model that have a fixed size and few bytes.
type Table struct {
	Bounds      Calibration
	Corrections [Groups]Correction
	Siblings    Siblings
	Spreads     Spreads
	Rare        Blocks
}

// hitVariance is the variance of a piece found in the table, in 1/65536: its
// fingerprint may be another's.
const hitVariance = Unit / 2048

// Estimate estimates one piece.
func (m *Model) Estimate(piece string) Estimate {
	if n := len(piece); n <= 1 || isNumber(piece) {
		return Estimate{Tokens: int64(min(n, 1)) * Unit}
	}
	return m.estimate(hashPiece(piece), piece)
}

// estimate is Estimate for a piece of two bytes or more that is no number, and has
// this hash.
func (m *Model) estimate(hash uint64, piece string) Estimate {
	if Listed(piece) {
		if cost := m.Pieces.find(hash); cost > 0 {
			return named(cost)
		}
	}
	return m.unlisted(piece)
}

// named is the estimate of a piece that the table names.
func named(cost int) Estimate {
	return Estimate{Tokens: int64(cost) * Unit, Variance: hitVariance}
}

// unlisted estimates a piece that is not in the table.
func (m *Model) unlisted(piece string) Estimate {
	e := m.Kin(piece, m.Walk(piece))
	e.Variance = e.Variance * int64(m.Spreads[m.PieceGroup(piece)]) / NoSpread
	return e
}

// Kin corrects what a walk found by what a sibling of piece costs, if one is in
// the table.
func (m *Model) Kin(piece string, walk Estimate) Estimate {
	if len(piece) > 2*MaxPiece {
		return walk
	}
	if cell, cost := m.Sibling(piece); cell >= 0 {
		return m.Siblings[cell].blend(cost, walk)
	}
	return walk
}

// isNumber reports whether piece is one to three digits of ASCII, which are
// always one token.
func isNumber(piece string) bool {
	if len(piece) > 3 {
		return false
	}
	for i := range len(piece) {
		if piece[i] < '0' || piece[i] > '9' {
			return false
		}
	}
	return true
}

// Walk estimates a piece by its slots alone.
func (m *Model) Walk(piece string) Estimate {
	e := Estimate{Tokens: Unit}
	w := walker{rest: piece}
	w.start()
	for first := true; w.size > 0; w.next() {
		g := w.group()
		if !first {
			e.add(m.chance(g, m.sumBetween(w.window)), 1)
		}
		if w.size > 1 {
			e.add(m.inside(g, &w), int64(w.size-1))
		}
		first = false
	}
	return e
}

func (e *Estimate) add(p, times int64) {
	e.Tokens += p * times
	e.Variance += (p * (Unit - p) >> 16) * times
}
