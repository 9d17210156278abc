package model

import (
	"math"
	"unicode/utf8"
)

const (
	// Scale is the weight of one unit of log-odds.
	Scale = 16
	// oddsRange is where log-odds are clamped, in weights.
	oddsRange = 10 * Scale
	oddsLen   = 2*oddsRange + 1
)

// Groups is the number of groups of characters whose odds are corrected alike.
const Groups = 16

// rareGroup is the group of emoji and what is rare.
const rareGroup = Groups/2 - 1

// Group returns the group of a slot: by the character after it, twice over, for
// the slots before it and those inside.
func Group(c rune, inside bool) int {
	g := 0
	switch {
	case c < utf8.RuneSelf:
	case c < 0x250:
		g = 1 // Latin with marks
	case c < 0x600:
		g = 2 // Greek, Cyrillic, Hebrew and their like
	case c < 0x2E80:
		g = 3 // Arabic, scripts of India, symbols
	case c < 0x3400:
		g = 4 // Kana and the signs of East Asia
	case c < 0xA000:
		g = 5 // Han
	case c < 0x10000:
		g = 6 // Hangul and the rest of the plane
	default:
		g = rareGroup
	}
	if inside {
		g += Groups / 2
	}
	return g
}

// Correction turns summed weights into log-odds that hold on text that was not
// trained on: slope times the sum, plus shift.
type Correction struct {
	Slope, Shift float32
}

// NoCorrections leaves the log-odds as they are.
func NoCorrections() (c [Groups]Correction) {
	for g := range c {
		c[g].Slope = 1
	}
	return c
}

// Correct sets the corrections.
func (m *Model) Correct(c [Groups]Correction) {
	m.Corrections = c
	m.prepare()
}

// prepare derives the odds of a token's end, in 1/65536, by group and by clamped
// sum of weights, and the sums that are looked up.
func (m *Model) prepare() {
	m.prepareSums()
	for g, c := range m.Corrections {
		for i := range m.odds[g] {
			z := float64(c.Slope)*float64(i-oddsRange)/Scale + float64(c.Shift)
			m.odds[g][i] = uint16(math.Round((Unit - 1) / (1 + math.Exp(-z))))
		}
	}
	m.prepareChars()
}

func (m *Model) chance(group, sum int) int64 {
	return int64(m.odds[group][min(max(sum, -oddsRange), oddsRange)+oddsRange])
}
