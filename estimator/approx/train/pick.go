package main

import (
	"math"

	"tollgate/estimator/approx/internal/model"
)

// pick fills the table of m with the pieces that the rest of the model gets
// wrong most, weighed by how often they occur, and reports which they are. all is
// in the order of weights, so that a piece is judged with those in the table that
// are more frequent and may be its siblings.
func pick(all []*example, m *model.Model, cells int) map[*example]bool {
	var able []*example
	for _, e := range all {
		if e.seen >= 2 && e.cost() <= model.MaxCost && model.Listed(e.piece) && classOf(e.piece) != "digits" {
			able = append(able, e)
		}
	}
	walks := make([]model.Estimate, len(able))
	for i, e := range able {
		walks[i] = m.Walk(e.piece)
	}
	low, high := 0.0, able[0].weight
	for range 18 {
		least := (low + high) / 2
		if len(enter(able, walks, m, cells, least)) < cells {
			high = least
		} else {
			low = least
		}
	}
	return enter(able, walks, m, cells, low)
}

// enter fills the table of m with the pieces whose entry gains at least so much,
// until cells are full. A piece that would be taken for a more frequent one that
// needs no entry has to gain that much more than this one loses.
func enter(able []*example, walks []model.Estimate, m *model.Model, cells int, least float64) map[*example]bool {
	m.Pieces.Buckets = make([]model.Bucket, cells/4)
	picked := make(map[*example]bool, cells)
	without := make(map[uint64]*example) // the most frequent pieces without an entry
	for i, e := range able {
		if e.weight*model.MaxCost < least || len(picked) == cells {
			break
		}
		key := m.Pieces.Alike(e.piece)
		other := without[key]
		gains := e.weight*gain(m.Kin(e.piece, walks[i]), e.cost()) - harm(other, e.cost())
		if gains >= least && m.Pieces.Enter(e.piece, e.cost()) {
			picked[e] = true
		} else if other == nil {
			without[key] = e
		}
	}
	return picked
}

// harm is what it costs that e, if there is one, is taken for a piece of another
// cost.
func harm(e *example, cost int) float64 {
	if e == nil {
		return 0
	}
	return e.weight * math.Abs(float64(e.cost()-cost))
}

// gain is what it is worth to know the cost that was estimated.
func gain(e model.Estimate, cost int) float64 {
	miss := math.Abs(float64(e.Tokens)/model.Unit - float64(cost))
	return miss + 0.5*float64(e.Variance)/model.Unit
}
