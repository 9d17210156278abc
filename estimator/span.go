package estimator

import (
	"context"
	"errors"
)

// SpanName names a piece of the work on a request, for traces.
type SpanName string

// The pieces of work that are watched.
const (
	SpanReceive SpanName = "receive"      // reading a small body
	SpanAdmit   SpanName = "admit"        // waiting for memory, or for a turn
	SpanScan    SpanName = "scan"         // the one pass over a request; of a large body, reading it
	SpanLookup  SpanName = "cache lookup" // asking the count cache, and waiting for what it does
	SpanFlight  SpanName = "count flight" // finding or making a count that all who ask for it share
	SpanShared  SpanName = "shared cache" // one command of the shared cache
	SpanLocal   SpanName = "local count"  // counting on this machine
	SpanVendor  SpanName = "vendor count" // counting by the vendor, with all that belongs to it
	SpanLearn   SpanName = "calibration"  // waiting until it is known what the vendor counts
	SpanHold    SpanName = "vendor wait"  // waiting for the limits of the vendor
	SpanCall    SpanName = "vendor call"  // one HTTP exchange with the vendor
)

// SpanKey names something that is said of a piece of work. What is said has
// few values, none of which a caller chose: no text, no key, no address.
type SpanKey string

// What is said of pieces of work.
const (
	SpanLane      SpanKey = "lane"      // of the service: small or large
	SpanFor       SpanKey = "for"       // what is waited for
	SpanBytes     SpanKey = "bytes"     // of a body
	SpanMethod    SpanKey = "method"    // a Method
	SpanCache     SpanKey = "cache"     // a CacheState
	SpanOperation SpanKey = "operation" // of the shared cache
	SpanResult    SpanKey = "result"    // of such an operation
	SpanHost      SpanKey = "host"      // of the vendor, if it is one that he publishes
	SpanStatus    SpanKey = "status"    // of HTTP
	SpanAttempt   SpanKey = "attempt"   // from 1
)

// Tracer watches the work on one request. It is safe for concurrent use: work
// that callers share goes on in other goroutines, and may outlive the request.
type Tracer interface {
	// Begin notes that a piece of the work begins that ctx belongs to, and
	// returns a context for what belongs to the piece. A nil recorder means that
	// the piece is not watched.
	Begin(ctx context.Context, name SpanName) (context.Context, SpanRecorder)
}

// SpanRecorder takes down what becomes of a piece of work.
type SpanRecorder interface {
	Word(key SpanKey, value string)
	Number(key SpanKey, value int64)
	End(failure string) // a word of few; empty when all went well
}

type tracerKey struct{}

// WithTracer returns ctx with somebody who watches what is done under it.
func WithTracer(ctx context.Context, t Tracer) context.Context {
	return context.WithValue(ctx, tracerKey{}, t)
}

// Span is a piece of work that may be watched. The zero value is one that is
// not: all it is told is forgotten, and costs nothing.
type Span struct{ recorder SpanRecorder }

// BeginSpan begins a piece of the work that ctx belongs to. Where nobody watches
// it returns ctx and the zero Span. The span has to be ended.
func BeginSpan(ctx context.Context, name SpanName) (context.Context, Span) {
	t, ok := ctx.Value(tracerKey{}).(Tracer)
	if !ok {
		return ctx, Span{}
	}
	ctx, recorder := t.Begin(ctx, name)
	return ctx, Span{recorder}
}

// Word says something of the piece in a word.
func (s Span) Word(key SpanKey, value string) {
	if s.recorder != nil {
		s.recorder.Word(key, value)
	}
}

// Number says something of the piece in a number.
func (s Span) Number(key SpanKey, value int64) {
	if s.recorder != nil {
		s.recorder.Number(key, value)
	}
}

// End ends the piece with the kind of its failure: empty when all went well.
func (s Span) End(failure string) {
	if s.recorder != nil {
		s.recorder.End(failure)
	}
}

// EndWith ends the piece with an error, of which only the kind is told.
func (s Span) EndWith(err error) {
	if s.recorder != nil {
		s.recorder.End(failureOf(err))
	}
}

// failureOf is the kind of an error in a word.
func failureOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*VendorError](err); ok {
		return e.Kind.String()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "failed"
}

// String is the kind in a word, for traces.
func (k VendorErrorKind) String() string {
	switch k {
	case VendorRefused:
		return "vendor_refused"
	case VendorOverloaded:
		return "vendor_overloaded"
	case VendorTimedOut:
		return "vendor_timeout"
	case VendorFailed:
	}
	return "vendor_failed"
}
