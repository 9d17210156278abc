package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// discard is a ResponseWriter that keeps the status only.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// replay sends the same body again and again without making a request anew.
func replay(body string) (*http.Request, func()) {
	r := bytes.NewReader([]byte(body))
	req := httptest.NewRequest(http.MethodPost, "/v1/estimate", nil)
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = int64(len(body))
	return req, func() {
		r.Reset([]byte(body))
		req.Body = io.NopCloser(r)
	}
}

// BenchmarkCreateEstimate is a request whose count is in the cache, through
// every layer but the network.
func BenchmarkCreateEstimate(b *testing.B) {
	for _, size := range []int{1 << 7, 1 << 13, 1 << 19} {
		b.Run(fmt.Sprintf("content=%dB", size), func(b *testing.B) {
			h := service(b, realEstimator(b))
			body := strings.Replace(hello, "Hello", strings.Repeat("a b ", size/4), 1)
			req, rewind := replay(body)
			w := &discard{header: http.Header{}}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				rewind()
				h.ServeHTTP(w, req)
				if w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
		})
	}
}
