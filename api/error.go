package api

import (
	"fmt"
	"net/http"
	"time"
)

// Error is the one error type that reaches a client. Everything exported is
// safe to show; the cause is for the log.
type Error struct {
	Status     int           // HTTP status
	Code       string        // stable name, the last element of the problem type
	Detail     string        // what went wrong this time and what to do, for a person
	Fields     []Field       // which inputs were wrong, if any
	RetryAfter time.Duration // when to try again; 0: not said
	Estimate   *Estimate     // the estimate that was denied, of a 402
	Comparison *Comparison   // the same of a comparison

	shed         *Shed  // the request was turned away
	unread       bool   // the rest of the body is not worth reading
	vendorStatus int    // status on the vendor's own path; 0: Status
	vendorType   string // error type on the vendor's own path; empty: by status
	echoes       bool   // Detail repeats text of the caller's, to him and not to the log
	cause        error
}

// Field is one wrong input. One of Pointer and Parameter is set.
type Field struct {
	Pointer   string // RFC 6901, into the body
	Parameter string // name of a query parameter
	Detail    string
}

// Error returns the code, the detail and the cause, for the log.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Code + ": " + e.Detail
	}
	return fmt.Sprintf("%s: %s: %v", e.Code, e.Detail, e.cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// errorType is the "type" that clients of the vendor's API tell errors apart
// by. The names are the vendor's own.
func errorType(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "invalid_authentication_error"
	case http.StatusForbidden:
		return "permission_denied_error"
	case http.StatusNotFound:
		return "resource_not_found_error"
	case http.StatusTooManyRequests:
		return "rate_limit_reached_error"
	case http.StatusServiceUnavailable:
		return "server_unavailable"
	case statusClientClosedRequest:
		return "client_closed_request"
	}
	if status >= http.StatusInternalServerError {
		return "server_error"
	}
	return "invalid_request_error"
}
