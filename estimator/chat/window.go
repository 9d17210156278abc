package chat

import (
	"errors"
	"io"
)

const (
	// windowSize is what is read from the body at once. A body that is not
	// kept never takes more memory than this, its text, and a few digests.
	windowSize = 64 << 10

	// maxEmptyReads is how often a reader may answer no bytes and no error
	// before it counts as broken, as bufio does it.
	maxEmptyReads = 100
)

// window is the part of the body that is looked at: buf[pos:end] is unread.
type window struct {
	r    io.Reader
	buf  []byte
	pos  int
	end  int
	base int64 // offset in the body of buf[0]
	keep bool  // buf grows and holds the whole body; base stays 0
	err  error // what ended the body, io.EOF included; nil while more may come
}

// offset returns where in the body the next byte is.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill reads more behind the unread bytes. It returns false when the body has
// ended; w.err then says how.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	w.makeRoom()
	for range maxEmptyReads {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// makeRoom makes free space at the end of buf: by growing it if the body is
// kept, else by sliding the few unread bytes to its front.
func (w *window) makeRoom() {
	if w.keep {
		if w.end == len(w.buf) {
			grown := make([]byte, max(windowSize, 2*len(w.buf)))
			copy(grown, w.buf[:w.end])
			w.buf = grown
		}
		return
	}
	w.base += int64(w.pos)
	w.end = copy(w.buf, w.buf[w.pos:w.end])
	w.pos = 0
}

// have makes n bytes readable without another fill. It returns false when the
// body ends before. n is at most a few bytes.
func (w *window) have(n int) bool {
	for w.end-w.pos < n {
		if !w.fill() {
			return false
		}
	}
	return true
}

// broken returns why reading failed, or nil when the body just ended.
func (w *window) broken() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
