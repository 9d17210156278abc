package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Kinds of errors. Test for them with [errors.Is].
var (
	// ErrOverBudget means that the call breaks a limit of the budget, or the
	// model's window.
	ErrOverBudget = errors.New("over budget")
	// ErrUnknown means that the price or the size of the call is not known.
	ErrUnknown = errors.New("not known")
	// ErrInvalid means that the vendor would refuse the request.
	ErrInvalid = errors.New("the vendor would refuse it")
	// ErrUnavailable means that there is no answer for now: nobody listens, or
	// the service is overloaded or failed. A later attempt may succeed.
	ErrUnavailable = errors.New("tollgate is not available")
)

// Problem is an answer of the service that says what was wrong, by RFC 9457.
// It is an error.
type Problem struct { //nolint:errname // the name that RFC 9457 and the service give it
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`   // HTTP status
	Detail   string         `json:"detail"`   // what went wrong and what to do, for a person
	Instance string         `json:"instance"` // the request id, which the service's log has too
	Code     string         `json:"code"`     // stable name; empty if something else than tollgate answered
	Errors   []ProblemField `json:"errors"`
	Estimate *Estimate      `json:"estimate,omitempty"` // what was denied, with status 402

	Comparison *Comparison `json:"comparison,omitempty"` // of which no model is allowed, with status 402

	// RetryAfter is how long the service asks to be left alone; 0: it does not
	// say.
	RetryAfter time.Duration `json:"-"`
}

// ProblemField is one wrong input. One of Pointer and Parameter is set.
type ProblemField struct {
	Pointer   string `json:"pointer,omitempty"`   // RFC 6901, into the request
	Parameter string `json:"parameter,omitempty"` // name of a query parameter
	Detail    string `json:"detail"`
}

// Error returns the status and the detail.
func (p *Problem) Error() string {
	return "tollgate answers " + strconv.Itoa(p.Status) + ": " + p.Detail
}

// Is reports whether the problem is of a kind: [ErrUnavailable] for 408, 429
// and 5xx, [ErrUnknown] for a price or a count that is not known, and
// [ErrOverBudget] and its like for a denied call.
func (p *Problem) Is(kind error) bool {
	switch {
	case p.Status == http.StatusPaymentRequired && p.Estimate != nil:
		return p.Estimate.Verdict.is(kind)
	case p.Status == http.StatusPaymentRequired && p.Comparison != nil:
		return p.Comparison.is(kind)
	case kind == ErrUnknown:
		return p.Code == string(ReasonPriceUnknown) || p.Code == string(ReasonCountIncomplete)
	case kind == ErrUnavailable:
		return p.Status == http.StatusRequestTimeout || p.Status == http.StatusTooManyRequests ||
			p.Status >= http.StatusInternalServerError
	}
	return false
}

// problemOf reads an answer that is not a success. Of what is no problem
// document only the status is told.
func problemOf(status int, header http.Header, answer []byte) *Problem {
	var vendor struct {
		Error struct{ Message, Type string } `json:"error"`
	}
	p := &Problem{}
	if json.Unmarshal(answer, p) != nil || p.Status != status || p.Detail == "" {
		p = &Problem{Title: http.StatusText(status), Detail: "this is no answer of tollgate's: see whether one listens at BaseURL"}
		switch {
		case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
			p.Detail = "redirects are not followed: set BaseURL to where it leads"
		case json.Unmarshal(answer, &vendor) == nil && vendor.Error.Message != "":
			p.Code, p.Detail = vendor.Error.Type, vendor.Error.Message // of the vendor's own path
		}
	}
	p.Status, p.RetryAfter = status, retryAfter(header)
	return p
}

// retryAfter reads how long an answer asks to be left alone. A date is
// relative to the answer's own.
func retryAfter(h http.Header) time.Duration {
	const most = 24 * time.Hour
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(n, 0), int(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	sent, errSent := http.ParseTime(h.Get("Date"))
	if err != nil || errSent != nil {
		return 0
	}
	return min(max(at.Sub(sent), 0), most)
}

// UnavailableError says that nobody answered, or not to the end. It is
// [ErrUnavailable].
type UnavailableError struct{ cause error }

// Error says why in general terms, without the address.
func (e *UnavailableError) Error() string { return "tollgate did not answer: " + reason(e.cause) }

// Unwrap returns the cause, whose text may have the address.
func (e *UnavailableError) Unwrap() error { return e.cause }

// Is reports whether kind is [ErrUnavailable].
func (e *UnavailableError) Is(kind error) bool { return kind == ErrUnavailable }

// reason is the text of a cause that has no address in it.
func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it took too long"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "it took too long"
	}
	return "the connection failed"
}

// AnswerError says that an answer is not one of this version's: a client and a
// service of different versions, or something else that listens there.
type AnswerError struct {
	Detail string // what is wrong with it, in general terms
}

// Error returns the detail.
func (e *AnswerError) Error() string {
	return "the answer is not tollgate's of this version: " + e.Detail
}
