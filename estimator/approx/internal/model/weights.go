package model

// Weights are the weights of the features, in units of [Scale]. Only the values
// in Levels occur, so that one takes half a byte in the table.
type Weights struct {
	Levels [Levels]int8
	Of     [1 << WeightBits]int8
}

// Levels is the number of different weights.
const Levels = 16

// pack writes two weights a byte, as indices of levels.
func (w *Weights) pack() []byte {
	var index [256]byte
	for i, l := range w.Levels {
		index[uint8(l)] = byte(i)
	}
	out := make([]byte, len(w.Of)/2)
	for i := range out {
		out[i] = index[uint8(w.Of[2*i])] | index[uint8(w.Of[2*i+1])]<<4
	}
	return out
}

// unpack reads what pack wrote.
func (w *Weights) unpack(packed string) {
	for i := range len(packed) {
		w.Of[2*i] = w.Levels[packed[i]&15]
		w.Of[2*i+1] = w.Levels[packed[i]>>4]
	}
}
