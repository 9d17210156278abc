package openapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// failing answers nothing but an error.
type failing struct{ err error }

func (f failing) Estimate(context.Context, *chat.Request, estimator.Query) (*estimator.Estimate, error) {
	return nil, f.err
}

func (f failing) Lint(*chat.Request, time.Time) ([]lint.Finding, error)     { return nil, f.err }
func (f failing) CountTokens(context.Context, *chat.Request) (int64, error) { return 0, f.err }

// busy answers nobody before it is told to.
type busy struct {
	failing

	entered chan struct{}
	leave   <-chan struct{}
}

func (b busy) wait() {
	select {
	case b.entered <- struct{}{}:
	case <-b.leave:
	}
	<-b.leave
}

func (b busy) Estimate(context.Context, *chat.Request, estimator.Query) (*estimator.Estimate, error) {
	b.wait()
	return nil, b.err
}

func (b busy) Lint(*chat.Request, time.Time) ([]lint.Finding, error) {
	b.wait()
	return nil, b.err
}

func (b busy) CountTokens(context.Context, *chat.Request) (int64, error) {
	b.wait()
	return 0, b.err
}

// circumstances makes the service of c one that gives the answer of an example,
// and returns what has to be changed of the request.
func circumstances(t testing.TB, c *contract, op operation, needs string) func(*http.Request) {
	t.Helper()
	opts := options(t)
	opts.BatchWorkers = 1 // so that it is always the same line that finds a count in the cache
	edit := func(*http.Request) {}
	switch needs {
	case "":
	case "keys":
		opts.APIKeys = api.NewKeyring("key")
	case "wrong_key":
		opts.APIKeys = api.NewKeyring("key")
		edit = func(r *http.Request) { r.Header.Set("Authorization", "Bearer another") }
	case "small_bodies":
		opts.MaxBodyBytes = 64
	case "no_json":
		edit = func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	case "slow_body":
		edit = func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(late{}), -1 }
	case "rate_limit":
		opts.RateLimit = 1
	case "no_prices":
		opts.Book = func() *pricing.Book { return nil }
	case "busy":
		return occupied(t, c, op, opts)
	default:
		opts.Estimator = failing{err: failure(t, needs)}
	}
	c.handler = api.New(opts)
	if needs == "rate_limit" {
		c.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(op.method, "http://localhost"+op.path, http.NoBody))
	}
	return edit
}

// late is a body that does not come in time.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// failure is the error that the domain returns.
func failure(t testing.TB, needs string) error {
	t.Helper()
	vendor := func(kind estimator.VendorErrorKind, detail string) error {
		return &estimator.VendorError{Kind: kind, Detail: detail}
	}
	switch needs {
	case "bug":
		return errors.New("a bug")
	case "vendor_failed":
		return vendor(estimator.VendorFailed, "it answered what is no token count; ask for method=auto, which falls back to a local count")
	case "vendor_timeout":
		return vendor(estimator.VendorTimedOut, "it did not answer within 30s; ask for method=auto, which falls back to a local count")
	}
	require.Fail(t, "unknown circumstances", needs)
	return nil
}

// request is a request to an operation that is there for others to wait for.
func request(t testing.TB, op operation) *http.Request {
	t.Helper()
	e := typical(t, op.OperationID)
	r := httptest.NewRequest(op.method, "http://localhost"+op.path, strings.NewReader(e.text(t)))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// occupied makes the service of c one that works on another request.
func occupied(t testing.TB, c *contract, op operation, opts api.Options) func(*http.Request) {
	t.Helper()
	leave, left := make(chan struct{}), make(chan struct{})
	b := busy{failing: failing{err: context.Canceled}, entered: make(chan struct{}, 1), leave: leave}
	opts.Estimator, opts.Concurrency = b, 1
	c.handler = api.New(opts)
	h, first := c.handler, request(t, op)
	go func() {
		defer close(left)
		h.ServeHTTP(httptest.NewRecorder(), first)
	}()
	select {
	case <-b.entered:
	case <-left:
		require.Fail(t, "the first request was not worked on")
	}
	t.Cleanup(func() {
		close(leave)
		<-left
	})
	return func(*http.Request) {}
}
