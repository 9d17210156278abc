package model

import "unicode/utf8"

// NoSpread leaves variances as they are.
const NoSpread = 256

// Spreads multiply the variances of pieces, by the group of a piece, in
// 1/[NoSpread]. A text repeats its unknown words, and their errors with them:
// identifiers in code far more than Chinese phrases. So the same doubt about
// single pieces makes for different doubt about a text.
type Spreads [Groups / 2]uint16

// Blocks has a bit for each 128 neighbours in Unicode up to U+FFFF, set when the
// corpus has too few words of them to say anything about others.
type Blocks [1 << 16 / 128 / 8]byte

// Add takes the block of r for one that the corpus has too few words of.
func (b *Blocks) Add(r rune) { b[r>>10] |= 1 << (r >> 7 & 7) }

// has reports whether Add was called for a neighbour of r.
func (b *Blocks) has(r rune) bool { return b[r>>10]>>(r>>7&7)&1 != 0 }

// PieceGroup returns the group of the last character of piece; characters of
// [Blocks] are with those that are rare.
func (m *Model) PieceGroup(piece string) int {
	if len(piece) == 0 || piece[len(piece)-1] < utf8.RuneSelf {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(piece)
	if r > 0xffff || m.Rare.has(r) {
		return rareGroup
	}
	return Group(r, false)
}
