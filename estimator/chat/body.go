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

// Body is bytes that can be read more than once without being copied.
type Body struct{ pieces [][]byte }

// Len returns the number of bytes.
func (b Body) Len() int64 {
	var n int64
	for _, p := range b.pieces {
		n += int64(len(p))
	}
	return n
}

// NewReader returns a reader over the bytes from their start.
func (b Body) NewReader() io.Reader {
	readers := make([]io.Reader, len(b.pieces))
	for i, p := range b.pieces {
		readers[i] = bytes.NewReader(p)
	}
	return io.MultiReader(readers...)
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
// and there are any. It returns false when the body was not kept.
func (r *Request) VendorBody(model string, tools bool) (Body, bool) {
	if r.body == nil {
		return Body{}, false
	}
	pieces := [][]byte{
		append(appendQuoted([]byte(`{"model":`), model), `,"messages":`...), r.span(memberMessages),
	}
	if tools && len(r.Tools) > 0 {
		pieces = append(pieces, []byte(`,"tools":`), r.span(memberTools))
	}
	return Body{pieces: append(pieces, []byte(`}`))}, true
}

// span returns the value of a member as it stands in the body.
func (r *Request) span(m int) []byte {
	return r.body[r.spans[m].from:r.spans[m].to]
}
