package tokenizer

import (
	"sync"

	"tollgate/estimator/tokenizer/pieces"
)

// counter counts the tokens of some texts. It lives on the stack of Count.
type counter struct {
	vocab   *vocabulary
	pool    *sync.Pool
	scratch *scratch // from pool, when needed
	n       int64    // tokens so far
}

// keepBytes is the longest piece whose scratch goes back to the pool; one such
// piece takes 5 bytes a byte.
const keepBytes = 128 << 10

// release gives the scratch back.
func (c *counter) release() {
	if c.scratch != nil && cap(c.scratch.stack) <= keepBytes {
		c.pool.Put(c.scratch)
	}
}

// text adds the tokens of a text without control tokens.
func (c *counter) text(text string) {
	for i := 0; i < len(text); {
		if i+8 <= len(text) {
			x := load(text, i)
			if n := pieces.Word8(x); n > 0 {
				if c.vocab.whole.hasPacked(x&(1<<(8*n)-1) | uint64(n)<<56) {
					c.n++
				} else {
					c.n += int64(c.vocab.countSmall(text[i : i+n]))
				}
				i += n
				continue
			}
		}
		if lead := text[i]; lead >= 0xE4 && lead <= 0xE9 {
			if _, ok := hanIndex(text, i); ok {
				i = c.hanRun(text, i)
				continue
			}
		}
		end := pieces.Next(text, i)
		c.piece(text, i, end)
		i = end
	}
}

// piece adds the tokens of the piece text[i:end].
func (c *counter) piece(text string, i, end int) {
	switch n := end - i; {
	case n <= maxShort:
		if c.vocab.whole.hasShort(text, i, end) {
			c.n++
			return
		}
	case n <= maxLong:
		if c.vocab.whole.hasLong(text, i, end) {
			c.n++
			return
		}
	}
	if end-i <= maxSmall {
		c.n += int64(c.vocab.countSmall(text[i:end]))
		return
	}
	c.merge(text[i:end])
}

// merge adds the tokens of a piece by merging it.
func (c *counter) merge(piece string) {
	if c.scratch == nil {
		c.scratch = c.pool.Get().(*scratch) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	}
	c.vocab.merge(c.scratch, piece)
	c.n += int64(len(c.scratch.stack))
}

// hanRun adds the tokens of the run of Han characters that starts at byte i
// with a common one, and returns its end.
func (c *counter) hanRun(text string, i int) int {
	h := &c.vocab.han
	start, key := i, uint64(0) // of the word being read: since the last cut
	last, _ := hanIndex(text, i)
	key = uint64(last + 1)
	for i += hanBytes; i < len(text); i += hanBytes {
		next, ok := hanIndex(text, i)
		if !ok {
			break
		}
		if !h.maySpan(last, next) {
			c.hanWord(text, start, i, key)
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
	c.hanWord(text, start, i, key)
	return i
}

// hanWord adds the tokens of text[start:end], common Han characters that may
// have to be merged. key holds the last four of them.
func (c *counter) hanWord(text string, start, end int, key uint64) {
	if end-start <= hanChars*hanBytes && c.vocab.han.has(key) {
		c.n++
		return
	}
	if end-start <= maxSmall*hanBytes {
		if n := c.vocab.countHan(text[start:end]); n > 0 {
			c.n += int64(n)
			return
		}
	}
	c.merge(text[start:end])
}
