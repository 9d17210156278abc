package model

// Memo remembers what was estimated of pieces: texts repeat words, their own and
// each other's. Pieces of up to [Long] bytes it keeps themselves, from one text to
// the next; of longer ones a hash, for the time of one text. The zero value is empty. It changes no answer, and is for one model.
//
// A piece has one place, by its hash, and takes it from the one before.
type Memo struct {
	short [1 << shortBits]struct {
		key uint64
		kept
	}
	long [1 << longBits]struct {
		key [2]uint64
		kept
	}
	text   uint64 // added to the hashes of this text
	longer [1 << longerBits]struct {
		hash     uint64
		estimate Estimate
	}
}

const (
	// Short is the length in bytes of the longest piece that is one number.
	Short = 8
	// Long is the length in bytes of the longest piece that is two numbers.
	Long = 16

	// The places are as many as fit beside the tables in the cache next to the
	// processor. With half of them English is counted a seventh slower.
	shortBits  = 13
	longBits   = 12
	longerBits = 10
)

// kept is what a memo keeps of a piece.
type kept struct {
	tokens   uint32 // below its length
	variance uint32
}

// keptLength is where the length lies, above the tokens, which are no more than the
// bytes.
const keptLength = 24

// keep makes what is kept of a piece of n bytes.
func keep(n int, e Estimate) kept {
	return kept{tokens: uint32(n)<<keptLength | uint32(e.Tokens), variance: uint32(e.Variance)}
}

// is reports whether a piece of n bytes is kept.
func (k kept) is(n int) bool { return k.tokens>>keptLength == uint32(n) }

func (k kept) estimate() Estimate {
	return Estimate{Tokens: int64(k.tokens & (1<<keptLength - 1)), Variance: int64(k.variance)}
}

// Forget empties the memo of what it has only hashes of, for another text.
func (memo *Memo) Forget() { memo.text += mulA }

// EstimateShort is [Model.Estimate] for a piece of two to [Short] bytes that is no
// number. key is the piece, the first byte lowest, below zeros.
func (m *Model) EstimateShort(key uint64, piece string, memo *Memo) Estimate {
	at := &memo.short[key*mulA>>(64-shortBits)]
	if at.key != key || !at.is(len(piece)) {
		at.key, at.kept = key, keep(len(piece), m.estimate(hashShort(key, len(piece)), piece))
	}
	return at.estimate()
}

// EstimateLong is [Model.Estimate] for a piece of more than [Short] and up to
// [Long] bytes. key is its first and its last eight bytes.
func (m *Model) EstimateLong(key [2]uint64, piece string, memo *Memo) Estimate {
	at := &memo.long[(key[0]^key[1]*mulB)*mulA>>(64-longBits)]
	if at.key != key || !at.is(len(piece)) {
		at.key, at.kept = key, keep(len(piece), m.estimate(hashPiece(piece), piece))
	}
	return at.estimate()
}

// EstimateAny is [Model.Estimate] for a piece of any length and kind.
func (m *Model) EstimateAny(piece string, memo *Memo) Estimate {
	if len(piece) <= Long {
		return m.Estimate(piece)
	}
	hash := hashPiece(piece)
	at := &memo.longer[hash>>(64-longerBits)]
	if here := hash + memo.text; at.hash != here {
		at.hash, at.estimate = here, m.estimate(hash, piece)
	}
	return at.estimate
}
