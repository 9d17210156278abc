package model

import "slices"

// Weights are stored with an entropy coder (range asymmetric numeral systems),
// for most are zero and of the others small ones are frequent.

const (
	ransBits  = 14      // the frequencies of all levels add up to 1<<ransBits
	ransFloor = 1 << 23 // the state is kept above this
)

// frequencies scales counts of levels to shares of 1<<ransBits. Every level has
// a share.
func frequencies(count *[Levels]int) (freq [Levels]uint16) {
	total, most := 0, 0
	for i, n := range count {
		total += n
		if n > count[most] {
			most = i
		}
	}
	left := 1 << ransBits
	for i, n := range count {
		freq[i] = uint16(max(1, n*(1<<ransBits)/max(total, 1)))
		left -= int(freq[i])
	}
	freq[most] = uint16(int(freq[most]) + left)
	return freq
}

// starts returns where the share of each level begins.
func starts(freq *[Levels]uint16) (start [Levels]uint32) {
	sum := uint32(0)
	for i, f := range freq {
		start[i] = sum
		sum += uint32(f)
	}
	return start
}

// encodeLevels packs indices of levels.
func encodeLevels(index []byte, freq *[Levels]uint16) []byte {
	start := starts(freq)
	var out []byte
	x := uint32(ransFloor)
	for _, level := range slices.Backward(index) {
		f := uint32(freq[level])
		for x >= (ransFloor>>ransBits<<8)*f {
			out = append(out, byte(x))
			x >>= 8
		}
		x = x/f<<ransBits + x%f + start[level]
	}
	for range 4 {
		out = append(out, byte(x))
		x >>= 8
	}
	slices.Reverse(out)
	return out
}

// decodeLevels calls put with the index of each of n levels, and reports whether
// packed was what encodeLevels made of as many.
func decodeLevels(packed string, n int, freq *[Levels]uint16, put func(i int, index byte)) bool {
	start := starts(freq)
	var slot [1 << ransBits]byte
	for i, f := range freq {
		for j := range uint32(f) {
			slot[(start[i]+j)&(1<<ransBits-1)] = byte(i)
		}
	}
	x, at := uint32(0), 0
	for ; at < 4 && at < len(packed); at++ {
		x = x<<8 | uint32(packed[at])
	}
	for i := range n {
		low := x & (1<<ransBits - 1)
		s := slot[low]
		put(i, s)
		x = uint32(freq[s])*(x>>ransBits) + low - start[s]
		for x < ransFloor && at < len(packed) {
			x = x<<8 | uint32(packed[at])
			at++
		}
	}
	return at == len(packed) && x == ransFloor
}
