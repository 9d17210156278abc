package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"unicode/utf8"

	"tollgate/estimator/approx/internal/model"
)

const (
	// cells is about the number of pieces in the table: what 256 KB have room for
	// beside the weights.
	cells = 100_000
	// most is how many bytes the table may have.
	most = 256 << 10
	// knownShare is what a piece of the table counts in learning weights: less
	// than another, for it will not be walked, but not nothing, for the pieces
	// that no corpus holds resemble those too.
	knownShare = 0.5
	// mostWeight is what one piece counts at most, beside the piece in the
	// middle.
	mostWeight = 7
	// lasso is the pull of all weights towards nothing: what a few pieces say is
	// not believed.
	lasso = 1
	// epochs is how often all examples are learned with free weights, and rounds
	// how often then with rounded ones, in steps that are slower times smaller each
	// time.
	epochs = 4
	rounds = 8
	slower = 1.35
)

// train makes a model of the documents for training, corrected on those for
// calibration.
func train(docs []document, t *truth, seed uint64, log io.Writer) *model.Model {
	rng := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // reproducible, not secret
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(log, format+"\n", args...) }
	all := count(docs, t, forTraining)
	say("%d documents, %d pieces", len(docs), len(all))

	middle := all[len(all)/2].weight
	weigh := func(e *example) float64 { return min(e.weight/middle, mostWeight) }
	m := &model.Model{}
	m.Rare = rare(all)
	m.Correct(model.NoCorrections())
	f := newFitter(rng, lasso)
	f.fit(all, weigh, 1)
	f.store(m)
	m.Siblings = priorSiblings()
	known := pick(all, m, cells)
	say("weights found, %d pieces chosen", len(known))

	rest := func(e *example) float64 {
		if known[e] {
			return knownShare * weigh(e)
		}
		return weigh(e)
	}
	f.fit(all, rest, epochs)
	f.round(m)
	say("weights rounded to %v", m.Weights.Levels)
	for range rounds {
		f.fit(all, rest, 1)
		f.slow(slower)
	}
	f.store(m)
	fitSiblings(all, m, weigh)
	say("%d pieces chosen to fill the table", len(fill(all, m)))

	held := count(docs, t, forOdds)
	correct(held, m, weigh)
	say("log-odds corrected by %.2f", m.Corrections)
	fitSiblings(held, m, weigh)
	return m
}

// fill picks as many pieces as there is room for.
func fill(all []*example, m *model.Model) map[*example]bool {
	picked := pick(all, m, cells)
	raw, err := m.Encode()
	if err != nil {
		return picked // writing the table will say so
	}
	const bits, spare = 12, 256 // a piece takes a little less, in the mean
	return pick(all, m, cells+(most-spare-len(raw))*8/bits)
}

// enough words of a block of characters make it one that is known.
const enoughWords = 1500

// rare returns the blocks of alphabets that the corpus has few words of.
func rare(all []*example) (b model.Blocks) {
	words := make(map[rune]int)
	for _, e := range all {
		r, _ := utf8.DecodeLastRuneInString(e.piece)
		words[r>>7]++
	}
	for block := range rune(1 << 16 >> 7) {
		r := block << 7
		alphabet := r >= 0x280 && r < 0x2000 || r >= 0xa000 && r < 0xac00
		if alphabet && words[block] < enoughWords {
			b.Add(r)
		}
	}
	return b
}
