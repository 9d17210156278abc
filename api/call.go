package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tollgate/api/foreign"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

const (
	headerID     = "X-Request-Id"
	maxIDLen     = 64
	routeUnknown = "unmatched" // label of requests that no route took
)

// call is what the middleware knows of one request.
type call struct {
	Event

	began     time.Time
	id        string
	caller    caller
	traceIDs  traceIDs
	bodyBytes int64 // read of the body
	code      string
	err       error
	stack     []byte // of a panic
	unread    bool   // he was turned away while he may be sending

	values [valuesOf]string
}

// The headers whose value is another for every answer. Their values are in the
// call, as a slice of its own for each would be three more allocations.
const (
	valueID = iota
	valueType
	valueLength
	valuesOf
)

// set sets the header whose name is in canonical form.
func (info *call) set(h http.Header, name string, at int, value string) {
	info.values[at] = value
	h[name] = info.values[at : at+1 : at+1]
}

// answering is gin's writer, with what the middleware knows of the request: it
// is where handlers find that without a map of their own in every request.
type answering struct {
	gin.ResponseWriter

	call call
}

// Unwrap is for [http.ResponseController].
func (a *answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// callOf returns the call that observe made for c.
func callOf(c *gin.Context) *call {
	if a, ok := c.Writer.(*answering); ok {
		return &a.call
	}
	return &call{}
}

// observe gives the request its id, and logs and counts it when it is done.
func (s *server) observe(c *gin.Context) {
	a := &answering{ResponseWriter: c.Writer}
	c.Writer = a
	info, h := &a.call, a.Header()
	info.began = s.Now()
	info.id = requestID(headerOf(c.Request, headerID))
	outside := c.Request.Context()
	span := s.trace(c, info)
	info.set(h, headerID, valueID, info.id)
	if s.Draining() {
		h.Set("Connection", "close") // so that the caller's next request goes elsewhere
	}
	if s.Metrics != nil {
		s.Metrics.Begin()
	}
	defer func() { // also when a panic passes, to drop the connection
		info.Route = routeOf(c)
		info.Method = methodLabel(c.Request.Method)
		info.Status = c.Writer.Status()
		info.Took = max(s.Now().Sub(info.began), 0) // the clock may have been set back
		if s.Metrics != nil {
			s.Metrics.Done(info.Event)
		}
		s.logRequest(outside, c, info)
		if span != nil {
			span.End(&info.Event, info.code)
		}
		if info.unread {
			s.partWith(c)
		}
	}()
	c.Next()
}

// headerOf returns the first value of a header whose name is in canonical form:
// [http.Header.Get] makes sure of that every time.
func headerOf(r *http.Request, name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// requestID keeps a caller's id if it is sane, else makes one.
func requestID(given string) string {
	if given == "" || len(given) > maxIDLen {
		return newID()
	}
	for _, b := range []byte(given) {
		if !isWord(b) && b != '.' && b != '-' {
			return newID()
		}
	}
	return given
}

// newID is 128 random bits as text. They are no secret, so they come from the
// generator that needs no system call.
func newID() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [26]byte
	for half := range 2 {
		bits := rand.Uint64() //nolint:gosec // an id is no secret
		for i := range len(id) / 2 {
			id[half*len(id)/2+i] = alphabet[bits%32]
			bits /= 32
		}
	}
	return string(id[:])
}

// isWord reports whether b is a letter, a digit or an underscore.
func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// routeOf is the template of c's route, never its path: a path may hold
// anything.
func routeOf(c *gin.Context) string {
	if r := c.FullPath(); r != "" {
		return r
	}
	return routeUnknown
}

// logRequest writes the one event of a request. Nothing of the body, of the
// query's values or of the headers is in it.
//
// Ctx is that of the request as it came: its trace is named here.
func (s *server) logRequest(ctx context.Context, c *gin.Context, info *call) {
	level := slog.LevelInfo
	switch {
	case info.Shed != nil:
		level = slog.LevelWarn // as it should be when there is too much
	case info.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	}
	if !s.Logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 15)
	attrs = append(attrs,
		slog.String("request_id", info.id),
		slog.String("method", info.Method),
		slog.String("route", info.Route),
		slog.Int("status", info.Status),
		slog.Float64("duration_ms", float64(info.Took.Microseconds())/1000),
		slog.Int64("request_bytes", info.bodyBytes),
		slog.Int("response_bytes", max(c.Writer.Size(), 0)),
	)
	if info.Batch != nil {
		attrs = append(attrs, slog.Int("lines", info.Batch.Lines), slog.Int("problems", info.Batch.problems()))
	}
	if info.traceIDs.trace != "" {
		attrs = append(attrs, slog.String("trace_id", info.traceIDs.trace), slog.String("span_id", info.traceIDs.span))
	}
	if info.Shed != nil {
		attrs = append(attrs, slog.String("lane", info.Shed.Lane), slog.String("reason", info.Shed.Reason))
	}
	if info.code != "" {
		attrs = append(attrs, slog.String("code", info.code))
	}
	if info.err != nil {
		attrs = append(attrs, slog.String("error", describe(info.err)))
	}
	if info.stack != nil {
		attrs = append(attrs, slog.String("stack", string(info.stack)))
	}
	s.Logger.LogAttrs(ctx, level, "request", attrs...)
}

