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

// Memo remembers, for the time of one text, what was estimated of pieces that the
// table does not name: a text repeats its own words. Of short pieces that the table
// names it also remembers what they cost, from one text to the next. The zero value
// is empty. It changes no answer, and is for one model.
type Memo struct {
	text  uint64            // added to the hashes of this text's pieces
	short [shortSize]uint64 // pieces, with their length and above it their cost
	of    [memoSize]struct {
		hash     uint64
		estimate Estimate
	}
}

// memoSize is as much as fits beside the tables in the cache next to the
// processor, and shortSize as much as fits into the one that is nearer.
const (
	memoSize  = 2048
	shortBits = 11
	shortSize = 1 << shortBits
	shortMost = 7  // bytes of a piece that is remembered so
	lengthLow = 56 // where the length of such a piece lies
	costLow   = lengthLow + 3
)

// Forget empties the memo, for another text.
func (memo *Memo) Forget() { memo.text += mulA }

// Estimate estimates one piece.
func (m *Model) Estimate(piece string) Estimate {
	return m.EstimateIn(piece, nil)
}

// EstimateIn is [Model.Estimate] for a piece of a text with this memo; nil is
// none.
func (m *Model) EstimateIn(piece string, memo *Memo) Estimate {
	n := len(piece)
	if n <= 1 || isNumber(piece) {
		return Estimate{Tokens: int64(min(n, 1)) * Unit}
	}
	hash := hashPiece(piece)
	if Listed(piece) {
		if cost := m.Pieces.find(hash); cost > 0 {
			return named(cost)
		}
	}
	return m.remembered(hash, piece, memo)
}

// EstimateShort is [Model.EstimateIn] for a piece of two to eight bytes that is no
// number. key is the piece, the first byte lowest, below zeros.
func (m *Model) EstimateShort(key uint64, piece string, memo *Memo) Estimate {
	packed := key | uint64(len(piece))<<lengthLow
	last := &memo.short[packed*mulA>>(64-shortBits)]
	if *last&(1<<costLow-1) == packed && len(piece) <= shortMost {
		return named(int(*last >> costLow))
	}
	hash := hashShort(key, len(piece))
	cost := m.Pieces.find(hash)
	if cost == 0 {
		return m.remembered(hash, piece, memo)
	}
	if len(piece) <= shortMost {
		*last = packed | uint64(cost)<<costLow
	}
	return named(cost)
}

// named is the estimate of a piece that the table names.
func named(cost int) Estimate {
	return Estimate{Tokens: int64(cost) * Unit, Variance: hitVariance}
}

// remembered is unlisted for a piece with this hash, which memo may have.
func (m *Model) remembered(hash uint64, piece string, memo *Memo) Estimate {
	if memo == nil {
		return m.unlisted(piece)
	}
	seen := &memo.of[hash%memoSize]
	if hash += memo.text; seen.hash != hash {
		seen.hash = hash
		seen.estimate = m.unlisted(piece)
	}
	return seen.estimate
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
