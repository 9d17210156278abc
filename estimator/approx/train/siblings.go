package main

import (
	"math"

	"tollgate/estimator/approx/internal/model"
)

// priorSiblings says of pieces with a sibling, before any is measured, that they
// cost a little more than it and not surely.
func priorSiblings() (s model.Siblings) {
	for i := range s {
		s[i] = model.Sibling{More: 160, Doubt: 50}
	}
	return s
}

// fitSiblings measures what pieces cost beside their siblings.
func fitSiblings(held []*example, m *model.Model, cap func(*example) float64) {
	type moments struct{ n, sum, square float64 }
	var cells [len(m.Siblings)]moments
	for _, e := range held {
		w := cap(e)
		if m.Pieces.Known(e.piece) > 0 || len(e.piece) > 2*model.MaxPiece {
			continue
		}
		cell, cost := m.Sibling(e.piece)
		if cell < 0 {
			continue
		}
		d := float64(e.cost() - cost + 1)
		cells[cell].n += w
		cells[cell].sum += w * d
		cells[cell].square += w * d * d
	}
	for i := range cells {
		c := cells[i]
		// A few examples of a cost one higher, widely spread, for cells that are
		// hardly met.
		const few = 3
		n := c.n + few
		mean := (c.sum + few*2) / n
		variance := (c.square+few*6)/n - mean*mean
		m.Siblings[i] = model.Sibling{
			More:  uint8(min(max(math.Round(mean*128), 0), 255)),
			Doubt: uint8(min(max(math.Round(variance*128), 1), 255)),
		}
	}
}
