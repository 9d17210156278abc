package chat

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"sync"

	"github.com/zeebo/blake3"
)

// Options is how a body is scanned.
type Options struct {
	// SizeHint is the expected length of the body in bytes, as Content-Length
	// says; 0 when unknown. It sizes buffers and is never trusted: none gets
	// larger than four times of what has arrived because of it.
	SizeHint int64

	// Reserve is asked before more memory is held for the request: the text, the
	// body if it is kept, and what messages and the like are made of. What is
	// only passed through is not in it. An error ends the scan. Nil allows
	// everything.
	Reserve func(bytes int64) error

	// Keep holds on to the raw bytes of the body, so that [Request.VendorBody]
	// can forward them. Without it a base64 string is never held in memory.
	Keep bool

	// AnyModel accepts a request that names no model: it is one for [Request.For].
	AnyModel bool

	// Backing has the bytes that were read, once they were. [Request.VendorBody]
	// forwards them from there where the body is not kept; may be nil.
	Backing Backing
}

const (
	// MaxDepth is how deep objects and arrays may nest, the request itself
	// included.
	MaxDepth = 64

	// MaxElements is how many messages, content parts, tools and tool calls a
	// request may have in all. At four tokens a message it is as many as the
	// largest window of the catalogue holds, and it bounds what a hostile body
	// of empty objects can make of itself in memory.
	MaxElements = 1 << 18 / 4

	// maxIdle bounds the buffers that an idle scanner holds on to.
	maxIdle = 64 << 10

	// maxHint bounds what a length that nobody has verified may reserve.
	maxHint = 1 << 20
)

// NoRoomError says that [Options.Reserve] refused. It wraps the reason.
type NoRoomError struct{ Err error }

