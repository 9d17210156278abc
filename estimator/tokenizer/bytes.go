package tokenizer

import "fmt"

// byteTable has the tokens of single bytes, and what is known of two bytes next
// to each other.
type byteTable struct {
	ids   [256]uint32
	pairs [256 * 256]bytePair
}

// bytePair is the token that two bytes merge into, and the oldest of those that
// begin and that end with the two; each is none if there is none.
//
// With them merging can begin with pairs. Two bytes can be one from the beginning
// if their token is older than all that end with the byte before and the first of
// them, and not younger than all that begin with the second and the byte after.
// Until the two have merged they can, so what takes but one of them comes too
// late; if it is the same token, which takes runs of one byte, because the leftmost
// goes first. And what the two merge into is younger than themselves, so it makes
// no difference that they are one from the beginning.
type bytePair struct {
	union, begins, ends uint32
}

// isFirst reports whether two bytes merge before the first of them does with
// what stands before it. The pair before them shares its second byte; it can not
// take that if it belongs to two bytes that are one from the beginning.
func (p bytePair) isFirst(before bytePair, beforeIsPair bool) bool {
	return p.union != none && (p.union < before.ends || p.union == before.ends && beforeIsPair)
}

// fill enters the tokens of one byte, which all 256 must be, and which tokens
// begin and end with two bytes.
func (t *byteTable) fill(list tokenList) error {
	for c := range t.ids {
		t.ids[c] = none
	}
	for i := range t.pairs {
		t.pairs[i] = bytePair{none, none, none}
	}
	n := 0
	for i := range list.len() {
		id, text := uint32(i), list.at(i)
		switch len(text) {
		case 0:
		case 1:
			t.ids[text[0]] = id
			n++
		default:
			first, last := t.pair(text[0], text[1]), t.pair(text[len(text)-2], text[len(text)-1])
			first.begins = min(first.begins, id)
			last.ends = min(last.ends, id)
		}
	}
	for c, id := range t.ids {
		if id == none || n != len(t.ids) {
			return fmt.Errorf("the byte %#02x is not one token", c)
		}
	}
	return nil
}

// pair returns what is known of two bytes.
func (t *byteTable) pair(a, b byte) *bytePair { return &t.pairs[uint(a)<<8|uint(b)] }

// pairAt returns what is known of the bytes at i and i+1 of text. Where there are
// not two there is nothing to merge.
func (t *byteTable) pairAt(text string, i int) bytePair {
	if uint(i) >= uint(len(text)-1) {
		return bytePair{none, none, none}
	}
	return *t.pair(text[i], text[i+1])
}
