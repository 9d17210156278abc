package model

import "strings"

// A piece that is not in the table may have siblings that are: the same letters
// after another character, after none, or with the first letter in the other
// case. What " word" costs says much about "(word" and "Word".

// kinship is how a sibling differs from the piece.
type kinship uint8

const (
	plainStem   kinship = iota // without the character before
	spacedStem                 // with a space before
	otherCase                  // with the first letter in the other case
	otherPlain                 // that, without the character before
	otherSpaced                // that, with a space before
	kinships    = iota
)

// Siblings holds what a piece costs given the cost of its first sibling found,
// by the character before it, by kinship and by the sibling's cost.
type Siblings [prefixes * kinships * siblingCosts]Sibling

// siblingCosts is how many costs of siblings are told apart; higher ones count as
// the highest.
const siblingCosts = 4

// Sibling is what is known of pieces with such a sibling.
type Sibling struct {
	More  uint8 // the expected cost over the sibling's less one, in 1/128
	Doubt uint8 // its variance, in 1/128
}

// siblingUnit is one token in the members of a [Sibling].
const siblingUnit = 128

// prefixes is the number of classes of characters before a stem.
const prefixes = 32

// firstClasses are the characters that have a class of their own after those
// from space to slash; two that stand together share one.
const firstClasses = "\t\t:;<<==>>?@[[\\\\]]__``{{|}"

// prefixClass puts the character before a stem in a class: none, the ones that
// are frequent, and the rest.
func prefixClass(c byte) int {
	switch {
	case c == 0:
		return 0
	case c >= ' ' && c <= '/':
		return 1 + int(c-' ')
	case c == '~':
		c = '}'
	}
	if i := strings.IndexByte(firstClasses, c); i >= 0 {
		return 17 + i/2
	}
	return 30
}

// Sibling returns where [Siblings] keeps what is known of piece, and the cost of
// the sibling found; -1 when none is in the table.
func (m *Model) Sibling(piece string) (cell, cost int) {
	prefix, stem := split(piece)
	k, cost := m.sameCase(prefix, stem)
	if cost == 0 {
		k, cost = m.otherCase(prefix, stem)
	}
	if cost == 0 {
		return -1, 0
	}
	return (prefixClass(prefix)*kinships+int(k))*siblingCosts + min(cost, siblingCosts) - 1, cost
}

// sameCase looks for siblings with the same letters. The cost is 0 when there is
// none.
func (m *Model) sameCase(prefix byte, stem string) (kinship, int) {
	same := hashStem(stem, 0)
	if prefix != 0 {
		if c := m.Pieces.find(withPrefix(same, 0)); c > 0 || prefix == ' ' {
			return plainStem, c
		}
	}
	return spacedStem, m.Pieces.find(withPrefix(same, ' '))
}

// otherCase looks for siblings whose first letter is in the other case. The cost
// is 0 when there is none.
func (m *Model) otherCase(prefix byte, stem string) (kinship, int) {
	if c := stem[0] | 0x20; c < 'a' || c > 'z' || len(stem) < 2 {
		return otherCase, 0
	}
	other := hashStem(stem, 0x20)
	if c := m.Pieces.find(withPrefix(other, prefix)); c > 0 {
		return otherCase, c
	}
	if prefix != 0 {
		if c := m.Pieces.find(withPrefix(other, 0)); c > 0 {
			return otherPlain, c
		}
	}
	if prefix == ' ' {
		return otherSpaced, 0
	}
	return otherSpaced, m.Pieces.find(withPrefix(other, ' '))
}

// blend weighs what the sibling says against what the walk says, each by how
// sure it is.
func (s Sibling) blend(cost int, walk Estimate) Estimate {
	mean := int64(cost-1)*Unit + int64(s.More)*(Unit/siblingUnit)
	doubt := int64(s.Doubt)*(Unit/siblingUnit) + 1
	all := doubt + walk.Variance
	return Estimate{
		Tokens:   (mean*walk.Variance + walk.Tokens*doubt) / all,
		Variance: doubt * walk.Variance / all,
	}
}
