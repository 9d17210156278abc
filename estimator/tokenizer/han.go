package tokenizer

// The common Han characters, U+4E00 to U+9FFF: three bytes from E4 B8 80 to
// E9 BF BF without a gap. Their index counts from 0.
const (
	hanFirst = 0x4E00
	hanCount = 0xA000 - hanFirst
	hanBytes = 3
	// hanBits is the size of an index plus 1, of which four fit into a key.
	hanBits  = 15
	hanChars = 4
)

// hanTable cuts runs of common Han characters.
//
// A run of Han is a single piece of the pattern, four characters on average and
// as long as a paragraph at most, and few are tokens as a whole. But most pairs
// of characters stand side by side in no token. No merge can reach over such a
// pair, so text can be cut there before merging; what remains is mostly one
// token of one to four characters.
type hanTable struct {
	// spanned has a bit for each hash of a pair that some token may span. Pairs
	// share bits, so a set bit proves nothing; one not set is a cut.
	spanned [spannedWords]uint64
	// words has the tokens of one to four characters by their key.
	words []uint64
	shift int
	alone [hanCount]uint8 // how many tokens a character is
}

const (
	spannedBits  = 20
	spannedWords = 1 << (spannedBits - 6)
)

// hanIndex returns the index of the common Han character at byte i of text.
func hanIndex(text string, i int) (index uint32, ok bool) {
	if i+hanBytes > len(text) {
		return 0, false
	}
	a, b, c := text[i], text[i+1]^0x80, text[i+2]^0x80
	index = uint32(a)<<12 + uint32(b)<<6 + uint32(c) - (0xE4<<12 + 0x38<<6)
	return index, b|c < 0x40 && index < hanCount
}

// hanKey packs a text of one to four common Han characters, and reports
// whether it is one.
func hanKey(text string) (key uint64, ok bool) {
	n := len(text) / hanBytes
	if n == 0 || n > hanChars || len(text)%hanBytes != 0 {
		return 0, false
	}
	for i := 0; i < len(text); i += hanBytes {
		c, ok := hanIndex(text, i)
		if !ok {
			return 0, false
		}
		key = key<<hanBits | uint64(c+1)
	}
	return key, true
}

// fill makes the table from the tokens of list, when v can merge.
func (h *hanTable) fill(list tokenList, v *vocabulary) {
	m := new(merger)
	for c := range h.alone {
		h.alone[c] = uint8(m.count(v, string(rune(hanFirst+c))))
	}
	var keys []uint64
	for i := range list.len() {
		text := list.at(i)
		if key, ok := hanKey(text); ok {
			keys = append(keys, key)
		}
		for cut := 1; cut < len(text); cut++ {
			if text[cut] >= 0xE4 && text[cut] <= 0xE9 {
				h.span(charsEnding(text[:cut]), charsBeginning(text[cut:]))
			}
		}
	}
	h.shift = tableShift(len(keys))
	h.words = make([]uint64, 1<<(64-h.shift))
	for _, key := range keys {
		i := key * hashFactor >> h.shift
		for h.words[i] != 0 {
			i = (i + 1) & uint64(len(h.words)-1)
		}
		h.words[i] = key
	}
}

// span notes that a token may span the pairs of the common Han characters among
// lefts and rights.
func (h *hanTable) span(lefts, rights charSet) {
	for l := lefts.first; l < lefts.end; l += lefts.step {
		if l < hanFirst || l >= hanFirst+hanCount {
			continue
		}
		for r := max(rights.first, hanFirst); r < min(rights.end, hanFirst+hanCount); r++ {
			h.setSpanned(uint32(l-hanFirst), uint32(r-hanFirst))
		}
	}
}

// setSpanned sets the bit of a pair.
func (h *hanTable) setSpanned(left, right uint32) {
	i := spannedAt(left, right)
	h.spanned[i/64] |= 1 << (i % 64)
}

// spannedAt returns the bit of a pair.
func spannedAt(left, right uint32) uint32 {
	return (left<<hanBits ^ right) * 0x9E3779B1 >> (32 - spannedBits)
}

// maySpan reports whether a token may span the pair.
func (h *hanTable) maySpan(left, right uint32) bool {
	i := spannedAt(left, right)
	return h.spanned[i/64]>>(i%64)&1 != 0
}

// has reports whether the characters of key are a token.
func (h *hanTable) has(key uint64) bool {
	for i := key * hashFactor >> h.shift; ; i = (i + 1) & uint64(len(h.words)-1) {
		switch h.words[i] {
		case key:
			return true
		case 0:
			return false
		}
	}
}
