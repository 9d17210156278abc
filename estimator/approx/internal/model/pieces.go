package model

import "math/bits"

// PieceTable holds what frequent pieces cost. A piece is known by 13 bits of its
// hash within a bucket, so a piece that was never entered is taken for another
// about once in 1,000 times; neither piece nor token can be read back.
type PieceTable struct {
	// Buckets hold eight cells each. A cell is a fingerprint above a cost; an
	// empty cell is 0, for no cost is 0.
	Buckets [][Ways]uint16
}

const (
	// Ways is the number of cells in a bucket.
	Ways = 8
	// MaxCost is the highest cost a cell can hold, in tokens.
	MaxCost  = 1<<costBits - 1
	// MaxPiece is the length in bytes of the longest piece that is looked up.
	// Long pieces are rarely seen twice, and a long one taken for another would
	// cost much.
	MaxPiece = 20
	costBits = 3
)

// Lookup returns the cost of piece in tokens, 0 when it is not in the table.
func (t *PieceTable) Lookup(piece string) int {
	bucket, print := t.place(piece)
	for _, cell := range &t.Buckets[bucket] {
		if cell>>costBits == print {
			return int(cell & MaxCost)
		}
	}
	return 0
}

// Enter puts piece into the table and reports whether there was room. A piece
// whose fingerprint is in the bucket already is not entered.
func (t *PieceTable) Enter(piece string, cost int) bool {
	bucket, print := t.place(piece)
	cells := &t.Buckets[bucket]
	for i := range cells {
		switch {
		case cells[i] == 0:
			cells[i] = print<<costBits | uint16(cost) //nolint:gosec // 1..MaxCost
			return true
		case cells[i]>>costBits == print:
			return false
		}
	}
	return false
}

// place returns the bucket of piece and its fingerprint.
func (t *PieceTable) place(piece string) (bucket uint64, print uint16) {
	h := hashPiece(piece)
	bucket, _ = bits.Mul64(h, uint64(len(t.Buckets)))
	return bucket, uint16(h) >> costBits
}
