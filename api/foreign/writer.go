package foreign

import (
	"bytes"
	"encoding/json"
	"io"
)

// Request is a Kimi chat completion request.
type Request struct{ pieces [][]byte }

// Len returns the number of bytes.
func (r *Request) Len() int64 {
	var n int64
	for _, p := range r.pieces {
		n += int64(len(p))
	}
	return n
}

// NewReader returns a reader over the request from its start.
func (r *Request) NewReader() io.Reader {
	readers := make([]io.Reader, len(r.pieces))
	for i, p := range r.pieces {
		readers[i] = bytes.NewReader(p)
	}
	return io.MultiReader(readers...)
}

// writer writes a request of words of its own and of stretches of the body.
type writer struct {
	pieces [][]byte
	own    []byte
}

// raw writes words of its own.
func (w *writer) raw(text string) { w.own = append(w.own, text...) }

// put writes a stretch of the body as it is.
func (w *writer) put(v []byte) {
	if len(v) < 256 { // a copy is cheaper than a piece
		w.own = append(w.own, v...)
		return
	}
	w.flush()
	w.pieces = append(w.pieces, v)
}

// flush ends the stretch of own words.
func (w *writer) flush() {
	if len(w.own) > 0 {
		w.pieces, w.own = append(w.pieces, w.own), nil
	}
}

// member writes a member behind others, unless it is not there or null.
func (w *writer) member(name string, v value) {
	if v.absent() {
		return
	}
	w.raw(`,"` + name + `":`)
	w.put(v)
}

// list writes an array, one element by each call of a function.
func (w *writer) list(n int, element func(int)) {
	w.raw("[")
	for i := range n {
		if i > 0 {
			w.raw(",")
		}
		element(i)
	}
	w.raw("]")
}

// quoted writes a JSON value as a text that holds it, without white space.
func (w *writer) quoted(v value) {
	var compact bytes.Buffer
	if json.Compact(&compact, v) != nil {
		return // unreachable: it was checked
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if enc.Encode(compact.String()) != nil {
		return // unreachable: a string can be encoded
	}
	w.put(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// request is what is known of the request once the body was read.
func (w *writer) request(model value, rest func()) *Request {
	w.raw(`{"model":`)
	w.put(model)
	rest()
	w.raw("}")
	w.flush()
	return &Request{pieces: w.pieces}
}
