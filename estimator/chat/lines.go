package chat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// LineOptions is how lines are scanned.
type LineOptions struct {
	// Keep holds on to the raw bytes of each request, as [Options.Keep] does.
	Keep bool

	// MaxBytes is the longest line accepted, without its end; 0 is no limit. The
	// rest of a longer one is passed over.
	MaxBytes int64

	// Reserve is asked before more memory is held for the line at hand, as
	// [Options.Reserve] is. When it refuses, the rest of the line is passed over.
	Reserve func(bytes int64) error
}

// lineAtOnce is what is read from a file of lines at once, in bytes.
const lineAtOnce = 64 << 10

// Lines reads a file of one request a line (NDJSON, JSONL, a batch file) as a
// stream. Lines end in \n or \r\n, and the last may end without; blank ones are
// passed over. It is not safe for concurrent use.
//
// No more of the file is held than the line at hand, of which the same is held
// as of any request.
type Lines struct {
	r      *bufio.Reader
	opts   LineOptions
	number int
	err    error // what ended the file, io.EOF included
}

// NewLines returns a reader of the lines of r.
func NewLines(r io.Reader, opts LineOptions) *Lines {
	return &Lines{r: bufio.NewReaderSize(r, lineAtOnce), opts: opts}
}

// Next returns the next line that is not blank. One that is no chat request
// says so in its Err, and reading goes on behind it. The error is [io.EOF]
// behind the last line, else what the reader returned, wrapped.
func (l *Lines) Next() (*Line, error) {
	for l.err == nil {
		l.number++
		line := &Line{Number: l.number}
		found, err := l.scan(line)
		if err != nil {
			return nil, err
		}
		if found {
			return line, nil
		}
	}
	return nil, l.err
}

// scan reads one line to its end and reports whether it is not blank.
func (l *Lines) scan(line *Line) (bool, error) {
	in := &lineReader{r: l.r, left: l.opts.MaxBytes, limited: l.opts.MaxBytes > 0}
	found, err := scanLine(in, Options{Keep: l.opts.Keep, SizeHint: l.hint(), Reserve: l.opts.Reserve}, line)
	wrong, isWrong := errors.AsType[*Error](err)
	full, isFull := errors.AsType[*NoRoomError](err)
	switch {
	case isWrong:
		line.Err = wrong
	case isFull:
		line.Err, found = full, true
	case errors.Is(err, errTooLong):
		line.Err = &Error{
			Kind: TooLarge, Offset: l.opts.MaxBytes,
			Detail: fmt.Sprintf("the line is longer than %d bytes", l.opts.MaxBytes),
		}
		found = true
	case err != nil:
		l.err = fmt.Errorf("line %d: %w", l.number, err)
		return false, l.err
	}
	if l.err = in.skip(); l.err != nil && !errors.Is(l.err, io.EOF) {
		l.err = fmt.Errorf("read the end of line %d: %w", l.number, l.err)
	}
	return found, nil
}

// hint returns how long the next line is, as far as that was read.
func (l *Lines) hint() int64 {
	b, _ := l.r.Peek(l.r.Buffered()) // it can not fail: the bytes are there
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return int64(i)
	}
	return int64(len(b))
}

// errTooLong is a line over the limit.
var errTooLong = errors.New("the line is too long")

// lineReader reads up to the end of a line, which it consumes.
type lineReader struct {
	r       *bufio.Reader
	left    int64 // bytes that the line may still have
	limited bool
	err     error // what ended the line; io.EOF for its end
	last    bool  // the line ended with the file
}

// Read reads from the line.
func (l *lineReader) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if _, l.err = l.r.Peek(1); l.err != nil {
		l.last = errors.Is(l.err, io.EOF)
		return 0, l.err
	}
	b, _ := l.r.Peek(min(len(p), l.r.Buffered())) // it can not fail: the bytes are there
	end := bytes.IndexByte(b, '\n')
	if end >= 0 {
		b = b[:end]
	}
	if l.limited && int64(len(b)) > l.left {
		if l.left == 0 {
			return 0, errTooLong
		}
		b, end = b[:l.left], -1 // what it began with may name it
	}
	n := copy(p, b)
	l.left -= int64(n)
	if end >= 0 {
		n++ // the end itself
		l.err = io.EOF
	}
	_, _ = l.r.Discard(n)
	return len(b), l.err
}

// skip passes over what is left of the line. It returns io.EOF when there is
// no other behind it, or what the reader returned.
func (l *lineReader) skip() error {
	if l.last || l.err != nil && !errors.Is(l.err, io.EOF) {
		return l.err
	}
	for l.err == nil {
		if _, err := l.r.ReadSlice('\n'); err == nil {
			break
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	return nil
}
