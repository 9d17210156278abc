package api

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// statusClientClosedRequest is what the log says of a caller who left before
// the answer; the vendor uses the same number. Nobody receives it.
const statusClientClosedRequest = 499

// known says how each error of the domain is shown. The first match wins. An
// error without a row is a 500 that says nothing, so a test looks for rows that
// are missing.
var known = []struct {
	name string // of the domain error, for that test
	show func(error) *Error
}{
	{"chat.Error", typed(showChatError)},
	{"estimator.OptionError", typed(showOptionError)},
	{"estimator.VendorError", typed(showVendorError)},
	{"estimator.UncountableError", typed(showUncountable)},
	{"pricing.ErrUnknownModel", sentinel(pricing.ErrUnknownModel, showUnknownModel)},
	{"pricing.ErrNoPrice", sentinel(pricing.ErrNoPrice, showNoPrice)},
	{"pricing.ErrOverflow", fixed(pricing.ErrOverflow, Error{
		Status: http.StatusUnprocessableEntity,
		Code:   "amount_too_large",
		Detail: "the cost is larger than this service can state; lower completion_tokens or the body's max_completion_tokens",
	})},
	{"foreign.Error", typed(showForeignError)},
	{"api.goneError", typed(showGone)},
	{"api.readError", typed(showReadError)},
	{"http.MaxBytesError", typed(func(e *http.MaxBytesError) *Error { return bodyTooLarge(e.Limit) })}, // of what a body expands to
	{"context.DeadlineExceeded", fixed(context.DeadlineExceeded, Error{
		Status: http.StatusGatewayTimeout,
		Code:   "timeout",
		Detail: "the answer was not ready in time; try again, or ask for method=auto, which falls back to a local count",
	})},
	{"context.Canceled", sentinel(context.Canceled, func(error) *Error { return showGone(nil) })},
}

// goneError says that a caller left, or does not take what is answered.
type goneError struct{ err error }

func (e *goneError) Error() string { return "the caller does not take the answer: " + e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

func showGone(*goneError) *Error {
	return &Error{
		Status: statusClientClosedRequest,
		Code:   "client_closed_request",
		Detail: "the request was given up before it was answered",
	}
}

// asError returns err as an *Error. An error that is not known becomes a 500
// whose detail says nothing, for its text may hold what a client must not see.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	for _, k := range known {
		if e := k.show(err); e != nil {
			e.cause = err
			return e
		}
	}
	return &Error{
		Status: http.StatusInternalServerError,
		Code:   "internal",
		Detail: "the service failed on this request; try again, and report it with the request id if it happens again",
		cause:  err,
	}
}

// typed is a row for an error type.
func typed[T error](show func(T) *Error) func(error) *Error {
	return func(err error) *Error {
		if e, ok := errors.AsType[T](err); ok {
			return show(e)
		}
		return nil
	}
}

// sentinel is a row for an error that is told by [errors.Is].
func sentinel(target error, show func(error) *Error) func(error) *Error {
	return func(err error) *Error {
		if !errors.Is(err, target) {
			return nil
		}
		return show(err)
	}
}

// fixed is a row for a sentinel that is always shown the same.
func fixed(target error, shown Error) func(error) *Error {
	return sentinel(target, func(error) *Error {
		e := shown
		return &e
	})
}

// showUnknownModel names the nearest ids, and never the id that was sent.
func showUnknownModel(err error) *Error {
	shown := &Error{
		Status:       http.StatusUnprocessableEntity,
		Code:         "unknown_model",
		Detail:       "unknown model",
		Fields:       []Field{{Pointer: "/model", Detail: "is no id and no alias of a known model"}},
		vendorStatus: http.StatusNotFound,
		vendorType:   errorType(http.StatusNotFound),
	}
	if e, ok := errors.AsType[*pricing.UnknownModelError](err); ok {
		shown.Detail = e.Error()
	}
	shown.Detail += " (GET /v1/models lists all that are known)"
	return shown
}

func showNoPrice(err error) *Error {
	shown := &Error{
		Status: http.StatusUnprocessableEntity,
		Code:   "price_unknown",
		Detail: "no price is known",
	}
	if e, ok := errors.AsType[*pricing.NoPriceError](err); ok {
		shown.Detail = e.Error()
	}
	shown.Detail += " (GET /v1/prices lists all that are known)"
	return shown
}

