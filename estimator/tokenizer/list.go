package tokenizer

// tokenList is the bytes of all tokens in the order of their numbers, one after
// the other in one string.
type tokenList struct {
	text   string
	starts []uint32 // of each token, and the end of the last
}

// len returns the number of tokens.
func (l tokenList) len() int { return len(l.starts) - 1 }

// at returns the bytes of the token id.
func (l tokenList) at(id int) string { return l.text[l.starts[id]:l.starts[id+1]] }
