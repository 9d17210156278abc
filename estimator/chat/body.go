package chat

import (
	"bytes"
	"io"
)

// The members of a request that its body can forward as they are.
const (
	memberMessages = iota
	memberTools
	forwarded
)

// span is a stretch of the body.
type span struct{ from, to int64 }

// spanned notes where in the body the value of a member stands.
func spanned(m int, read func(*scanner, *Request) error) func(*scanner, *Request) error {
	return func(s *scanner, r *Request) error {
		if _, err := s.peek(); err != nil {
			return err
		}
		from := s.offset()
		err := read(s, r)
		r.spans[m] = span{from: from, to: s.offset()}
		return err
	}
}

// Backing is where the bytes of a body can be read again. It is safe for
// concurrent use.
type Backing interface {
	io.ReaderAt

	// Hold says that the bytes are going to be read, so that they stay. It returns
	// false when they are gone.
	Hold() bool
}

// Body is bytes that can be read more than once without being copied.
type Body struct{ pieces []piece }

// piece is some bytes, or a stretch of a backing.
type piece struct {
	bytes   []byte
	backing Backing // nil: bytes
	span    span
}

// reader returns a reader over the piece.
func (p *piece) reader() io.Reader {
	if p.backing == nil {
		return bytes.NewReader(p.bytes)
	}
	return io.NewSectionReader(p.backing, p.span.from, p.span.to-p.span.from)
}

// Len returns the number of bytes.
func (b Body) Len() int64 {
	var n int64
	for _, p := range b.pieces {
		n += int64(len(p.bytes)) + p.span.to - p.span.from
	}
	return n
}

// littleBody is up to how many bytes are copied to be read as one. It is more than
// nearly all texts have, and little beside what it takes to send it.
const littleBody = 64 << 10

// NewReader returns a reader over the bytes from their start. Of a little body
// it is a [*bytes.Reader]: what net/http knows to be in memory it sends together
// with the header, and everything else after it, piece by piece.
func (b Body) NewReader() io.Reader {
	if one, ok := b.joined(); ok {
		return bytes.NewReader(one)
	}
	readers := make([]io.Reader, len(b.pieces))
	for i := range b.pieces {
		readers[i] = b.pieces[i].reader()
	}
	return io.MultiReader(readers...)
}

// joined returns the bytes of a little body that is in memory.
func (b Body) joined() ([]byte, bool) {
	size := b.Len()
	if size > littleBody {
		return nil, false
	}
	one := make([]byte, 0, size)
	for _, p := range b.pieces {
		if p.backing != nil {
			return nil, false
		}
		one = append(one, p.bytes...)
	}
	return one, true
}

// Sent returns the request byte for byte as it came. It returns false when the
// body was not kept.
func (r *Request) Sent() ([]byte, bool) {
	if r.body == nil {
		return nil, false
	}
	return r.body[r.whole.from:r.whole.to], true
}

// VendorBody returns a JSON object with a model's id and the messages of the
// request, byte for byte as they came, and with its tools if they are wanted
// and there are any. It returns false when the body was not kept, or its
// backing has it no more.
func (r *Request) VendorBody(model string, tools bool) (Body, bool) {
	if r.body == nil && (r.backing == nil || !r.backing.Hold()) {
		return Body{}, false
	}
	head := append(make([]byte, 0, len(model)+32), `{"model":`...)
	head = append(appendQuoted(head, model), `,"messages":`...)
	pieces := append(make([]piece, 0, 5), piece{bytes: head}, r.span(memberMessages))
	if tools && len(r.Tools) > 0 {
		pieces = append(pieces, piece{bytes: []byte(`,"tools":`)}, r.span(memberTools))
	}
	return Body{pieces: append(pieces, piece{bytes: []byte(`}`)})}, true
}

// span returns the value of a member as it stands in the body.
func (r *Request) span(m int) piece {
	if r.body == nil {
		return piece{backing: r.backing, span: r.spans[m]}
	}
	return piece{bytes: r.body[r.spans[m].from:r.spans[m].to]}
}