// Error returns the reason.
func (e *NoRoomError) Error() string { return "no room for the request: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *NoRoomError) Unwrap() error { return e.Err }

// ErrorKind is what was wrong with a body.
type ErrorKind uint8

// The kinds of error.
const (
	Malformed  ErrorKind = iota // not JSON, or JSON that different readers read differently
	WrongType                   // a value of a type the API does not accept there
	Missing                     // a required member is not there
	OutOfRange                  // a number, or a number of things, that is not accepted
	Unexpected                  // a member of a line that does not belong there
	TooLarge                    // a line of more bytes than are accepted
)

// Error says why a body is not a chat request. Its text holds nothing of the
// body but key names.
type Error struct {
	Kind    ErrorKind
	Offset  int64  // byte offset into the body
	Pointer string // RFC 6901, of the value that is wrong; empty for the whole body
	Detail  string // what is wrong and what to do, for a person
}

// Error returns the detail with its place.
func (e *Error) Error() string {
	return fmt.Sprintf("%s (at %q, byte %d)", e.Detail, e.Pointer, e.Offset)
}

// scanner is the state of one scan. Scanners are pooled: no request refers to
// one after it was released, and the next scan writes over what it read.
type scanner struct {
	window
	keeper
	path     []step // to the value at hand
	names    names  // of the members of the open objects
	elements int    // messages, parts, tools and calls so far
	charged  int    // bytes that the request was made into, as it is told whether it may
	built    int    // and as they are
	reserved int    // of built
	outside  int    // steps of path that are around the request
	lined    bool   // the body is one line of a file
	anyModel bool   // the request may name no model
	retain   bool   // the request is to hold on to the body
	scratch  []byte // a key, a number, the head of a URL
	rune     []byte // what an escape stands for
	one      [1]byte
	digest   hash.Hash      // of the request
	member   hash.Hash      // of a value that is hashed and not kept
	long     *blake3.Hasher // of a long text or a media URL; nil until there was one
	pooled   []byte         // the window's buffer when the body is not kept; nil until one was needed
	gather   [4 << 10]byte
}

// scanners holds idle scanners, for their buffers and hash states.
var scanners = sync.Pool{New: func() any {
	return &scanner{
		digest: sha256.New(),
		member: sha256.New(),
		names:  names{seed: maphash.MakeSeed()},
	}
}}

// Scan reads one chat request from r, up to the end of r.
//
// Its error is an [*Error] when the body is not a chat request, a
// [*NoRoomError] when Reserve refused, else what r returned, wrapped.
func Scan(r io.Reader, opts Options) (*Request, error) {
	s, ok := scanners.Get().(*scanner)
	if !ok {
		return nil, io.ErrUnexpectedEOF // unreachable: the pool holds nothing else
	}
	defer s.release()
	s.open(r, opts)
	req, err := s.whole()
	if err == nil {
		req.backing = opts.Backing
	}
	return req, err
}

// ScanBytes reads one chat request that is in memory, as Scan does. With Keep
// the request holds on to body, which must not be changed then.
func ScanBytes(body []byte, opts Options) (*Request, error) {
	s, ok := scanners.Get().(*scanner)
	if !ok {
		return nil, io.ErrUnexpectedEOF // unreachable: the pool holds nothing else
	}
	defer s.release()
	s.window = window{buf: body, end: len(body), keep: true, err: io.EOF, hint: int64(len(body)), reserve: opts.Reserve}
	s.reserved, s.retain, s.anyModel = reserveFrom, opts.Keep, opts.AnyModel
	return s.whole()
}

// whole reads the request that is the whole body.
func (s *scanner) whole() (*Request, error) {
	req := &Request{}
	err := s.request(req)
	if err = cmp.Or(s.refused, err); err != nil { // what was not kept may seem to be missing
		return nil, err
	}
	req.whole = span{to: s.offset()}
	return s.seal(req), nil
}

// seal completes a request once the last byte was read.
func (s *scanner) seal(req *Request) *Request {
	req.Size = req.whole.to - req.whole.from
	if s.retain {
		req.body = s.buf[:s.end:s.end]
	}
	req.Hash = s.hash(req)
	return req
}

// open points the scanner at a body.
func (s *scanner) open(r io.Reader, opts Options) {
	hint := min(max(opts.SizeHint, 0), maxHint)
	s.window = window{r: r, keep: opts.Keep, hint: opts.SizeHint, reserve: opts.Reserve}
	s.reserved, s.retain, s.anyModel = reserveFrom, opts.Keep, opts.AnyModel
	if !opts.Keep {
		if s.pooled == nil {
			s.pooled = make([]byte, windowSize)
		}
		s.buf = s.pooled
	} else if size := max(hint+1, 512); s.hold(size) == nil {
		s.buf = make([]byte, size) // one byte more, so that the end is seen without growing
	}
}

// release gives the scanner back, empty.
func (s *scanner) release() {
	s.window = window{}
	s.keeper = keeper{}
	s.path, s.elements, s.outside, s.lined, s.anyModel = s.path[:0], 0, 0, false, false
	s.charged, s.built = 0, 0
	s.names.reset()
	if cap(s.scratch) > 2*maxIdle {
		s.scratch = nil
	}
	scanners.Put(s)
}

// request scans the whole body.
func (s *scanner) request(req *Request) error {
	if c, err := s.peek(); err != nil {
		return err
	} else if c != '{' {
		return s.fail(WrongType, "the body must be a JSON object: a chat completion request")
	}
	if err := object(s, req, requestTable); err != nil {
		return err
	}
	return s.finish(req, "")
}

// finish checks that the body ends behind its object, and that the request,
// which stands at a pointer, has what it must have.
func (s *scanner) finish(req *Request, at string) error {
	if err := s.space(); err != nil {
		return err
	}
	if s.pos < s.end {
		return s.fail(Malformed, "there are bytes behind the request; send one JSON object")
	}
	s.printTools(req.Tools)
	for i := range req.Messages {
		s.printTools(req.Messages[i].Tools())
	}
	return complete(req, at, s.anyModel)
}

// complete checks that the required members of the request itself were there.
func complete(req *Request, at string, anyModel bool) error {
	switch {
	case req.Model == "" && !anyModel:
		return &Error{Kind: Missing, Pointer: at + "/model", Detail: "model is required: the id of a Kimi model"}
	case len(req.Messages) == 0:
		return &Error{Kind: Missing, Pointer: at + "/messages", Detail: "messages is required: an array of at least one message"}
	}
	return nil
}

// fail returns an error at the next byte and the current path.
func (s *scanner) fail(kind ErrorKind, detail string) error {
	return s.failAt(s.offset(), kind, detail)
}

// failAt returns an error at an offset and the current path.
func (s *scanner) failAt(offset int64, kind ErrorKind, detail string) error {
	return &Error{Kind: kind, Offset: offset, Pointer: s.pointer(), Detail: detail}
}

// ended returns the error for a body that ends where it must not.
func (s *scanner) ended() error {
	if err := s.broken(); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if s.lined {
		return s.fail(Malformed, "the JSON ends early; it must be on one line")
	}
	return s.fail(Malformed, "the JSON ends early")
}
