package tokenizer

import "unicode/utf8"

// mostParts is the most parts of a window to which a character may be added.
const mostParts = window - maxCharBytes

// load makes the beginning of piece the parts, and returns how much of it that
// is.
//
// Most parts are bytes. But the fewer there are, the less has to be merged: where
// [charTable] says that a character will merge whatever stands around it, it is one
// part, and so are two bytes where [bytePair] does.
func (m *merger) load(v *vocabulary, piece string) (end int) {
	m.n = 0
	for end < len(piece) && m.n <= mostParts {
		if piece[end] < utf8.RuneSelf {
			end = m.loadASCII(v, piece, end)
		} else {
			end = m.loadWide(v, piece, end)
		}
	}
	m.build(v, end)
	return end
}

// loadASCII appends the ASCII characters of piece from byte i, and returns where
// they end.
func (m *merger) loadASCII(v *vocabulary, piece string, i int) (end int) {
	end = min(len(piece), i+mostParts+1-m.n)
	for j := i; j < end; j++ {
		if piece[j] >= utf8.RuneSelf {
			end = j
		}
	}
	m.addBytes(v, piece, i, end)
	return end
}

// loadWide appends the characters outside ASCII of piece from byte i, which are
// at its beginning or follow ASCII, and returns where they end.
func (m *merger) loadWide(v *vocabulary, piece string, i int) (end int) {
	before := uint16(0) // left of the character before
	if i > 0 {
		before = v.chars[piece[i-1]].left
	}
	this, size := v.chars.at(piece, i)
	for {
		var after char
		afterSize := 0
		if end = i + size; end < len(piece) {
			after, afterSize = v.chars.at(piece, end)
		}
		if this.token != none && before&this.right|this.left&after.right == 0 {
			m.add(this.token, i)
		} else {
			m.addBytes(v, piece, i, end)
		}
		if end == len(piece) || piece[end] < utf8.RuneSelf || m.n > mostParts {
			return end
		}
		before, this, size, i = this.left, after, afterSize, end
	}
}

// addBytes appends the bytes piece[i:end] as parts, some of them two by two.
func (m *merger) addBytes(v *vocabulary, piece string, i, end int) {
	before := v.bytes.pairAt(piece, i-1)
	beforeIsPair := false
	for i < end {
		this := v.bytes.pairAt(piece, i)
		if i+1 < end && this.isFirst(before, beforeIsPair) {
			if after := v.bytes.pairAt(piece, i+1); this.union <= after.begins {
				m.add(this.union, i)
				i += 2
				before, beforeIsPair = after, true
				continue
			}
		}
		m.add(v.bytes.ids[piece[i]], i)
		i++
		before, beforeIsPair = this, false
	}
}

// add appends a part that starts at a byte of the piece.
func (m *merger) add(id uint32, start int) {
	i := uint32(m.n) % window
	m.n = int(i) + 1
	m.ids[i] = id
	m.next[i] = uint16(i + 1)
	m.prev[i+1] = uint16(i)
	m.starts[i] = uint16(start)
}
