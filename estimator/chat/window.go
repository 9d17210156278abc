package chat

import (
	"errors"
	"io"
)

const (
	// windowSize is what is read from the body at once. A body that is not
	// kept never takes more memory than this, its text, and a few digests. With
	// half of it, the calls for more cost a tenth of all that a large body costs;
	// the double of it gains nothing.
	windowSize = 128 << 10

	// leastGrowth is the least that room for a body that is kept grows by, in
	// bytes.
	leastGrowth = 64 << 10

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

	hint    int64                   // how long the body is said to be
	reserve func(bytes int64) error // nil allows everything
	refused error                   // what it returned, in a [*NoRoomError]
}

// offset returns where in the body the next byte is.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill reads more behind the unread bytes. It returns false when the body has
// ended; w.err then says how.
func (w *window) fill() bool {
	if w.err != nil {
		return false
	}
	if !w.makeRoom() {
		return false
	}
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
// kept, else by sliding the few unread bytes to its front. It returns false
// when it may not grow; w.err then says why.
func (w *window) makeRoom() bool {
	if !w.keep {
		w.base += int64(w.pos)
		w.end = copy(w.buf, w.buf[w.pos:w.end])
		w.pos = 0
		return true
	}
	if w.end < len(w.buf) {
		return true
	}
	size := grownTo(len(w.buf), leastGrowth, w.hint+1)
	if w.hold(int64(size-len(w.buf))) != nil {
		return false
	}
	grown := make([]byte, size)
	copy(grown, w.buf[:w.end])
	w.buf = grown
	return true
}

// hold reserves memory that the request is going to hold. Its error, a
// [*NoRoomError], also ends the reading.
func (w *window) hold(bytes int64) error {
	if w.refused != nil || w.reserve == nil || bytes <= 0 {
		return w.refused
	}
	if err := w.reserve(bytes); err != nil {
		w.refused = &NoRoomError{Err: err}
		w.err = w.refused
	}
	return w.refused
}

// grownTo returns the size of a buffer that is full: the double and at least
// least, or the expected end itself where that is near. A few large copies less
// are garbage that way.
func grownTo(size, least int, expected int64) int {
	grown := max(least, 2*size)
	if int64(size)+int64(size)/4 < expected && expected <= 4*int64(size) {
		return max(least, int(expected))
	}
	return grown
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
