package main

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"tollgate/estimator/approx/internal/model"
)

// groups is the number of groups of pieces.
const groups = model.Groups / 2

// point is an estimate beside the truth. doubt is the variance, before spreads,
// by the group of the pieces it comes from.
type point struct {
	tokens, truth float64
	doubt         [groups]float64
}

// variance is what the model states with these spreads.
func (p *point) variance(spreads *[groups]float64) float64 {
	v := 0.0
	for g, s := range spreads {
		v += s * p.doubt[g]
	}
	return v
}

// coverage is the share of texts that the bounds are made to hold for. It is
// above the promised 99 per cent, for the texts it is measured on are a sample.
const coverage = 0.995

// leastRoot is the least factor of the root: less is enough for most texts of a few
// words, but not for those in alphabets that the corpus has little of.
const leastRoot = 2.0

// enough is how many texts a group needs to say anything about one in a hundred.
const enough = 100

// Everyday Chinese is further off than the manuals and catalogues that the bounds
// are measured on, so the doubt about it is not lowered to what suits those.
const (
	han      = 5 // the group
	everyday = 0.35
)

// calibrate finds the narrowest bounds, and the spreads, that hold for the
// wanted share of the points of every group of kinds.
func calibrate(all map[string][]point) (model.Calibration, model.Spreads) {
	var kinds [][]point
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if len(all[name]) >= enough {
			kinds = append(kinds, all[name])
		}
	}
	spreads := [groups]float64{1, 1, 1, 1, 1, 1, 1, 1}
	c, narrowest := bounds(kinds, &spreads)
	for range 3 {
		for g := 1; g < groups; g++ { // the first group is the measure of the others
			best := spreads[g]
			for _, s := range []float64{16, 8, 4, 3, 2, 1.4, 1, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08} {
				if g == han && s < everyday {
					continue
				}
				spreads[g] = s
				if try, width := bounds(kinds, &spreads); width < narrowest {
					c, narrowest, best = try, width, s
				}
			}
			spreads[g] = best
		}
	}
	var rounded model.Spreads
	for g, s := range spreads {
		rounded[g] = uint16(math.Ceil(s * model.NoSpread))
	}
	return c, rounded
}

// bounds finds the narrowest bounds for given spreads, and their width.
func bounds(kinds [][]point, spreads *[groups]float64) (c model.Calibration, width float64) {
	variances := make([][]float64, len(kinds))
	for i, ps := range kinds {
		for j := range ps {
			variances[i] = append(variances[i], ps[j].variance(spreads))
		}
	}
	var low, high float64
	c.LowRoot, c.LowLinear, low = oneSide(kinds, variances, func(p *point) float64 {
		return p.tokens - p.truth
	})
	c.HighRoot, c.HighLinear, high = oneSide(kinds, variances, func(p *point) float64 {
		return p.truth - p.tokens
	})
	return c, low + high
}

// oneSide finds the factors of root and linear for one side, and the width they
// make; short is how much too short a bound at the estimate itself is.
func oneSide(kinds [][]point, variances [][]float64, short func(*point) float64) (root, linear, width float64) {
	width = math.Inf(1)
	for r := leastRoot; r <= 6; r += 0.5 {
		l, w := 0.0, 0.0
		for i, ps := range kinds {
			l = max(l, linearFor(ps, variances[i], r, short))
		}
		for i, ps := range kinds {
			sum := 0.0
			for j := range ps {
				v := variances[i][j]
				sum += (r*math.Sqrt(v) + l*v) / ps[j].truth
			}
			// Of the logarithm, so that a tenth less is worth the same everywhere.
			w += math.Log(sum/float64(len(ps)) + 0.001)
		}
		if w < width {
			root, linear, width = r, l, w
		}
	}
	return root, linear, width
}

// linearFor returns the factor of the variance that one group of kinds needs
// beside root.
func linearFor(ps []point, variances []float64, root float64, short func(*point) float64) float64 {
	var need []float64
	for j := range ps {
		v := variances[j]
		over := short(&ps[j]) - 1 + model.Slack - root*math.Sqrt(v)
		if over > 0 {
			// A text that seemed certain is no reason to doubt all others more.
			need = append(need, over/max(v, 1))
		}
	}
	misses := int(float64(len(ps)) * (1 - coverage) / 2)
	if len(need) <= misses {
		return 0
	}
	slices.SortFunc(need, cmp.Compare[float64])
	return need[len(need)-1-misses]
}
