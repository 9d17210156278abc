package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/moonshot"
)

const eighty = `{"data":{"total_tokens":80}}`

// instant is a vendor that no network leads to.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(eighty)), Request: r,
	}, err
}

// BenchmarkMiss is a request that the vendor counts, through every layer but
// the caller's network: once what it takes of our own code, and once with an
// HTTP exchange over loopback, both sides of it.
func BenchmarkMiss(b *testing.B) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, eighty)
	}))
	defer vendor.Close()
	for _, over := range []struct {
		name string
		net  http.RoundTripper
	}{{"nothing", instant{}}, {"network", nil}} {
		for _, method := range []string{"vendor", "auto"} {
			b.Run("over="+over.name+"/method="+method, func(b *testing.B) {
				h := service(b, vendorAt(b, vendor.URL, over.net), func(o *api.Options) { o.KeepBody = true })
				body := []byte(strings.Replace(hello, "Hello", "0123456789"+strings.Repeat(" word", 200), 1))
				nonce := body[bytes.Index(body, []byte("0123456789")):][:10]
				r := bytes.NewReader(body)
				req := httptest.NewRequest(http.MethodPost, "/v1/estimate?method="+method, nil)
				req.Header.Set("Content-Type", "application/json")
				req.ContentLength = int64(len(body))
				w := &discard{header: http.Header{}}
				b.ReportAllocs()
				for i := 1_000_000_000; b.Loop(); i++ {
					strconv.AppendInt(nonce[:0], int64(i), 10)
					r.Reset(body)
					req.Body = io.NopCloser(r)
					clear(w.header)
					h.ServeHTTP(w, req)
					if w.status != http.StatusOK {
						b.Fatal(w.status)
					}
				}
			})
		}
	}
}

// vendorAt returns an estimator that asks the vendor at a URL.
func vendorAt(b *testing.B, url string, over http.RoundTripper) *estimator.Estimator {
	b.Helper()
	client, err := moonshot.New(moonshot.Options{BaseURL: url, APIKey: "sk-fake", Transport: over, Now: time.Now})
	require.NoError(b, err)
	opts := realOptions(b)
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{Client: client, Local: opts.Approximation, Now: time.Now})
	require.NoError(b, err)
	b.Cleanup(counter.Close)
	opts.Vendor = counter
	return estimator.New(opts)
}
