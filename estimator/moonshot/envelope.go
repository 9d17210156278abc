package moonshot

import (
	"encoding/json"
	"net/http"
	"strings"
)

// envelope is the vendor's error body, {"error":{"message","type"}}. Its text
// is only ever looked at, never passed on.
// Source: https://platform.kimi.com/docs/api/errors.
type envelope struct {
	Error *struct {
		Message string `json:"message"`
		Type    string `json:"type"`
	} `json:"error"`
}

// kindOfType returns the kind of a documented error type.
func kindOfType(t string) (Kind, bool) {
	switch t {
	case "invalid_request_error":
		return KindInvalidRequest, true
	case "content_filter":
		return KindContentFilter, true
	case "invalid_authentication_error", "incorrect_api_key_error":
		return KindAuth, true
	case "permission_denied_error":
		return KindPermission, true
	case "resource_not_found_error":
		return KindModelNotFound, true
	case "exceeded_current_quota_error":
		return KindQuota, true
	case "rate_limit_reached_error":
		return KindRateLimited, true
	case "engine_overloaded_error":
		return KindOverloaded, true
	case "server_error", "unexpected_output", "server_unavailable", "client_closed_request":
		return KindUnavailable, true
	}
	return "", false
}

// kindOfStatus returns the kind of an answer whose body says nothing.
func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return KindAuth
	case status == http.StatusForbidden:
		return KindPermission
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return KindBadAnswer // the vendor names its own 404s; this is another server's
	case status >= 500, status == http.StatusRequestTimeout, status == 499:
		return KindUnavailable
	case status >= 400:
		return KindInvalidRequest
	default:
		return KindBadAnswer
	}
}

// refusal turns an answer that is no count into an error.
func (c *Client) refusal(status int, header http.Header, body []byte) *Error {
	var env envelope
	e := &Error{Status: status}
	message := ""
	if json.Unmarshal(body, &env) == nil && env.Error != nil {
		message = env.Error.Message
		if k, ok := kindOfType(env.Error.Type); ok {
			e.Kind, e.Type = k, env.Error.Type
		}
	}
	if e.Kind == "" {
		e.Kind = kindOfStatus(status)
	}
	e.detail = c.explain(e, message)
	wait := hint(header, message, c.opts.Now())
	if e.Kind == KindRateLimited {
		e.RetryAfter, e.retry, e.limited = wait, wait > 0, true
		e.limit, e.most = limitOf(message), numberOf(message)
	}
	if e.Kind == KindOverloaded || e.Kind == KindUnavailable {
		e.RetryAfter, e.retry = wait, true
		e.limited = status == http.StatusTooManyRequests && wait > 0
	}
	return e
}

// explain chooses the sentence for an error; empty means that of its kind. It
// reads the vendor's message and takes nothing from it.
func (c *Client) explain(e *Error, message string) string {
	switch e.Kind { //nolint:exhaustive // the other kinds have nothing to add
	case KindAuth:
		return wrongKey(c.platform)
	case KindRateLimited:
		return limitSentence(message)
	case KindInvalidRequest:
		return invalidSentence(e.Status, message)
	case KindBadAnswer:
		return strangerSentence(e.Status)
	}
	return ""
}

// invalidSentence names what the vendor refuses, where it can be told.
func invalidSentence(status int, message string) string {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return "the request is larger than it accepts"
	case mentions(message, "token limit", "token length too long", "max length"):
		return "the request is longer than the model's context window"
	case mentions(message, "image format", "video format"):
		return "the request has media in a format it does not accept"
	}
	return ""
}

// strangerSentence speaks of an answer that the vendor would not give.
func strangerSentence(status int) string {
	switch status / 100 {
	case 3:
		return "it answers with a redirect, which is never followed; check the base URL"
	case 4:
		return "there is no counting endpoint at the base URL; /v1 is part of it"
	default:
		return ""
	}
}

// limitSentence names the limit that was reached.
func limitSentence(message string) string {
	l := limitOf(message)
	if l == limitUnknown {
		return ""
	}
	return "the account's limit of " + l.name() + " is reached; ask less often or raise its tier"
}

func mentions(message string, any ...string) bool {
	message = strings.ToLower(message)
	for _, s := range any {
		if strings.Contains(message, s) {
			return true
		}
	}
	return false
}
