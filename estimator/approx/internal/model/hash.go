package model

import (
	"math/bits"
	"unicode/utf8"
)

// Odd constants with well-spread bits; any such set would do, but the table is
// made with exactly these.
const (
	mulA uint64 = 0x9e3779b97f4a7c15
	mulB uint64 = 0xc2b2ae3d27d4eb4f
	mulC uint64 = 0xd6e8feb86659fd93
)

// hashPiece hashes a piece. The high bits choose a bucket and the low bits are
// the fingerprint.
func hashPiece(piece string) uint64 {
	prefix, stem := split(piece)
	return withPrefix(hashStem(stem, 0), prefix)
}

// hashShort is hashPiece of a piece of two to eight bytes, the first one lowest
// in key. It has no branch, for nobody foresees which pieces have a prefix.
func hashShort(key uint64, n int) uint64 {
	first := key & 0xff
	letter := int64(first|0x20) - 'a'
	other := uint64(letter|(25-letter)) >> 63 &^ (first >> 7) // 1 when the first byte is a prefix
	prefix := first & -other
	return fold(((uint64(n)-other)*mulA^key>>(8*other))+prefix*mulB, mulC)
}

// split takes the one ASCII character before the letters off a piece, if there
// is one. The prefix is 0 when there is none.
func split(piece string) (prefix byte, stem string) {
	if c := piece[0]; len(piece) > 1 && c < 'A' && c > 0 {
		return c, piece[1:]
	} else if len(piece) > 1 && c < utf8.RuneSelf && (c|0x20 < 'a' || c|0x20 > 'z') {
		return c, piece[1:]
	}
	return 0, piece
}

// withPrefix completes the hash of a stem.
func withPrefix(stem uint64, prefix byte) uint64 {
	return fold(stem+uint64(prefix)*mulB, mulC)
}

// hashStem hashes the bytes of s, the first of them with the bits of flip
// changed.
func hashStem(s string, flip byte) uint64 {
	h := uint64(len(s))*mulA ^ uint64(flip)
	for len(s) > 8 {
		h = fold(h^Load8(s), mulB)
		s = s[8:]
	}
	return h ^ loadTail(s)
}

// fold multiplies to 128 bits and folds the halves, so that every input bit
// reaches both ends of the result.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^mulA, b)
	return hi ^ lo
}

// Load8 reads the first eight bytes of s, little endian.
func Load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// load4 reads the first four bytes of s, little endian.
func load4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// loadTail reads the at most eight bytes of s, little endian.
func loadTail(s string) uint64 {
	switch n := len(s); {
	case n == 8:
		return Load8(s)
	case n >= 4:
		return load4(s) | load4(s[n-4:])<<(8*(n-4))
	case n > 0:
		return uint64(s[0]) | uint64(s[n>>1])<<(8*(n>>1)) | uint64(s[n-1])<<(8*(n-1))
	default:
		return 0
	}
}
