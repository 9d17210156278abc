package main

import (
	"math"
	"math/rand/v2"

	"tollgate/estimator/approx/internal/model"
)

// fitter finds the weights of the features by stochastic gradient descent on
// the log-loss of every slot: "follow the regularized leader", with step sizes
// for every weight and a lasso that leaves weights at zero without good reason.
type fitter struct {
	of [1 << model.WeightBits]struct {
		weight float32
		root   float32 // of the sum of the squared gradients
		pull   float32 // the gradients' sum, of which weight is made
	}
	rate   float64
	lasso  float64
	rng    *rand.Rand
	kept   []uint32
	levels *[256]float32 // when set, weights count as rounded to a level
}

// value is the weight at index i as the table will have it.
func (f *fitter) value(i uint32) float64 {
	w := f.of[i].weight
	if f.levels != nil {
		return float64(f.levels[int(math.Round(float64(w)*model.Scale))+128])
	}
	return float64(w)
}

// drop is how often a step leaves features out, and how often it takes another's
// weight for a feature's own.
const drop = 0.1

// dropFrom are the features of three characters and more: those that a text of
// another kind may never have shown. They are left out of some steps, so that
// the others learn to do without. What training never saw has the weight of
// something else, so in other steps they have any weight, and that learns not to
// say more than it must.
var dropFrom = [model.Between]float64{0, 0.5, 1, 1, 1, 1, 0, 0, 1, 1, 0}

func (f *fitter) thin(features []uint32) []uint32 {
	f.kept = f.kept[:0]
	u := f.rng.Float64()
	for i, x := range features {
		if u < drop*dropFrom[i] {
			continue
		}
		if f.rng.Float64() < drop*dropFrom[i] {
			x = f.rng.Uint32()
		}
		f.kept = append(f.kept, x)
	}
	return f.kept
}

func newFitter(rng *rand.Rand, lasso float64) *fitter {
	return &fitter{rate: 0.15, rng: rng, lasso: lasso}
}

// step moves the weights of features towards label, a share of tokens that end
// in the slot, with the given importance.
func (f *fitter) step(features []uint32, label, importance float64) {
	var z float64
	for _, x := range features {
		z += f.value(model.Index(x))
	}
	p := 1 / (1 + math.Exp(-z))
	g := importance * (p - label)
	for _, x := range features {
		w := &f.of[model.Index(x)]
		old := float64(w.root)
		now := math.Sqrt(old*old + g*g)
		pull := float64(w.pull) + g - (now-old)/f.rate*float64(w.weight)
		w.root, w.pull = float32(now), float32(pull)
		w.weight = float32(f.leader(pull, now))
	}
}

// leader returns the weight for a sum of gradients and the root of the sum of
// their squares.
func (f *fitter) leader(pull, root float64) float64 {
	over := math.Abs(pull) - f.lasso
	if over <= 0 {
		return 0
	}
	const most = 127.0 / model.Scale
	return math.Copysign(min(over*f.rate/(root+1e-3), most), -pull)
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

// step is the distance between the levels that weights are rounded to. Larger
// ones take less room in the table and say less.
const step = 14

// round fixes the levels that weights are rounded to from now on.
func (f *fitter) round(m *model.Model) {
	f.slow(2)
	for i := range m.Weights.Levels {
		m.Weights.Levels[i] = int8(max((i-model.Levels/2)*step, -127))
	}
	f.levels = new([256]float32)
	for v := range f.levels {
		nearest := math.Round(float64(v-128) / step)
		nearest = min(max(nearest, 1-model.Levels/2), model.Levels/2-1)
		f.levels[v] = float32(nearest) * step / model.Scale
	}
}

// store puts the weights into m.
func (f *fitter) store(m *model.Model) {
	for i := range f.of {
		m.Weights.Of[i] = int8(math.Round(f.value(uint32(i)) * model.Scale))
	}
	m.Correct(m.Corrections)
}

// slow divides the step sizes and leaves the weights as they are.
func (f *fitter) slow(by float64) {
	f.rate /= by
	for i := range f.of {
		if w := float64(f.of[i].weight); w != 0 {
			root := float64(f.of[i].root) + 1e-3
			f.of[i].pull = float32(-math.Copysign(math.Abs(w)*root/f.rate+f.lasso, w))
		}
	}
}
