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
	chars [hanCount]hanChar
}

// hanChar is what is known of a common Han character. Each token that spans two
// characters and holds but a part of one is given a bit, which several share: the
// pairs it may span have it in left of the first and in right of the second.
type hanChar struct {
	token       uint32 // the character, or none if it is more than one
	tokens      uint8  // how many the character is when alone
	left, right uint8
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

// fill makes the table from the tokens of list, when v has its merges.
func (h *hanTable) fill(list tokenList, v *vocabulary) {
	var m smallMerge
	for c := range h.chars {
		m.load(v, string(rune(hanFirst+c)))
		h.chars[c] = hanChar{token: none, tokens: uint8(m.run(v))}
		if h.chars[c].tokens == 1 {
			h.chars[c].token = m.ids[0]
		}
	}
	var keys []uint64
	parts := 0
	for i := range list.len() {
		text := list.at(i)
		if key, ok := hanKey(text); ok {
			keys = append(keys, key)
		}
		for cut := 1; cut < len(text); cut++ {
			if h.span(text[:cut], text[cut:], 1<<(parts%8)) {
				parts++
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

// span notes between which pairs of common Han characters a token may be cut
// into before and after. If the token begins or ends inside a character these
// are pairs with any character that fits; they get the bit part, and span
// returns true.
func (h *hanTable) span(before, after string, part uint8) bool {
	if after[0] < 0xE4 || after[0] > 0xE9 || before[len(before)-1]&0xC0 != 0x80 {
		return false
	}
	if len(before) >= hanBytes && len(after) >= hanBytes {
		left, leftOK := hanIndex(before, len(before)-hanBytes)
		right, rightOK := hanIndex(after, 0)
		if leftOK && rightOK {
			h.setSpanned(left, right)
		}
		return false
	}
	lefts, rights := charsEnding(before), charsBeginning(after)
	for _, l := range lefts {
		h.chars[l].left |= part
		for _, r := range rights {
			h.setSpanned(l, r)
		}
	}
	for _, r := range rights {
		h.chars[r].right |= part
	}
	return len(lefts) > 0 && len(rights) > 0
}

// charsEnding returns the common Han characters that a text ending in these
// bytes may end in.
func charsEnding(text string) []uint32 {
	tail := text[max(0, len(text)-hanBytes):]
	return hanMatching(func(char string) bool { return char[hanBytes-len(tail):] == tail })
}

// charsBeginning returns the common Han characters that a text beginning with
// these bytes may begin with.
func charsBeginning(text string) []uint32 {
	head := text[:min(len(text), hanBytes)]
	return hanMatching(func(char string) bool { return char[:len(head)] == head })
}

// hanMatching returns the common Han characters whose bytes match.
func hanMatching(match func(char string) bool) []uint32 {
	var out []uint32
	for c := range uint32(hanCount) {
		if match(string(rune(hanFirst + c))) {
			out = append(out, c)
		}
	}
	return out
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

// count returns the number of tokens of word, at most maxSmall common Han
// characters. If it can not tell, ok is false.
//
// It begins with the tokens of the characters instead of their bytes. That is
// exact where no token spans two of them and holds but a part of one: then the
// bytes of a character have merged before any merge across its edges, as every
// token is younger than its halves, and a character that is more than one token
// is in no other.
func (h *hanTable) count(v *vocabulary, m *smallMerge, word string) (n int, ok bool) {
	m.n = 0
	last := hanChar{}
	for i := 0; i < len(word); i += hanBytes {
		index, _ := hanIndex(word, i)
		char := h.chars[index]
		if last.left&char.right != 0 {
			return 0, false
		}
		if char.token == none {
			n += int(char.tokens) + m.run(v)
			m.n = 0
			last = hanChar{left: char.left}
			continue
		}
		union := uint32(none)
		if m.n > 0 {
			union = v.pairs.union(last.token, char.token)
		}
		m.add(char.token, union)
		last = char
	}
	return n + m.run(v), true
}
