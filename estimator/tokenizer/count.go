package tokenizer

import (
	"sync"

	"tollgate/estimator/tokenizer/pieces"
)

// counter counts the tokens of some texts. It lives on the stack of Count.
type counter struct {
	vocab  *vocabulary
	pool   *sync.Pool
	memory *scratch // from pool, when needed
	n      int64    // tokens so far
	left   int      // bytes until the next pause
	pause  func()   // nil for none
}

// stretch is how many bytes are counted from one pause to the next. They take
// about a tenth of a millisecond.
const stretch = 16 << 10

// scratch is memory kept from one text to the next.
type scratch struct {
	memo   memo
	merger merger
}

// scratch returns the memory for merging.
func (c *counter) scratch() *scratch {
	if c.memory == nil {
		c.memory = c.pool.Get().(*scratch) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	}
	return c.memory
}

// release gives the memory back.
func (c *counter) release() {
	if c.memory != nil {
		c.pool.Put(c.memory)
	}
}

// text adds the tokens of a text without control tokens.
func (c *counter) text(text string) {
	for i := 0; i < len(text); {
		end := c.piecesTo(text, i, min(i+c.left, len(text)))
		if c.left -= end - i; c.left <= 0 {
			c.left = stretch
			if c.pause != nil {
				c.pause()
			}
		}
		i = end
	}
}

// piecesTo adds the tokens of the pieces of text that start at byte i or later
// and before stop, and returns the end of the last.
func (c *counter) piecesTo(text string, i, stop int) int {
	for last := min(stop, len(text)-7); i < last; {
		x := load(text, i)
		if n := pieces.Word8(x); n > 0 {
			c.short(x&(1<<(8*n)-1)|uint64(n)<<56, text[i:i+n])
			i += n
			continue
		}
		i = c.next(text, i)
	}
	for i < stop {
		i = c.next(text, i)
	}
	return i
}

// next adds the tokens of the piece of text that starts at byte i and returns
// its end.
func (c *counter) next(text string, i int) int {
	if lead := text[i]; lead >= 0xE4 && lead <= 0xE9 {
		if _, ok := hanIndex(text, i); ok {
			return c.hanRun(text, i)
		}
	}
	end := pieces.Next(text, i)
	switch n := end - i; {
	case n <= maxShort:
		c.short(packShort(text, i, end), text[i:end])
	case n <= maxLong:
		c.long(packLong(text, i, end), text[i:end])
	case n <= maxLonger:
		c.longer(text, i, end)
	default:
		c.merge(text[i:end])
	}
	return end
}

// short adds the tokens of a piece of up to maxShort bytes, packed in key.
func (c *counter) short(key uint64, piece string) {
	if c.vocab.whole.hasShort(key) {
		c.n++
		return
	}
	place, n := c.scratch().memo.shortAt(key)
	if n == 0 {
		n = c.scratch().merger.count(c.vocab, piece)
		*place = key | uint64(n)<<shortCountLow
	}
	c.n += int64(n)
}

// long adds the tokens of a piece of more than maxShort and up to maxLong
// bytes, packed in key.
func (c *counter) long(key [2]uint64, piece string) {
	if c.vocab.whole.hasLong(key) {
		c.n++
		return
	}
	place, n := c.scratch().memo.longAt(key)
	if n == 0 {
		n = c.scratch().merger.count(c.vocab, piece)
		*place = [2]uint64{key[0], key[1] | uint64(n)<<longCountLow}
	}
	c.n += int64(n)
}

// longer adds the tokens of the piece text[i:end], of more than maxLong and up to
// maxLonger bytes.
func (c *counter) longer(text string, i, end int) {
	place := c.scratch().memo.longerAt(text, i, end)
	if place.count == 0 {
		place.count = uint8(c.memory.merger.count(c.vocab, text[i:end]))
	}
	c.n += int64(place.count)
}

// merge adds the tokens of a piece by merging it.
func (c *counter) merge(piece string) {
	c.n += int64(c.scratch().merger.count(c.vocab, piece))
}

// hanRun adds the tokens of the run of Han characters that starts at byte i
// with a common one, and returns its end.
func (c *counter) hanRun(text string, i int) int {
	h := &c.vocab.han
	start := i // of the word being read: since the last cut
	last, _ := hanIndex(text, i)
	key := uint64(last + 1)
	for i += hanBytes; i < len(text); i += hanBytes {
		next, ok := hanIndex(text, i)
		if !ok {
			break
		}
		if !h.maySpan(last, next) {
			c.hanWord(text[start:i], key)
			start, key = i, 0
		}
		key = key<<hanBits | uint64(next+1)
		last = next
	}
	if i < len(text) && text[i] >= 0x80 {
		// A rarer Han character belongs to the same piece, and to this word.
		if end := pieces.Next(text, start); end > i {
			c.merge(text[start:end])
			return end
		}
	}
	c.hanWord(text[start:i], key)
	return i
}

// hanWord adds the tokens of word, common Han characters that may have to be
// merged. key holds the last four of them.
func (c *counter) hanWord(word string, key uint64) {
	switch {
	case len(word) == hanBytes:
		c.n += int64(c.vocab.han.alone[key-1])
	case len(word) <= hanChars*hanBytes && c.vocab.han.has(key):
		c.n++
	default:
		c.merge(word)
	}
}
