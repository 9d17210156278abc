package client

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

// WhenAway is what happens to calls while tollgate is not available.
type WhenAway int

// What may happen to calls while tollgate is not available.
const (
	RefuseWhenAway WhenAway = iota // they are not made: the default
	AllowWhenAway                  // they are made, unchecked
)

const (
	// DefaultTransportPatience is the default of Transport.Patience.
	DefaultTransportPatience = 10 * time.Second
	// DefaultMaxBodyBytes is the default of Transport.MaxBodyBytes: a little over
	// the vendor's own limit of 100 MB.
	DefaultMaxBodyBytes int64 = 100 << 20
)

// Transport is an [http.RoundTripper] that asks tollgate before each chat
// completion is sent to the vendor, and sends only what the budget allows. Put
// it into the HTTP client that an SDK of the vendor's uses:
//
//	vendor := &http.Client{Transport: &client.Transport{
//		Client: tollgate,
//		Budget: client.Query{MaxCost: "0.02", Currency: client.CNY},
//	}}
//
// A call that is refused fails with the errors of [Client.Check], which
// [http.Client] wraps, and nothing of it reaches the vendor. The body is held in
// memory while it is asked about; the answer is passed through untouched, so it
// may be a stream. Requests other than chat completions pass unchecked: files
// and batches cost money too and are not looked at.
//
// The vendor's key does not go to tollgate, nor tollgate's to the vendor. The
// budget is one for each call: nothing is added up.
//
// The members must not be changed once it is in use, and then it may be used
// for several requests at the same time.
type Transport struct {
	Client *Client // must be set
	Budget Query   // of each call; see [Client.Check]

	// Base sends what is allowed. Nil means [http.DefaultTransport].
	Base http.RoundTripper

	// Applies says which requests are checked. Nil means [IsChatCompletion].
	Applies func(*http.Request) bool

	// WhenAway is what happens while tollgate is not available, by
	// [ErrUnavailable]. A wrong key, a price that is not known and the like refuse
	// a call all the same.
	WhenAway WhenAway

	// Patience is how long tollgate is asked about one call, retries included; 0
	// means [DefaultTransportPatience]. After that it counts as not available.
	Patience time.Duration

	// LowerOutput lets a call through that would be allowed with less output, with
	// its max_completion_tokens lowered to what is allowed. Where that is less than
	// LeastOutput tokens, an answer is of no use and the call is refused.
	LowerOutput bool
	LeastOutput int64

	// MaxBodyBytes is the largest request that is checked; 0 means
	// [DefaultMaxBodyBytes]. A larger one is refused.
	MaxBodyBytes int64
}

// IsChatCompletion reports whether a request asks for a chat completion: a POST
// to a path that ends in /chat/completions, in capitals or not.
func IsChatCompletion(req *http.Request) bool {
	clean := strings.ToLower(path.Clean(req.URL.Path))
	return req.Method == http.MethodPost && strings.HasSuffix(clean, "/chat/completions")
}

// RoundTrip sends a request if it may be sent.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	applies := t.Applies
	if applies == nil {
		applies = IsChatCompletion
	}
	if !applies(req) {
		return t.base().RoundTrip(req)
	}
	body, err := t.body(req)
	if err != nil {
		return nil, fmt.Errorf("check a call: %w", err)
	}
	allowed, err := t.admit(req.Context(), body)
	if err != nil {
		return nil, fmt.Errorf("check a call: %w", err)
	}
	return t.base().RoundTrip(withBody(req, allowed))
}

// CloseIdleConnections closes those of Base.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base == nil {
		return http.DefaultTransport
	}
	return t.Base
}

// body reads the body of a request and closes it.
func (t *Transport) body(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	if encoding := req.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, errors.New("a compressed request can not be checked: send it as it is")
	}
	limit := cmp.Or(t.MaxBodyBytes, DefaultMaxBodyBytes)
	body, err := io.ReadAll(io.LimitReader(req.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the request: %w", err)
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("the request is larger than %d bytes: see MaxBodyBytes", limit)
	}
	return body, nil
}

// admit returns the body that may be sent, or why none may.
func (t *Transport) admit(ctx context.Context, body []byte) ([]byte, error) {
	if t.Client == nil {
		return nil, errors.New("the Transport has no Client: set it")
	}
	asking, cancel := context.WithTimeout(ctx, cmp.Or(t.Patience, DefaultTransportPatience))
	defer cancel()
	allowed, err := body, t.Client.Check(asking, body, t.Budget)
	if denied, ok := errors.AsType[*DeniedError](err); ok && t.lowers(denied) {
		allowed, err = t.lower(asking, body, denied.Caps().MaxCompletionTokens)
	}
	switch {
	case err == nil:
		return allowed, nil
	case ctx.Err() != nil:
		return nil, ctx.Err() // the caller's own end is not tollgate's absence
	case t.WhenAway == AllowWhenAway && errors.Is(err, ErrUnavailable):
		return body, nil
	}
	return nil, err
}

// lowers reports whether a denied call is one to let through with less output.
func (t *Transport) lowers(denied *DeniedError) bool {
	return t.LowerOutput && denied.Estimate.Verdict.Decision == AllowWithCaps &&
		denied.Caps().MaxCompletionTokens >= max(t.LeastOutput, 1)
}

// lower lowers the output of a request, and asks again about what is to be
// sent. The prompt is the same, so the service need not count it anew.
func (t *Transport) lower(ctx context.Context, body []byte, tokens int64) ([]byte, error) {
	lowered, err := withMaxOutput(body, tokens)
	if err != nil {
		return nil, err
	}
	budget := t.Budget
	budget.CompletionTokens = nil // what the request now says
	if err := t.Client.Check(ctx, lowered, budget); err != nil {
		return nil, fmt.Errorf("with max_completion_tokens lowered to %d: %w", tokens, err)
	}
	return lowered, nil
}

// withBody is req with a body, which it can give again.
func withBody(req *http.Request, body []byte) *http.Request {
	out := req.Clone(req.Context())
	out.ContentLength = int64(len(body))
	out.TransferEncoding = nil
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body, _ = out.GetBody() // never fails
	if len(body) == 0 {
		out.Body = http.NoBody
	}
	return out
}
