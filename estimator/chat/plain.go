package chat

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
	slashes  = '\\' * lowBits
)

// stops sets the high bit of the lowest byte of x that is no ordinary string
// content: a quote, a backslash or a control character. Higher bytes are right
// only while no lower one stops.
//
// The idea: taking n from a byte below 0x80 borrows into its high bit only if
// the byte is less than n. XOR with a backslash makes backslashes zero, so one
// is taken. XOR with 2 swaps the quote, 0x22, and the space, 0x20, and leaves
// the control characters below, so what is less than 0x21 then are they and the
// quote. A byte from 0x80 on has its high bit anyway; of those nothing is said
// until the high bits of x are masked out.
func stops(x uint64) uint64 {
	return ((x ^ slashes) - lowBits) | ((x ^ 2*lowBits) - 0x21*lowBits)
}

// plain returns how many bytes at the start of b are ordinary string content
// (no quote, no backslash, no control character), and whether all of them are
// ASCII. It looks at 32 bytes at a time while all are both, and then at eight.
func plain(b []byte) (n int, ascii bool) {
	for len(b)-n >= 32 {
		p := (*[32]byte)(b[n:])
		w, x := binary.LittleEndian.Uint64(p[0:]), binary.LittleEndian.Uint64(p[8:])
		y, z := binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:])
		if (stops(w)|stops(x)|stops(y)|stops(z)|w|x|y|z)&highBits != 0 {
			break
		}
		n += 32
	}
	var seen uint64
	for n+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[n:])
		if hit := stops(x) &^ x & highBits; hit != 0 {
			k := bits.TrailingZeros64(hit) &^ 7
			seen |= x & (1<<k - 1)
			return n + k/8, seen&highBits == 0
		}
		seen |= x
		n += 8
	}
	ascii = seen&highBits == 0
	for ; n < len(b) && b[n] >= 0x20 && b[n] != '"' && b[n] != '\\'; n++ {
		ascii = ascii && b[n] < utf8.RuneSelf
	}
	return n, ascii
}

// completeRunes returns the length of b without a UTF-8 sequence that is cut
// off at its end.
func completeRunes(b []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if tail := b[len(b)-back:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				break
			}
			return len(b) - back
		}
	}
	return len(b)
}

// invalidAt returns the index of the first byte of b that is not UTF-8.
func invalidAt(b []byte) int {
	i := 0
	for i < len(b) {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return i
}
