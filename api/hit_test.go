package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/metrics"
)

// current is a usual request of 500 bytes, for a model that is served: nothing is to be found of it
// but what is asked.
var current = strings.Replace(`{"model":"kimi-k2.6","temperature":1,"messages":[`+
	`{"role":"system","content":"You are a helpful assistant who answers in plain words."},{"role":"user","content":"TEXT"}],`+
	`"max_completion_tokens":600}`, "TEXT", strings.Repeat("The committee met on Tuesday. ", 10)[:297], 1)

// hits is a service as it is run, metrics included, and one call of it whose
// count is in the cache. The call makes nothing anew: what it allocates, the
// service does.
func hits(tb testing.TB, body string) func() {
	tb.Helper()
	return hitCall(tb, hitHandler(tb), body)
}

// hitHandler is a service as it is run, metrics included.
func hitHandler(tb testing.TB) http.Handler {
	tb.Helper()
	return service(tb, realEstimator(tb), func(o *api.Options) {
		o.Metrics = metrics.New(metrics.Options{Book: o.Book, Now: o.Now})
	})
}

// hitCall is one call of a handler, whose count is in the cache.
func hitCall(tb testing.TB, h http.Handler, body string) func() {
	tb.Helper()
	text := bytes.NewReader([]byte(body))
	again := &rewound{text}
	req := httptest.NewRequest(http.MethodPost, "/v1/estimate", nil)
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength, req.Body = int64(len(body)), again
	rec := httptest.NewRecorder()
	call := func() {
		clear(rec.Header())
		rec.Body.Reset()
		_, _ = text.Seek(0, io.SeekStart)
		req.Body = again
		h.ServeHTTP(rec, req)
	}
	call()
	require.Equal(tb, http.StatusOK, rec.Code, rec.Body.String())
	call()
	require.Contains(tb, rec.Body.String(), `"cache":"hit"`)
	return call
}

// rewound is a body that can be sent again.
type rewound struct{ *bytes.Reader }

// Close does nothing.
func (*rewound) Close() error { return nil }

// TestACachedEstimateAllocatesLittle keeps a regression of the hot path from
// going unnoticed. It counts what one call of the public handler allocates,
// metrics, the scan of the body, a finding and the answer into a recorder that
// is used again included, and what net/http would do for the request is not.
func TestACachedEstimateAllocatesLittle(t *testing.T) {
	allocs := testing.AllocsPerRun(200, hits(t, current))
	t.Logf("%.0f allocations a cache hit", allocs)
	if raceDetector {
		t.Skip("the race detector empties pools at random: counted without it")
	}
	require.LessOrEqual(t, allocs, 25.0)
}

// BenchmarkHit is a request whose count is in the cache, through the whole
// handler. Beside the time on the clock it reports that of the processor, which
// others who use the machine do not change as much.
func BenchmarkHit(b *testing.B) {
	call := hits(b, current)
	b.SetBytes(int64(len(current)))
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		call()
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

// BenchmarkHitOnEveryCore is the same for as many callers as there are
// processors, of one service: -cpu 1,2,4 shows what they cost each other.
func BenchmarkHitOnEveryCore(b *testing.B) {
	h := hitHandler(b)
	b.RunParallel(func(pb *testing.PB) {
		call := hitCall(b, h, current)
		for pb.Next() {
			call()
		}
	})
}
