package model

import "unicode/utf8"

// NoSpread leaves variances as they are.
const NoSpread = 256

// Spreads multiply the variances of pieces, by the group of a piece, in
// 1/[NoSpread]. A text repeats its unknown words, and their errors with them:
// identifiers in code far more than Chinese phrases. So the same doubt about
// single pieces makes for different doubt about a text.
type Spreads [Groups / 2]uint16

// PieceGroup returns the group of the last character of piece.
func PieceGroup(piece string) int {
	if len(piece) == 0 || piece[len(piece)-1] < utf8.RuneSelf {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(piece)
	return Group(r, false)
}
