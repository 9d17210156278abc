package tokenizer

// wholeSet knows which pieces of up to 15 bytes are tokens. A piece of up to 7
// bytes is packed with its length into one word and looked up in short; a longer
// one into two words, and looked up in long. Longer ones are merged.
//
// Five of six English pieces are short, so most lookups are one multiplication
// and one load.
type wholeSet struct {
	short      []uint64
	long       [][2]uint64
	shortShift int
	longShift  int
}

const (
	maxShort = 7
	maxLong  = 15
)

// newWholeSet makes the set of the tokens of list. Tokens of Han alone stay
// out: hanTable has them.
func newWholeSet(list tokenList) wholeSet {
	var short, long int
	for i := range list.len() {
		switch text := list.at(i); {
		case !isWhole(text):
		case len(text) <= maxShort:
			short++
		default:
			long++
		}
	}
	s := wholeSet{shortShift: tableShift(short), longShift: tableShift(long)}
	s.short = make([]uint64, 1<<(64-s.shortShift))
	s.long = make([][2]uint64, 1<<(64-s.longShift))
	for i := range list.len() {
		if text := list.at(i); isWhole(text) {
			s.add(text)
		}
	}
	return s
}

// isWhole reports whether the token belongs in the set.
func isWhole(text string) bool {
	_, han := hanKey(text)
	return !han && len(text) <= maxLong
}

// add enters a token of up to maxLong bytes.
func (s *wholeSet) add(text string) {
	if len(text) <= maxShort {
		key := packShort(text, 0, len(text))
		i := key * hashFactor >> s.shortShift
		for s.short[i] != 0 {
			i = (i + 1) & uint64(len(s.short)-1)
		}
		s.short[i] = key
		return
	}
	key := packLong(text, 0, len(text))
	i := hashLong(key) >> s.longShift
	for s.long[i][1] != 0 {
		i = (i + 1) & uint64(len(s.long)-1)
	}
	s.long[i] = key
}

// hasShort reports whether the piece packed in key is a token.
func (s *wholeSet) hasShort(key uint64) bool {
	at := key * hashFactor >> s.shortShift
	for {
		switch s.short[at] {
		case key:
			return true
		case 0:
			return false
		}
		at = (at + 1) & uint64(len(s.short)-1)
	}
}

// hasLong reports whether the piece packed in key is a token.
func (s *wholeSet) hasLong(key [2]uint64) bool {
	for at := hashLong(key) >> s.longShift; ; at = (at + 1) & uint64(len(s.long)-1) {
		if e := &s.long[at]; *e == key {
			return true
		} else if e[1] == 0 {
			return false
		}
	}
}

// packShort packs text[i:end], of 1 to 7 bytes, and its length into a word that
// is not 0.
func packShort(text string, i, end int) uint64 {
	n := end - i
	if i+8 <= len(text) {
		return load(text, i)&(1<<(8*n)-1) | uint64(n)<<56
	}
	key := uint64(n) << 56
	for j := range n {
		key |= uint64(text[i+j]) << (8 * j)
	}
	return key
}

// packLong packs text[i:end], of 8 to 15 bytes, and its length into two words.
// The second is never 0.
func packLong(text string, i, end int) [2]uint64 {
	n := end - i
	return [2]uint64{
		load(text, i),
		load(text, end-8)>>8>>(8*(15-n)) | uint64(n)<<56,
	}
}

func hashLong(key [2]uint64) uint64 {
	return (key[0]*hashFactor ^ key[1]) * hashFactor
}

// load returns the eight bytes of text from i, the first one lowest. It compiles
// to one load.
func load(text string, i int) uint64 {
	b := text[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}
