package model

// Weights are the weights of the features, in units of [Scale]. Only the values
// in Levels occur.
type Weights struct {
	Levels [Levels]int8
	Of     [1 << WeightBits]int8
}

// Levels is the number of different weights.
const Levels = 16

// pack returns the weights as indices of levels, entropy-coded.
func (w *Weights) pack() ([]byte, [Levels]uint16) {
	var of [256]byte
	for i, l := range w.Levels {
		of[uint8(l)] = byte(i)
	}
	index := make([]byte, len(w.Of))
	var count [Levels]int
	for i, v := range w.Of {
		index[i] = of[uint8(v)]
		count[index[i]]++
	}
	freq := frequencies(&count)
	return encodeLevels(index, &freq), freq
}

// unpack reads what pack wrote, and reports whether packed is that.
func (w *Weights) unpack(packed string, freq *[Levels]uint16) bool {
	return decodeLevels(packed, len(w.Of), freq, func(i int, index byte) {
		w.Of[i] = w.Levels[index]
	})
}
