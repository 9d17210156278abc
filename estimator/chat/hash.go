package chat

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/zeebo/blake3"
)

// hashVersion is the first byte that is hashed. It changes whenever the hash
// of some request does, so that no remembered count outlives its meaning.
const hashVersion = 2

// longText is from how many bytes on a text is hashed by itself, and its digest
// in its place. That is BLAKE3, which takes in such a text at more than twice
// the speed of SHA-256 where the processor works on several of its parts at
// once, and is slower on short ones. It has assembly for amd64 only; the hash of
// a request must be the same everywhere.
const longText = 4 << 10

// mostDigests is how many digests of long texts a request keeps: 48 KB of them,
// for 4 MB of text or more.
const mostDigests = 1 << 10

// TextDigest is a long text of a request, and its BLAKE3 hash.
type TextDigest struct {
	Text string
	Sum  [32]byte
}

// TextDigests are texts of the request that were hashed by themselves on the way
// to its own hash, in the order in which they stand there: tools first, then the
// texts of message after message. They are those of 4 KiB and more, but for what
// comes behind the first 1,024. They are not to be changed.
func (r *Request) TextDigests() []TextDigest { return r.digests }

// hash returns the canonical hash of what the count of req depends on.
//
// What is hashed is what was scanned, field by field in a fixed order, every
// text behind its length. So nothing that a counter can see is left out, no
// two requests can run into one another, and what is not content (white space,
// the spelling of escapes, the order of keys in the API's own objects) is gone
// before.
func (s *scanner) hash(req *Request) [sha256.Size]byte {
	e := encoder{s: s, req: req, buf: s.gather[:]}
	e.uint(hashVersion)
	e.text(req.Model)
	e.bool(req.Thinking.Set)
	e.text(req.Thinking.Type)
	e.text(req.Thinking.Keep)
	e.extra(req.Thinking.extra)
	e.text(req.ReasoningEffort)
	e.text(req.ToolChoice.Mode)
	e.text(req.ToolChoice.Function)
	e.extra(req.ToolChoice.extra)
	e.text(req.ResponseFormat)
	e.tools(req.Tools)
	e.uint(len(req.Messages))
	for i := range req.Messages {
		e.message(&req.Messages[i])
	}
	e.extra(req.extra)
	return e.sum()
}

// encoder writes values to the scanner's digest. It gathers them in a buffer
// that stays in the processor's nearest cache.
type encoder struct {
	s    *scanner
	req  *Request
	buf  []byte
	n    int
	long bool // some was handed to the digest
}

// flush hands what was gathered to the digest.
func (e *encoder) flush() {
	if !e.long {
		e.s.digest.Reset()
		e.long = true
	}
	e.s.digest.Write(e.buf[:e.n])
	e.n = 0
}

// sum returns the hash of all that was written. Most requests are gathered as a
// whole, and need no digest that keeps a state.
func (e *encoder) sum() [sha256.Size]byte {
	if !e.long {
		return sha256.Sum256(e.buf[:e.n])
	}
	e.flush()
	var sum [sha256.Size]byte
	e.s.digest.Sum(sum[:0])
	return sum
}

// raw writes bytes or text as they are.
func raw[T string | []byte](e *encoder, v T) {
	for len(v) > 0 {
		n := copy(e.buf[e.n:], v)
		v, e.n = v[n:], e.n+n
		if e.n == len(e.buf) {
			e.flush()
		}
	}
}

// uint writes a number that is not negative.
func (e *encoder) uint(n int) {
	if n < 0x80 && e.n+1 < len(e.buf) { // one byte, and nearly all are
		e.buf[e.n] = byte(n) //nolint:gosec // lengths are not negative
		e.n++
		return
	}
	var b [binary.MaxVarintLen64]byte
	raw(e, b[:binary.PutUvarint(b[:], uint64(n))]) //nolint:gosec // lengths and small constants
}

// bool writes a yes or no.
func (e *encoder) bool(v bool) {
	if v {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

// text writes a text behind its length, a long one as its digest, which the
// request keeps.
func (e *encoder) text(v string) {
	e.uint(len(v))
	if len(v) < longText {
		raw(e, v)
		return
	}
	long := e.s.longHash()
	_, _ = long.WriteString(v)
	var sum [32]byte
	raw(e, long.Sum(sum[:0]))
	if len(e.req.digests) < mostDigests {
		e.req.digests = append(e.req.digests, TextDigest{v, sum})
	}
}

// longHash returns the hash for what is long, at its start.
func (s *scanner) longHash() *blake3.Hasher {
	if s.long == nil {
		s.long = blake3.New()
	}
	s.long.Reset()
	return s.long
}

// extra writes members that no table knows, by name.
func (e *encoder) extra(members []member) {
	byName := func(x, y member) int { return cmp.Compare(x.name, y.name) }
	if !slices.IsSortedFunc(members, byName) { // what was hashed before is never written to
		slices.SortFunc(members, byName)
	}
	e.uint(len(members))
	for i := range members {
		e.text(members[i].name)
		raw(e, members[i].digest[:])
	}
}

// tools writes tools. Their JSON has all there is of them.
func (e *encoder) tools(tools []Tool) {
	e.uint(len(tools))
	for i := range tools {
		e.text(tools[i].JSON)
	}
}

// message writes a message.
func (e *encoder) message(m *Message) {
	e.text(m.Role)
	more, seldom := m.has(), m.hasSeldom()
	e.text(more.name)
	e.content(&m.Content)
	e.text(more.reasoning)
	e.text(seldom.otherReasoning)
	e.text(more.callID)
	e.bool(seldom.partial)
	e.uint(len(more.calls))
	for i := range more.calls {
		c := &more.calls[i]
		e.text(c.ID)
		e.text(c.Type)
		e.text(c.Name)
		e.text(c.Arguments)
		e.bool(c.ArgumentsRaw)
		e.extra(c.extra)
	}
	e.tools(seldom.tools)
	e.extra(seldom.extra)
}

// content writes a message's content.
func (e *encoder) content(c *Content) {
	e.uint(int(c.Kind))
	e.text(c.Text)
	e.uint(len(c.Parts))
	for i := range c.Parts {
		p := &c.Parts[i]
		e.text(p.Type)
		e.text(p.Text)
		if p.extra == nil {
			e.uint(0)
		} else {
			e.extra(*p.extra)
		}
		e.bool(p.Media != nil)
		if p.Media != nil {
			e.text(string(p.Media.Kind))
			raw(e, p.Media.digest[:])
			e.extra(p.Media.extra)
		}
	}
}
