package moonshot

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// newNetwork returns what goes to one host and nowhere else: a round trip does not
// follow redirects, which would send the prompt to a host nobody configured.
func newNetwork(o Options) http.RoundTripper {
	if o.Transport != nil {
		return o.Transport
	}
	return &http.Transport{
		Proxy:                  o.Proxy,
		DialContext:            (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    3 * time.Second,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        60 * time.Second,
		MaxIdleConns:           o.MaxConns,
		MaxIdleConnsPerHost:    o.MaxConns,
		MaxConnsPerHost:        o.MaxConns,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // a small answer can unpack into gigabytes
	}
}

// newRequest returns a request without a body, of which the others are copies.
func newRequest(url string, key Key) (*http.Request, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, nil)
	if err != nil {
		return nil, err //nolint:wrapcheck // replaced by the caller: its text holds the URL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "tollgate")
	req.Header.Set("Authorization", "Bearer "+string(key))
	return req, nil
}

// exchange posts body once and returns the total of the answer.
func (c *Client) exchange(parent context.Context, body Body, timeout time.Duration) (int64, *Error) {
	ctx, cancel := context.WithTimeout(parent, timeout)
	defer cancel()
	resp, err := c.network.RoundTrip(c.request(ctx, body))
	if err != nil {
		return 0, broken(parent, ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	if compressed(resp) {
		return c.answer(resp, nil)
	}
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil && resp.StatusCode/100 == 2 {
		return 0, broken(parent, ctx, err)
	}
	return c.answer(resp, reply)
}

// request returns a request with a body. It shares its header with all others: a
// [http.RoundTripper] writes to none.
func (c *Client) request(ctx context.Context, body Body) *http.Request {
	req := c.asking().WithContext(ctx)
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(body.NewReader()), nil }
	req.Body, req.ContentLength = io.NopCloser(body.NewReader()), body.Len()
	return req
}

// compressed reports whether an answer is, though none was asked for.
func compressed(resp *http.Response) bool {
	encoding := resp.Header.Get("Content-Encoding")
	return resp.Uncompressed || (encoding != "" && encoding != "identity")
}

// answer judges an answer by its status and what was read of it.
func (c *Client) answer(resp *http.Response, reply []byte) (int64, *Error) {
	if len(reply) > maxReply {
		reply = nil // of a refusal, the status alone says enough
		if resp.StatusCode/100 == 2 {
			return 0, badAnswer(resp.StatusCode, errHuge)
		}
	}
	if resp.StatusCode/100 != 2 {
		return 0, c.refusal(resp.StatusCode, resp.Header, reply)
	}
	if compressed(resp) {
		return 0, badAnswer(resp.StatusCode, errCompressed)
	}
	n, err := decodeTotal(reply)
	switch {
	case errors.Is(err, errVendor):
		return 0, c.refusal(resp.StatusCode, resp.Header, reply)
	case err != nil:
		return 0, badAnswer(resp.StatusCode, err)
	}
	return n, nil
}

// badAnswer takes one of the sentences of decode.go.
func badAnswer(status int, why error) *Error {
	return &Error{Kind: KindBadAnswer, Status: status, detail: why.Error()}
}

// broken turns a failure of the network into an error. Nothing of err's text
// is kept: it names hosts and addresses.
func broken(parent, attempt context.Context, err error) *Error {
	switch {
	case parent.Err() != nil:
		return ended(parent)
	case attempt.Err() != nil, timedOut(err):
		return &Error{Kind: KindTimeout, cause: context.DeadlineExceeded}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Error{Kind: KindUnavailable, detail: "its certificate is not one to trust; check the base URL and the system's clock and roots"}
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return &Error{Kind: KindUnavailable, retry: true, detail: "its host name does not resolve; check the base URL and the network"}
	}
	return &Error{Kind: KindUnavailable, retry: true, detail: "the connection to it failed or broke off; check the network"}
}

// ended is the error for a context that is done.
func ended(ctx context.Context) *Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Kind: KindCanceled, cause: context.Canceled}
	}
	return &Error{Kind: KindTimeout, cause: context.DeadlineExceeded}
}

// timedOut reports whether a part of the exchange ran out of its own time.
func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
