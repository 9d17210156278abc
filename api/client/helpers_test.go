package client_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/api"
	"tollgate/api/client"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/pricing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the moment all tests happen at.
func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

const (
	// hello is a small valid request, whose output is the model's default.
	hello = `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`
	// pictured is a request whose size nobody knows without the vendor.
	pictured = `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"ms://abc"}}]}]}`
	// priceless is for a model without a price in CNY.
	priceless = `{"model":"kimi-k3.1-pro","messages":[{"role":"user","content":"Hello"}]}`
	// hot is a request that the vendor would refuse.
	hot = `{"model":"kimi-k2.6","temperature":0.3,"messages":[{"role":"user","content":"Hello"}]}`
)

var (
	embedded      = sync.OnceValues(pricing.Embedded)
	approximation = sync.OnceValues(local.NewApproximation)
)

// handler is the service as it runs without a key and without a vocabulary.
func handler(edit ...func(*api.Options)) (http.Handler, error) {
	book, err := embedded()
	if err != nil {
		return nil, err
	}
	counter, err := approximation()
	if err != nil {
		return nil, err
	}
	opts := api.Options{
		Estimator: estimator.New(estimator.Options{
			Prices:        func() estimator.Prices { return book },
			Cache:         countcache.New(countcache.Options{Entries: 1000}),
			Approximation: counter,
			Currency:      pricing.CNY,
			Now:           now,
		}),
		Book:   func() *pricing.Book { return book },
		Now:    now,
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range edit {
		f(&opts)
	}
	return api.New(opts), nil
}

// serve is the real service on a port of this machine.
func serve(t testing.TB, edit ...func(*api.Options)) string {
	t.Helper()
	h, err := handler(edit...)
	require.NoError(t, err)
	return listen(t, h)
}

// listen serves a handler until the test ends.
func listen(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		server.Close()
	})
	return server.URL
}

// asking is a client of the service at an address.
func asking(t testing.TB, url string, edit ...func(*client.Options)) *client.Client {
	t.Helper()
	opts := client.Options{BaseURL: url}
	for _, f := range edit {
		f(&opts)
	}
	c, err := client.New(opts)
	require.NoError(t, err)
	return c
}

// wire is a RoundTripper that is a function, so that nothing is listened on.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

// wired is a client whose questions a function answers.
func wired(t testing.TB, answer wire, edit ...func(*client.Options)) *client.Client {
	t.Helper()
	return asking(t, "http://tollgate.test", append([]func(*client.Options){func(o *client.Options) {
		o.HTTPClient = &http.Client{Transport: answer}
	}}, edit...)...)
}

// says is an answer with a status, a body and perhaps headers, in pairs.
func says(status int, body string, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// problem is a problem document.
func problem(status int, code string) string {
	return `{"type":"/problems/` + code + `","title":"T","status":` + strconv.Itoa(status) + `,"detail":"what to do","instance":"id-1","code":"` +
		code + `","errors":[{"pointer":"/model","detail":"is wrong"}],"error":{"message":"what to do","type":"x"}}`
}
