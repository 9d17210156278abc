package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

// TestACachedEstimateAllocatesLittle keeps a regression of the hot path from
// going unnoticed. 62 were measured; most of them are the scan of the body,
// the findings and the answer.
func TestACachedEstimateAllocatesLittle(t *testing.T) {
	h := service(t, realEstimator(t))
	req, rewind := replay(hello)
	w := &discard{header: http.Header{}}
	allocs := testing.AllocsPerRun(200, func() {
		clear(w.header)
		rewind()
		h.ServeHTTP(w, req)
	})
	require.Equal(t, http.StatusOK, w.status)
	t.Logf("%.0f allocations a cache hit", allocs)
	require.Less(t, allocs, 85.0) // 66, and 78 with the next engine of encoding/json
}