// describe says what is safe to log of an error: the text of errors that are
// made to hold nothing of a caller, and of any other only the types it is made
// of. The text of a failed dial, say, has an internal address in it.
func describe(err error) string {
	if e, ok := errors.AsType[*estimator.VendorError](err); ok {
		if e.Cause != nil {
			return e.Error() + ": " + e.Cause.Error() // redacted by who made it
		}
		return e.Error()
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		// Without its pointer: the keys of free-form JSON are the caller's text.
		return fmt.Sprintf("%s (byte %d)", e.Detail, e.Offset)
	}
	if e, ok := errors.AsType[*estimator.OptionError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*foreign.Error](err); ok {
		return e.Error()
	}
	if errors.Is(err, pricing.ErrUnknownModel) || errors.Is(err, pricing.ErrNoPrice) {
		return "pricing: " + asError(err).Detail
	}
	if e, ok := errors.AsType[*panicError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*Error](err); ok && e.cause == nil {
		if e.echoes {
			return e.Code
		}
		return e.Error()
	}
	return typesOf(err)
}

// typesOf names the types of an error and of all that it wraps.
func typesOf(err error) string {
	var b strings.Builder
	for sep := ""; err != nil; sep = " > " {
		fmt.Fprintf(&b, "%s%T", sep, err)
		err = errors.Unwrap(err)
	}
	return b.String()
}

// recoverPanic answers a panic with a problem. What was thrown and where goes
// to the log only, and of what was thrown only what cannot hold content.
func (s *server) recoverPanic(c *gin.Context) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(thrown) // the agreed way to drop a connection
		}
		info := callOf(c)
		info.stack, info.Panicked = debug.Stack(), true
		s.fail(c, &panicError{thrown: thrown})
	}()
	c.Next()
}

// panicError is a panic on its way to fail.
type panicError struct {
	thrown any
	stack  []byte // where it was thrown, if not where it was caught
}

// Error returns the text of a run-time error, which names no values, and of
// anything else that was thrown only the type.
func (e *panicError) Error() string {
	if r, ok := e.thrown.(runtime.Error); ok {
		return "panic: " + r.Error()
	}
	return fmt.Sprintf("panic of type %T", e.thrown)
}

// Values that headers of all answers share: whoever sets another replaces the
// slice and does not write to it.
var (
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noSources  = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// secure sets the headers that every answer has, and what a page may do: one
// that needs more than nothing sets its own policy. A page is got with GET; what
// else is answered is JSON, and no browser shows that as anything but text.
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h["X-Content-Type-Options"] = noSniff
	if m := c.Request.Method; m == http.MethodGet || m == http.MethodHead {
		h["Referrer-Policy"] = noReferrer
		h["Content-Security-Policy"] = noSources
	}
	c.Next()
}

// methodLabel bounds what a log or a metric says of a request's method.
func methodLabel(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
