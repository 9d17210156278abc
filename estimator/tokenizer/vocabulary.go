package tokenizer

import "fmt"

const (
	// idBits is the size of a token number in the packed tables.
	idBits = 18
	// none is not a token.
	none = 1<<idBits - 1
	// maxLength is the most bytes of a token.
	maxLength = 1<<16 - 1
)

// token is what merging has to know of a token.
type token struct {
	left, right uint32 // the last merge that makes it; itself for a single byte
	prefix      uint32 // the longest other token it begins with, or none
	length      uint16 // in bytes
}

// vocabulary is the ordinary tokens with everything that is derived from them.
// It does not change after it is made.
type vocabulary struct {
	tokens []token // by token number
	trie   trie
	pairs  pairTable
	whole  wholeSet
	han    hanTable
	bytes  byteTable
}

// newVocabulary derives the tables from the bytes of the tokens in the order
// of their numbers. It returns an error for a list that no training by merges
// can have made, for which the short cuts taken here would be wrong.
func newVocabulary(list tokenList) (*vocabulary, error) {
	if list.len() >= none {
		return nil, fmt.Errorf("%d tokens are more than %d", list.len(), none-1)
	}
	v := &vocabulary{tokens: make([]token, list.len())}
	v.trie = buildTrie(list, v.tokens)
	for c := range 256 {
		if v.trie.find(string([]byte{byte(c)})) == none {
			return nil, fmt.Errorf("the byte %#02x is no token", c)
		}
	}
	if err := v.findMerges(list); err != nil {
		return nil, err
	}
	v.whole = newWholeSet(list)
	v.han.fill(list, &v.trie)
	v.fillBytes()
	return v, nil
}

// findMerges finds for each token the merge that makes it, oldest token first.
func (v *vocabulary) findMerges(list tokenList) error {
	v.pairs.grow(list.len())
	for i := range v.tokens {
		id, t := uint32(i), &v.tokens[i] //nolint:gosec // fewer than 1<<idBits
		t.left, t.right = id, id
		if t.length == 0 {
			return fmt.Errorf("token %d is there twice", id)
		}
		if t.length == 1 {
			continue
		}
		left, right, ok := v.lastMerge(list.at(i), id)
		if !ok {
			return fmt.Errorf("token %d can not be made by merging two older tokens", id)
		}
		t.left, t.right = left, right
		v.pairs.add(left, right, id)
	}
	return nil
}

// lastMerge returns the halves that make the token id, whose bytes are text.
//
// Where text splits into two older tokens in one way only, that is the way.
// Where there are more, merging its bytes can have gone but one way: that which
// leaves two halves that may stand side by side.
func (v *vocabulary) lastMerge(text string, id uint32) (left, right uint32, ok bool) {
	checked := true
	for l := v.tokens[id].prefix; l != none; l = v.tokens[l].prefix {
		r := v.trie.find(text[v.tokens[l].length:])
		if l >= id || r >= id { // none is more than any
			continue
		}
		if !ok {
			left, right, ok, checked = l, r, true, false
			continue
		}
		if !checked && v.mayStand(left, right) {
			return left, right, true
		}
		left, right, checked = l, r, true
		if v.mayStand(l, r) {
			return l, r, true
		}
		ok = false
	}
	return left, right, ok
}
