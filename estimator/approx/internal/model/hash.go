package model

import "math/bits"

// Odd constants with well-spread bits; any such set would do, but the table is
// made with exactly these.
const (
	mulA uint64 = 0x9e3779b97f4a7c15
	mulB uint64 = 0xc2b2ae3d27d4eb4f
	mulC uint64 = 0xd6e8feb86659fd93
)

// hashPiece hashes the bytes of s. Its high bits choose a bucket and its low
// bits are the fingerprint.
func hashPiece(s string) uint64 {
	h := uint64(len(s)) * mulA
	for len(s) > 8 {
		h = fold(h^load8(s), mulB)
		s = s[8:]
	}
	return fold(h^loadTail(s), mulC)
}

// fold multiplies to 128 bits and folds the halves, so that every input bit
// reaches both ends of the result.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^mulA, b)
	return hi ^ lo
}

// load8 reads the first eight bytes of s, little endian.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// load4 reads the first four bytes of s, little endian.
func load4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// loadTail reads the at most eight bytes of s in a way that no two strings of
// one length share.
func loadTail(s string) uint64 {
	switch n := len(s); {
	case n == 8:
		return load8(s)
	case n >= 4:
		return load4(s) | load4(s[n-4:])<<32
	case n > 0:
		return uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	default:
		return 0
	}
}
