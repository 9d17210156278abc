package api

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"tollgate/estimator"
)

// Tracer keeps traces of requests. It is safe for concurrent use.
type Tracer interface {
	// Begin begins the trace of a request, or the part of it that is ours: parent
	// is what the caller said of it. What is done under the context that it
	// returns belongs to it.
	Begin(ctx context.Context, method, route string, parent TraceParent) (context.Context, RequestSpan)
}

// RequestSpan is what a tracer keeps of one request.
type RequestSpan interface {
	// IDs name the trace and the span, in lower-case hexadecimal. Kept says that
	// they will be found where traces go to.
	IDs() (trace, span string, kept bool)
	// End takes down what became of the request. The code is that of the problem
	// that was answered, else empty.
	End(e *Event, code string)
}

// TraceParent is what a caller's traceparent header says. The zero value is
// that of a caller who said nothing that can be understood.
// Source: https://www.w3.org/TR/trace-context/#traceparent-header.
type TraceParent struct {
	Trace   [16]byte
	Span    [8]byte
	Sampled bool
}

// traceIDs name where a request belongs, in hexadecimal; empty if nowhere.
type traceIDs struct{ trace, span string }

// parseTraceParent reads the header. It returns the zero values for one that
// breaks its rules, or that comes more than once. What a later version of the
// header has behind the four fields is allowed and not looked at.
func parseTraceParent(h http.Header) (TraceParent, traceIDs) {
	given := h["Traceparent"]
	if len(given) != 1 || !laidOut(given[0]) {
		return TraceParent{}, traceIDs{}
	}
	const isSampled = 1
	var p TraceParent
	var flags [1]byte
	s := given[0]
	ids := traceIDs{s[3:35], s[36:52]}
	ok := unhex(p.Trace[:], ids.trace) && unhex(p.Span[:], ids.span) && unhex(flags[:], s[53:55])
	if !ok || p.Trace == [16]byte{} || p.Span == [8]byte{} {
		return TraceParent{}, traceIDs{}
	}
	p.Sampled = flags[0]&isSampled != 0
	return p, ids
}

// laidOut reports whether the fields of a header are where they have to be:
// version-trace-span-flags, of 2, 32, 16 and 2 digits, and in a later version
// more.
func laidOut(s string) bool {
	const length = 55
	var version [1]byte
	if len(s) < length || s[2] != '-' || s[35] != '-' || s[52] != '-' || !unhex(version[:], s[:2]) {
		return false
	}
	switch version[0] {
	case 0:
		return len(s) == length
	case 0xff:
		return false
	}
	return len(s) == length || s[length] == '-'
}

// unhex reads lower-case hexadecimal digits, twice as many as bytes.
func unhex(to []byte, digits string) bool {
	for i := range digits {
		if d := digits[i]; 'A' <= d && d <= 'F' {
			return false
		}
	}
	var from [32]byte
	_, err := hex.Decode(to, from[:copy(from[:], digits)])
	return err == nil
}

// trace begins the span of a request, where there are traces. It returns nil
// where there are none: then the caller's ids are all there is to say.
func (s *server) trace(c *gin.Context, info *call) RequestSpan {
	parent, ids := parseTraceParent(c.Request.Header)
	info.traceIDs = ids
	if s.Tracer == nil || unwatched(c.FullPath()) {
		return nil
	}
	ctx, span := s.Tracer.Begin(c.Request.Context(), methodLabel(c.Request.Method), routeOf(c), parent)
	c.Request = c.Request.WithContext(ctx)
	var kept bool
	if info.traceIDs.trace, info.traceIDs.span, kept = span.IDs(); kept {
		info.Trace = info.traceIDs.trace
	}
	return span
}

// unwatched reports whether a route is asked by machines, every few seconds.
func unwatched(route string) bool {
	return route == "/healthz" || route == "/readyz" || route == "/metrics"
}

// begin begins a span of the request, where there are traces.
func (a *admission) begin(name estimator.SpanName) estimator.Span {
	if a.Tracer == nil {
		return estimator.Span{} // without a look for one in the context
	}
	_, span := estimator.BeginSpan(a.ctx(), name)
	return span
}

// admit begins a span for what a body waits for.
func (a *admission) admit(reason string) estimator.Span {
	span := a.begin(estimator.SpanAdmit)
	span.Word(estimator.SpanLane, a.lane.name)
	span.Word(estimator.SpanFor, reason)
	return span
}

// endSpan ends a span. Of an error the code that is answered is told.
func endSpan(span estimator.Span, err error) {
	switch {
	case err == nil:
		span.End("")
	case span == estimator.Span{}: // nobody watches
	case errors.Is(err, errFull):
		span.End("overloaded")
	default:
		span.End(asError(err).Code)
	}
}
