package main

import (
	"math"
	"unicode/utf8"

	"tollgate/estimator/approx/internal/model"
)

// outcome is a slot of a piece that is not in the table: the summed weights, and
// how many of how many tokens' ends there were.
type outcome struct {
	z, hits, slots, weight float64
}

// correct fits the corrections of m to pieces of text it was not trained on.
func correct(held []*example, m *model.Model, cap func(*example) float64) {
	var seen [model.Groups][]outcome
	for _, e := range held {
		if m.Pieces.Known(e.piece) > 0 {
			continue
		}
		w := cap(e)
		visit(e,
			func(at int, fb *[model.Between]uint32, hit float64) {
				r, _ := utf8.DecodeRuneInString(e.piece[at:])
				g := model.Group(r, false)
				seen[g] = append(seen[g], outcome{float64(m.Sum(fb[:])) / model.Scale, hit, 1, w})
			},
			func(at, size int, fi *[model.Inside]uint32, hits float64) {
				r, _ := utf8.DecodeRuneInString(e.piece[at:])
				g := model.Group(r, true)
				seen[g] = append(seen[g], outcome{float64(m.Sum(fi[:])) / model.Scale, hits, float64(size - 1), w})
			})
	}
	var c [model.Groups]model.Correction
	for g := range seen {
		c[g] = logistic(seen[g])
	}
	m.Correct(c)
}

// logistic fits slope and shift by Newton's method, with a few imaginary
// outcomes that favour 1 and 0.
func logistic(seen []outcome) model.Correction {
	slope, shift := 1.0, 0.0
	for range 25 {
		const prior = 20
		ga, gb := prior*(slope-1), prior*shift
		haa, hab, hbb := float64(prior), 0.0, float64(prior)
		for _, o := range seen {
			z := min(max(o.z, -10), 10)
			p := 1 / (1 + math.Exp(-(slope*z + shift)))
			d := o.weight * (p*o.slots - o.hits)
			h := o.weight * o.slots * p * (1 - p)
			ga += d * z
			gb += d
			haa += h * z * z
			hab += h * z
			hbb += h
		}
		det := haa*hbb - hab*hab
		slope -= (hbb*ga - hab*gb) / det
		shift -= (haa*gb - hab*ga) / det
	}
	return model.Correction{Slope: float32(slope), Shift: float32(shift)}
}
