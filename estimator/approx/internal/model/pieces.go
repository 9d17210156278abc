package model

import (
	"math/bits"
	"unicode/utf8"
)

// PieceTable holds what frequent pieces cost. A piece is known by ten bits of
// its hash within a bucket, so a piece that was never entered is taken for another
// about once in 200 times; neither piece nor token can be read back.
type PieceTable struct {
	Buckets []Bucket
}

// Bucket holds eight cells, four a word, so that four are looked through at once.
// A cell is a fingerprint, never 0, above a cost less one; an empty cell is 0.
type Bucket [Ways / lanes]uint64

const (
	// Ways is the number of cells in a bucket.
	Ways = 8
	// MaxCost is the highest cost a cell can hold, in tokens.
	MaxCost = 1 << costBits
	// MaxPiece is the length in bytes of the longest word that is looked up. Long
	// ones are rarely seen twice, and one taken for another would cost much.
	MaxPiece = 20
	// MaxRun is the same of pieces without letters at their ends, which are rulers
	// and indentation more often than not.
	MaxRun = 128

	costBits = 3
	markBits = 10
)

// Known returns the cost of piece in tokens if it is one that can be looked up
// and is in the table, and 0 otherwise.
func (t *PieceTable) Known(piece string) int {
	if !Listed(piece) {
		return 0
	}
	return t.Lookup(piece)
}

// Listed reports whether a piece like this may be in the table.
func Listed(piece string) bool {
	n := len(piece)
	return n <= MaxPiece || n <= MaxRun && isSign(piece[0]) && isSign(piece[n-1])
}

// isSign reports whether c is ASCII and no letter.
func isSign(c byte) bool {
	return c < utf8.RuneSelf && (c|0x20 < 'a' || c|0x20 > 'z')
}

// Lookup returns the cost of piece in tokens, 0 when it is not in the table.
func (t *PieceTable) Lookup(piece string) int {
	return t.find(hashPiece(piece))
}

// find returns the cost under a hash, 0 when there is none. Which half of the
// bucket has it is a coin's toss that no processor foresees, so both are looked
// at before there is a branch.
func (t *PieceTable) find(hash uint64) int {
	bucket, mark := t.place(hash)
	want := uint64(mark) << costBits * lowBits
	b := &t.Buckets[bucket]
	word, lane := b[0], matches(b[0]^want)
	if second := matches(b[1] ^ want); lane == 0 {
		word, lane = b[1], second
	}
	if lane == 0 {
		return 0
	}
	return int(word>>(uint(bits.TrailingZeros64(lane))&^(laneBits-1))&(MaxCost-1)) + 1
}

// matches has a bit set in the lowest lane of difference that is 0 but for the
// cost, and perhaps others in the lanes above; it is 0 when there is none.
func matches(difference uint64) uint64 {
	other := difference &^ (lowBits * (MaxCost - 1))
	return (other - lowBits) &^ other & (lowBits << (laneBits - 1))
}

const (
	laneBits = 16
	lanes    = 64 / laneBits
	lowBits  = 1<<48 | 1<<32 | 1<<16 | 1 // the lowest bit of every lane
)

// cell returns cell i.
func (b *Bucket) cell(i int) uint16 {
	return uint16(b[i/lanes] >> (i % lanes * laneBits))
}

// fill sets cell i, which is empty.
func (b *Bucket) fill(i int, cell uint16) {
	b[i/lanes] |= uint64(cell) << (i % lanes * laneBits)
}

// Enter puts piece into the table and reports whether there was room. A piece
// whose fingerprint is in the bucket already is not entered.
func (t *PieceTable) Enter(piece string, cost int) bool {
	bucket, mark := t.place(hashPiece(piece))
	b := &t.Buckets[bucket]
	for i := range Ways {
		switch cell := b.cell(i); {
		case cell == 0:
			b.fill(i, mark<<costBits|uint16(cost-1))
			return true
		case cell>>costBits == mark:
			return false
		}
	}
	return false
}

// Alike returns a number that two pieces share when one is taken for the other.
func (t *PieceTable) Alike(piece string) uint64 {
	bucket, mark := t.place(hashPiece(piece))
	return bucket<<markBits | uint64(mark)
}

// place returns the bucket of a hash and its fingerprint.
func (t *PieceTable) place(hash uint64) (bucket uint64, mark uint16) {
	bucket, _ = bits.Mul64(hash, uint64(len(t.Buckets)))
	return bucket, max(uint16(hash)>>(16-markBits), 1)
}
