package main

import (
	"math"
	"sort"

	"tollgate/estimator/approx/internal/model"
)

// pick fills the table of m with the pieces that the rest of the model gets
// wrong most, weighed by how often they occur, and reports which they are.
func pick(all []*example, m *model.Model, cells int) map[*example]bool {
	type candidate struct {
		e    *example
		gain float64
	}
	var cs []candidate
	for _, e := range all {
		if e.seen < 2 || e.cost() > model.MaxCost || len(e.piece) > model.MaxPiece {
			continue
		}
		w := m.Walk(e.piece)
		miss := math.Abs(float64(w.Tokens)/model.Unit - float64(e.cost()))
		doubt := float64(w.Variance) / model.Unit
		cs = append(cs, candidate{e, e.weight * (miss + 0.5*doubt)})
	}
	sort.SliceStable(cs, func(i, j int) bool { return cs[i].gain > cs[j].gain })
	m.Pieces.Buckets = make([]model.Bucket, cells/model.Ways)
	picked := make(map[*example]bool)
	for _, c := range cs {
		if m.Pieces.Enter(c.e.piece, c.e.cost()) {
			picked[c.e] = true
		}
		if len(picked) == cells {
			break
		}
	}
	return picked
}
