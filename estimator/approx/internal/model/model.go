// Package model is the arithmetic of the approximation: what a piece of text
// is expected to cost in tokens, given a table of statistics.
//
// It knows hashed pieces, the features of the places where a token may end, and
// how the table is laid out in bytes. It does not know how text is cut into
// pieces, what corpus the statistics came from, or any token.
package model

import "math"

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
	Pieces  PieceTable
	Weights [1 << WeightBits]int8
	Bounds  Calibration

	odds [oddsLen]uint16 // of a token's end, in 1/65536, by clamped log-odds
}

const (
	// Scale is the weight of one unit of log-odds.
	Scale = 16
	// oddsRange is where log-odds are clamped, in weights.
	oddsRange = 10 * Scale
	oddsLen   = 2*oddsRange + 1
	// hitVariance is the variance of a piece found in the table, in 1/65536: a
	// fingerprint may be another's.
	hitVariance = Unit / 2048
)

// Prepare fills what is derived from the table. It must be called before the
// first Estimate.
func (m *Model) Prepare() {
	for i := range m.odds {
		z := float64(i-oddsRange) / Scale
		m.odds[i] = uint16(math.Round((Unit - 1) / (1 + math.Exp(-z))))
	}
}

// Estimate estimates one piece.
func (m *Model) Estimate(piece string) Estimate {
	if len(piece) <= 1 {
		return Estimate{Tokens: int64(len(piece)) * Unit}
	}
	if len(piece) <= MaxPiece {
		if cost := m.Pieces.Lookup(piece); cost > 0 {
			return Estimate{Tokens: int64(cost) * Unit, Variance: hitVariance}
		}
	}
	return m.Walk(piece)
}

// Walk estimates a piece that is not in the table.
func (m *Model) Walk(piece string) Estimate {
	e := Estimate{Tokens: Unit}
	var fb [Between]uint32
	var fi [Inside]uint32
	w := walker{rest: piece}
	w.start()
	for first := true; w.size > 0; w.next() {
		if !first {
			w.between(&fb)
			var z int
			for _, i := range fb {
				z += int(m.Weights[i])
			}
			e.add(m.chance(z), 1)
		}
		if w.size > 1 {
			w.inside(w.size, &fi)
			var z int
			for _, i := range fi {
				z += int(m.Weights[i])
			}
			e.add(m.chance(z), int64(w.size-1))
		}
		first = false
	}
	return e
}

func (e *Estimate) add(p, times int64) {
	e.Tokens += p * times
	e.Variance += (p * (Unit - p) >> 16) * times
}

func (m *Model) chance(z int) int64 {
	return int64(m.odds[min(max(z, -oddsRange), oddsRange)+oddsRange])
}
