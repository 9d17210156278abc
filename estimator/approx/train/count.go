package main

import (
	"math"
	"sort"

	"tollgate/estimator/tokenizer/pieces"
)

// maxPiece is the longest piece statistics are taken from, in bytes. Longer ones
// are walked through in the same way and too rare to matter.
const maxPiece = 2000

// again is the power that how often a piece occurs in one document is raised to:
// a word that one document repeats is less likely to be met in another than one
// that as many documents share.
const again = 0.7

// example is a piece of the corpus with what it costs.
type example struct {
	piece  string
	ends   []uint16
	weight float64 // what it makes of the corpus: the sum over documents of weight x share
	seen   int     // how often it was seen
}

func (e *example) cost() int { return len(e.ends) }

// count returns the pieces of one side of the corpus with their costs, those
// that weigh most first.
func count(docs []document, t *truth, which side) []*example {
	bytes := make(map[string]float64)
	for _, d := range docs {
		if d.side == which {
			bytes[d.kind] += float64(len(d.text))
		}
	}
	index := make(map[string]*example)
	here := make(map[*example]int) // how often pieces occur in a document
	for _, d := range docs {
		if d.side != which {
			continue
		}
		unit := d.weight * 1e6 / bytes[d.kind]
		for piece := range pieces.All(d.text) {
			if len(piece) < 2 || len(piece) > maxPiece {
				continue
			}
			e := index[piece]
			if e == nil {
				e = &example{piece: piece}
				index[piece] = e
			}
			e.seen++
			here[e]++
		}
		for e, times := range here {
			e.weight += unit * math.Pow(float64(times), again)
		}
		clear(here)
	}
	all := make([]*example, 0, len(index))
	for _, e := range index {
		e.ends = t.ends(e.piece)
		all = append(all, e)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].weight != all[j].weight {
			return all[i].weight > all[j].weight
		}
		return all[i].piece < all[j].piece
	})
	return all
}
