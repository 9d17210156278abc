package api_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Not parallel: it measures what the whole process allocates.
func TestBodiesOfNothingButStructureAreRefusedCheaply(t *testing.T) {
	const head, tail = `{"model":"kimi-k2.6","messages":[`, `]}`
	h := service(t, &fake{estimate: contractEstimate(t)})
	var measured []string
	for _, tt := range []struct{ name, body string }{
		{"10,000 levels", head + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + tail},
		{"100,000 messages without a role", head + strings.Repeat("{},", 100_000) + "{}" + tail},
		{"8 MB of empty parts", head + `{"role":"user","content":[` + strings.Repeat("{},", 8<<20/3) + "{}]}" + tail},
		{"100,000 messages of one letter", head + strings.Repeat(`{"role":"u"},`, 100_000) + `{"role":"u"}` + tail},
		{"8 MB of empty tools", strings.TrimSuffix(head, "[") + `[{"role":"user","content":"x"}],"tools":[` + strings.Repeat("{},", 8<<20/3) + "{}]}"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		answer := call(t, h, http.MethodPost, "/v1/estimate", tt.body)
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		times := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(tt.body))
		require.Contains(t, []int{400, 422}, answer.Code, "%s", answer.Body)
		require.Less(t, answer.Body.Len(), 8<<10)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*len(tt.body)+512<<10), tt.name)
		require.Less(t, took, 5*time.Second)
		measured = append(measured, fmt.Sprintf("%s (%d bytes): %d in %s, %.1f times its size allocated, answer of %d bytes",
			tt.name, len(tt.body), answer.Code, took.Round(100*time.Microsecond), times, answer.Body.Len()))
	}
	t.Logf("scorecard | 19 | bodies of nothing but structure | refused in some 50 ms, an answer below 8 kB, at most 4 times the body and 512 KiB allocated | %s",
		strings.Join(measured, "; "))
}
