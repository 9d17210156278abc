package main

import (
	"math"
	"math/rand/v2"

	"tollgate/estimator/approx/internal/model"
)

// fitter finds the weights of the features by stochastic gradient descent on
// the log-loss of every slot (AdaGrad step sizes).
type fitter struct {
	weight [1 << model.WeightBits]float32
	square [1 << model.WeightBits]float32
	rate   float64
	rng    *rand.Rand
	kept   []uint32
	levels *[256]float32 // when set, weights count as rounded to a level
}

// value is the weight of feature i as the table will have it.
func (f *fitter) value(i uint32) float64 {
	w := f.weight[i]
	if f.levels != nil {
		return float64(f.levels[int(math.Round(float64(w)*model.Scale))+128])
	}
	return float64(w)
}

// drop is how often a step leaves features out.
const drop = 0.1

// dropFrom are the features of three characters and more: those that a text of
// another kind may never have shown. They are left out of some steps, so that
// the others learn to do without.
var dropFrom = [model.Between]float64{0, 0.5, 1, 1, 1, 1, 0, 0}

func (f *fitter) thin(features []uint32) []uint32 {
	f.kept = f.kept[:0]
	u := f.rng.Float64()
	for i, x := range features {
		if u < drop*dropFrom[i] {
			continue
		}
		f.kept = append(f.kept, x)
	}
	return f.kept
}

func newFitter(rng *rand.Rand) *fitter { return &fitter{rate: 0.15, rng: rng} }

// step moves the weights of features towards label, a share of tokens that end
// in the slot, with the given importance.
func (f *fitter) step(features []uint32, label, importance float64) {
	var z float64
	for _, i := range features {
		z += f.value(i)
	}
	p := 1 / (1 + math.Exp(-z))
	for _, i := range features {
		g := importance * (p - label)
		f.square[i] += float32(g * g)
		w := float64(f.weight[i]) - f.rate*g/math.Sqrt(float64(f.square[i])+1e-6)
		f.weight[i] = float32(min(max(w, -127.0/model.Scale), 127.0/model.Scale))
	}
}

// learn takes one example into the weights.
func (f *fitter) learn(e *example, importance float64) {
	visit(e,
		func(_ int, fb *[model.Between]uint32, hit float64) {
			f.step(f.thin(fb[:]), hit, importance)
		},
		func(_, size int, fi *[model.Inside]uint32, hits float64) {
			slots := float64(size - 1)
			f.step(fi[:], hits/slots, importance*slots)
		})
}

// visit calls between and inside for the slots of e, with the number of tokens
// that really end there.
func visit(e *example,
	between func(at int, fb *[model.Between]uint32, hit float64),
	inside func(at, size int, fi *[model.Inside]uint32, hits float64),
) {
	end := 0
	reached := func(at int) float64 {
		for end < len(e.ends) && int(e.ends[end]) < at {
			end++
		}
		if end < len(e.ends) && int(e.ends[end]) == at {
			return 1
		}
		return 0
	}
	model.Slots(e.piece,
		func(at int, fb *[model.Between]uint32) { between(at, fb, reached(at)) },
		func(at, size int, fi *[model.Inside]uint32) {
			hits := 0.0
			for i := at + 1; i < at+size; i++ {
				hits += reached(i)
			}
			inside(at, size, fi, hits)
		})
}

// fit learns all examples in a random order, epochs times. importance says how
// much one example matters; 0 leaves it out.
func (f *fitter) fit(all []*example, importance func(*example) float64, epochs int) {
	order := make([]int, 0, len(all))
	for i, e := range all {
		if importance(e) > 0 {
			order = append(order, i)
		}
	}
	for range epochs {
		f.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			f.learn(all[i], importance(all[i]))
		}
	}
}

// round chooses the levels that weights are rounded to from now on: the means
// of 15 clusters and 0.
func (f *fitter) round(m *model.Model) {
	f.rate /= 2
	var count [256]float64
	for i, w := range f.weight {
		if f.square[i] > 0 {
			count[int(math.Round(float64(w)*model.Scale))+128] += 1
		}
	}
	levels := clusters(&count)
	f.levels = new([256]float32)
	for v := range f.levels {
		best := levels[0]
		for _, l := range levels {
			if math.Abs(float64(v-128)-float64(l)) < math.Abs(float64(v-128)-float64(best)) {
				best = l
			}
		}
		f.levels[v] = float32(best) / model.Scale
	}
	m.Weights.Levels = levels
}

// clusters finds the levels for weights that occur so often: Lloyd's algorithm
// on a line, where far ones count more, for they decide more.
func clusters(count *[256]float64) [model.Levels]int8 {
	var centre [model.Levels]float64
	for i := range centre {
		x := float64(i)/(model.Levels-1)*2 - 1
		centre[i] = x * math.Abs(x) * 100
	}
	for range 100 {
		var sum, n [model.Levels]float64
		for v, c := range count {
			x, best := float64(v-128), 0
			for i := range centre {
				if math.Abs(x-centre[i]) < math.Abs(x-centre[best]) {
					best = i
				}
			}
			c *= math.Abs(x) + 1
			sum[best] += c * x
			n[best] += c
		}
		for i := range centre {
			if n[i] > 0 {
				centre[i] = sum[i] / n[i]
			}
		}
	}
	var levels [model.Levels]int8
	zero := 0
	for i, c := range centre {
		levels[i] = int8(math.Round(c))
		if math.Abs(c) < math.Abs(centre[zero]) {
			zero = i
		}
	}
	levels[zero] = 0
	return levels
}

// store puts the weights into m.
func (f *fitter) store(m *model.Model) {
	for i := range f.weight {
		m.Weights.Of[i] = int8(math.Round(f.value(uint32(i)) * model.Scale))
	}
	m.Correct(m.Corrections)
}
