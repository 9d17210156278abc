package chat

import (
	"fmt"
	"io"
)

// Options is how a body is scanned.
type Options struct {
	// SizeHint is the expected length of the body in bytes, as Content-Length
	// says; 0 when unknown. It sizes buffers and is never trusted.
	SizeHint int64

	// Keep holds on to the raw bytes of the body, so that [Request.VendorBody]
	// can forward them. Without it a base64 string is never held in memory.
	Keep bool
}

// ErrorKind is what was wrong with a body.
type ErrorKind uint8

// The kinds of error.
const (
	Malformed ErrorKind = iota // not JSON, or JSON that different readers read differently
	WrongType                  // a value of a type the API does not accept there
	Missing                    // a required member is not there
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

// Scan reads one chat request from r, up to the end of r.
//
// Its error is an [*Error] when the body is not a chat request, else what r
// returned.
func Scan(r io.Reader, opts Options) (*Request, error) {
	panic("pending")
}
