package media

// bits reads numbers of any number of bits, first bit first.
type bits struct {
	b     []byte
	at    int  // bit
	short bool // it ran out; all further bits are 0
}

// read takes the next n bits, n at most 32.
func (r *bits) read(n int) uint32 {
	var v uint32
	for range n {
		v <<= 1
		if r.at/8 >= len(r.b) {
			r.short = true
			continue
		}
		v |= uint32(r.b[r.at/8]>>(7-r.at%8)) & 1
		r.at++
	}
	return v
}

func (r *bits) flag() bool { return r.read(1) == 1 }

// skip passes over n bits.
func (r *bits) skip(n int) {
	for ; n > 32; n -= 32 {
		r.read(32)
	}
	r.read(n)
}

// golomb takes an unsigned Exp-Golomb number.
func (r *bits) golomb() uint32 {
	zeros := 0
	for !r.flag() {
		if zeros++; zeros > 31 || r.short {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.read(zeros)
}

// signed takes a signed Exp-Golomb number.
func (r *bits) signed() int32 {
	n := r.golomb()
	if n&1 == 1 {
		return int32(n/2 + 1) //nolint:gosec // at most 2^31
	}
	return -int32(n / 2) //nolint:gosec // at most 2^31
}