func showChatError(e *chat.Error) *Error {
	shown := &Error{
		Status: http.StatusBadRequest,
		Code:   "body_malformed",
		Detail: e.Detail + " (at byte " + strconv.FormatInt(e.Offset, 10) + ")",
	}
	switch e.Kind {
	case chat.WrongType:
		shown.Code = "body_wrong_type"
	case chat.Missing:
		shown.Status, shown.Code = http.StatusUnprocessableEntity, "body_incomplete"
		shown.vendorStatus = http.StatusBadRequest
	case chat.OutOfRange:
		shown.Status, shown.Code = http.StatusUnprocessableEntity, "body_out_of_range"
		shown.vendorStatus = http.StatusBadRequest
	case chat.Unexpected:
		shown.Status, shown.Code = http.StatusUnprocessableEntity, "body_unexpected_member"
	case chat.TooLarge:
		too := bodyTooLarge(e.Offset)
		too.Detail = e.Detail + too.Detail[strings.IndexByte(too.Detail, ';'):]
		return too
	case chat.Malformed:
	}
	if e.Pointer != "" {
		shown.Fields = []Field{{Pointer: e.Pointer, Detail: e.Detail}}
	}
	return shown
}

func showOptionError(e *estimator.OptionError) *Error {
	return &Error{
		Status:       http.StatusUnprocessableEntity,
		Code:         "parameter_invalid",
		Detail:       e.Option + ": " + e.Detail,
		Fields:       []Field{{Parameter: e.Option, Detail: e.Detail}},
		vendorStatus: http.StatusBadRequest,
	}
}

func showUncountable(e *estimator.UncountableError) *Error {
	shown := &Error{
		Status:       http.StatusUnprocessableEntity,
		Code:         "count_incomplete",
		Detail:       e.Error(),
		vendorStatus: http.StatusBadRequest,
	}
	if e.Pointer != "" {
		shown.Fields = []Field{{Pointer: e.Pointer, Detail: e.Reason}}
	}
	return shown
}

// showVendorError keeps a failure of the vendor apart from one of the caller:
// the key that the vendor refuses is the service's, so 401 and 403 never pass.
func showVendorError(e *estimator.VendorError) *Error {
	shown := &Error{
		Status:     http.StatusBadGateway,
		Code:       "vendor_failed",
		Detail:     e.Detail,
		RetryAfter: e.RetryAfter,
	}
	switch e.Kind {
	case estimator.VendorOverloaded:
		shown.Status, shown.Code = http.StatusServiceUnavailable, "vendor_overloaded"
		shown.RetryAfter = max(e.RetryAfter, minRetryAfter)
	case estimator.VendorTimedOut:
		shown.Status, shown.Code = http.StatusGatewayTimeout, "vendor_timeout"
	case estimator.VendorRefused:
		shown.Code = "vendor_refused"
	case estimator.VendorFailed:
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusTooManyRequests:
		shown.vendorStatus, shown.vendorType = e.Status, e.Type
	}
	return shown
}

// readError is a failure to read a body to its end.
type readError struct{ err error }

func (e *readError) Error() string { return "read the body: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

func showReadError(e *readError) *Error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](e.err); ok {
		return bodyTooLarge(tooLarge.Limit)
	}
	switch {
	case errors.Is(e.err, os.ErrDeadlineExceeded):
		return &Error{
			Status: http.StatusRequestTimeout,
			Code:   "body_timeout",
			Detail: "the body did not arrive in time; send it again over a faster connection",
		}
	case errors.Is(e.err, context.Canceled):
		return nil
	}
	return &Error{
		Status: http.StatusBadRequest,
		Code:   "body_cut_short",
		Detail: "the body ended before it was complete or its chunks are broken; send it again",
	}
}

func bodyTooLarge(limit int64) *Error {
	return &Error{
		Status: http.StatusRequestEntityTooLarge,
		Code:   "body_too_large",
		Detail: "the body is larger than " + strconv.FormatInt(limit, 10) +
			" bytes; upload media to the vendor's file service and send ms:// ids instead",
	}
}
