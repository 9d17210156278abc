package model

import "slices"

// The pieces of one cost are stored as the rising sequence of their hashes, of
// which the differences are: the high part as so many ones and a zero, the low
// bits as they are.

// bitWriter writes bits, lowest first.
type bitWriter struct {
	out  []byte
	have uint64
	bits uint
}

func (w *bitWriter) write(value uint64, n uint) {
	w.have |= value << w.bits
	for w.bits += n; w.bits >= 8; w.bits -= 8 {
		w.out = append(w.out, byte(w.have))
		w.have >>= 8
	}
}

func (w *bitWriter) bytes() []byte {
	if w.bits > 0 {
		w.out = append(w.out, byte(w.have))
	}
	return w.out
}

// bitReader reads what bitWriter wrote; past the end there are zeros.
type bitReader struct {
	in   string
	have uint64
	bits uint
	over bool // read past the end
}

func (r *bitReader) read(n uint) uint64 {
	for r.bits < n {
		if len(r.in) > 0 {
			r.have |= uint64(r.in[0]) << r.bits
			r.in = r.in[1:]
		} else {
			r.over = true
		}
		r.bits += 8
	}
	value := r.have & (1<<n - 1)
	r.have >>= n
	r.bits -= n
	return value
}

// list is how the pieces of one cost are stored.
type list struct {
	Count uint32
	Low   uint8 // bits of a difference that are stored as they are
}

// newList chooses Low for sorted keys.
func newList(keys []uint32) list {
	l := list{Count: uint32(len(keys))}
	best := l.bits(keys)
	for low := uint8(1); low < 24; low++ {
		try := list{l.Count, low}
		if bits := try.bits(keys); bits < best {
			l, best = try, bits
		}
	}
	return l
}

// bits returns how many bits keys take.
func (l list) bits(keys []uint32) int {
	sum, last := 0, uint32(0)
	for _, k := range keys {
		sum += int((k-last)>>l.Low) + 1 + int(l.Low)
		last = k
	}
	return sum
}

func (l list) write(w *bitWriter, keys []uint32) {
	last := uint32(0)
	for _, k := range keys {
		for range (k - last) >> l.Low {
			w.write(1, 1)
		}
		w.write(0, 1)
		w.write(uint64(k-last)&(1<<l.Low-1), uint(l.Low))
		last = k
	}
}

// read calls put with every key, and reports whether all were there and below
// limit.
func (l list) read(r *bitReader, limit uint64, put func(key uint64)) bool {
	key := uint64(0)
	for range l.Count {
		for r.read(1) == 1 {
			key += 1 << l.Low
		}
		key += r.read(uint(l.Low))
		if r.over || key >= limit {
			return false
		}
		put(key)
	}
	return true
}

// keys returns the sorted hashes of the pieces of one cost: the fingerprint
// below the number of the bucket.
func (t *PieceTable) keys(cost int) []uint32 {
	var keys []uint32
	for b := range t.Buckets {
		for i := range Ways {
			if cell := t.Buckets[b].cell(i); cell != 0 && int(cell&(MaxCost-1)) == cost-1 {
				keys = append(keys, uint32(b)<<markBits|uint32(cell>>costBits))
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// enterKey puts a piece back by its hash, and reports whether there was room.
func (t *PieceTable) enterKey(key uint64, cost int) bool {
	b := &t.Buckets[key>>markBits]
	mark := uint16(key & (1<<markBits - 1))
	for i := range Ways {
		if b.cell(i) == 0 && mark != 0 {
			b.fill(i, mark<<costBits|uint16(cost-1))
			return true
		}
	}
	return false
}
