package api

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	mediaTypeJSON    = "application/json"
	mediaTypeProblem = "application/problem+json"

	// minRetryAfter is what a 503 without a better figure says.
	minRetryAfter = time.Second
)

// Problem is how every error of the service's own routes is answered, by RFC
// 9457. The error member is there for clients of OpenAI-style APIs.
type Problem struct {
	Type     string         `json:"type" example:"/problems/parameter_invalid"`
	Title    string         `json:"title" example:"Unprocessable Entity"`
	Status   int            `json:"status" example:"422"`
	Detail   string         `json:"detail" example:"cached_tokens: more cached than prompt tokens"`
	Instance string         `json:"instance" example:"3MZQJH5XWGK2LT7VFN4RBYPCDA"` // the request id
	Code     string         `json:"code" example:"parameter_invalid"`
	Errors   []ProblemField `json:"errors"`
	Error    ErrorBody      `json:"error"`
	Estimate *Estimate      `json:"estimate,omitempty"` // only of a denied call, status 402

	// Only of a comparison of which no model is allowed, status 402.
	Comparison *Comparison `json:"comparison,omitempty"`
} //@name Problem

// ProblemField is one wrong input, named by a pointer into the body (RFC 6901)
// or by a query parameter.
type ProblemField struct {
	Pointer   string `json:"pointer,omitempty" example:"/messages/0/content"`
	Parameter string `json:"parameter,omitempty" example:"max_cost"`
	Detail    string `json:"detail" example:"want a decimal amount such as 0.02"`
} //@name ProblemField

// ErrorBody is an error as OpenAI-style clients read it.
type ErrorBody struct {
	Message string `json:"message" example:"cached_tokens: more cached than prompt tokens"`
	Type    string `json:"type" example:"invalid_request_error"`
} //@name ErrorBody

// VendorProblem is how errors of the vendor's own path are answered.
type VendorProblem struct {
	Error ErrorBody `json:"error"`
} //@name VendorError

// fail answers err. It is the one place that writes an error.
func (s *server) fail(c *gin.Context, err error) {
	e := asError(err)
	info := callOf(c)
	info.err, info.code, info.Shed = err, e.Code, e.shed
	info.unread = e.unread
	if p, ok := errors.AsType[*panicError](err); ok && p.stack != nil {
		info.stack, info.Panicked = p.stack, true
	}
	c.Abort()
	if c.Writer.Written() {
		return // the answer has begun; the log says what happened
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	if e.unread {
		h.Set("Connection", "close")
	}
	switch e.Status {
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		h.Set("Connection", "close") // the rest of the body is not worth reading
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="tollgate"`)
	}
	switch c.Request.URL.Path {
	case tokenCountPath:
		s.write(c, vendorStatus(e), mediaTypeJSON, newVendorProblem(e))
		return
	case anthropicPath:
		s.write(c, foreignStatus(e), mediaTypeJSON, newAnthropicProblem(e, info.id))
		return
	case openaiPath:
		s.write(c, foreignStatus(e), mediaTypeJSON, newOpenAIProblem(e))
		return
	}
	s.write(c, e.Status, mediaTypeProblem, s.newProblem(e, info.id))
}

func (s *server) newProblem(e *Error, instance string) Problem {
	p := Problem{
		Type:     "/problems/" + e.Code,
		Title:    statusTitle(e.Status),
		Status:   e.Status,
		Detail:   e.Detail,
		Instance: instance,
		Code:     e.Code,
		Errors:   make([]ProblemField, 0, len(e.Fields)),
		Error:    ErrorBody{Message: e.Detail, Type: errorType(e.Status)},
		Estimate: e.Estimate,

		Comparison: e.Comparison,
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField(f))
	}
	return p
}

func statusTitle(status int) string {
	if status == statusClientClosedRequest {
		return "Client Closed Request"
	}
	return http.StatusText(status)
}

func vendorStatus(e *Error) int {
	if e.vendorStatus != 0 {
		return e.vendorStatus
	}
	return e.Status
}

func newVendorProblem(e *Error) VendorProblem {
	body := ErrorBody{Message: e.Detail, Type: e.vendorType}
	if body.Type == "" {
		body.Type = errorType(vendorStatus(e))
	}
	return VendorProblem{Error: body}
}
