package chat

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
	quotes   = '"' * lowBits
	slashes  = '\\' * lowBits
)

// plain returns how many bytes at the start of b are ordinary string content
// (no quote, no backslash, no control character), and whether all of them are
// ASCII.
//
// It looks at eight bytes at a time. The idea: for a byte x below 0x80,
// subtracting 1 borrows into the high bit only if x was 0. XOR with eight
// quotes makes quotes zero; the same goes for backslashes, and x-0x20 borrows
// for control characters. A borrow may run into the next higher byte, so only
// the lowest hit is believed, which is the one that is wanted.
func plain(b []byte) (n int, ascii bool) {
	var seen uint64
	for n+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[n:])
		q, s := x^quotes, x^slashes
		hit := ((q - lowBits) &^ q) | ((s - lowBits) &^ s) | ((x - 0x20*lowBits) &^ x)
		if hit &= highBits; hit != 0 {
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
