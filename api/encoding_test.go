package api_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"tollgate/api"
)

func gzipped(t testing.TB, body string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstded(t testing.TB, body string, opts ...zstd.EOption) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, opts...)
	require.NoError(t, err)
	_, err = io.WriteString(w, body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// noise is a text that hardly compresses.
func noise(size int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%x ", r.Uint64())
	}
	return b.String()[:size]
}

func TestACompressedBodyIsTheSameRequest(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	for _, size := range []int{0, 5, 5000, 300_000, 3_000_000} {
		body := requestLine("kimi-k2.6", noise(size))
		plain := call(t, h, http.MethodPost, "/v1/estimate", body)
		require.Equal(t, 200, plain.Code)
		var want api.Estimate
		decode(t, plain, &want)
		for name, sent := range map[string]string{
			"gzip": gzipped(t, body), "GZIP": gzipped(t, body), "x-gzip": gzipped(t, body), " zstd ": zstded(t, body), "identity, zstd": zstded(t, body),
		} {
			rec := call(t, h, http.MethodPost, "/v1/estimate", sent, header("Content-Encoding", name))
			require.Equal(t, 200, rec.Code, rec.Body.String())
			var got api.Estimate
			decode(t, rec, &got)
			require.Equal(t, want.ContentHash, got.ContentHash, "%s of %d", name, size)
			require.Equal(t, want.Usage, got.Usage)
		}
		twoFrames := zstded(t, body[:20]) + zstded(t, body[20:], zstd.WithWindowSize(1<<10))
		rec := call(t, h, http.MethodPost, "/v1/estimate", zstded(t, body[:20], zstd.WithWindowSize(8<<20))+twoFrames[len(zstded(t, body[:20])):], header("Content-Encoding", "zstd"))
		require.Equal(t, 200, rec.Code, rec.Body.String())
	}
}

func TestABombIsA413(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t), func(o *api.Options) { o.MaxBodyBytes = 8 << 20 })
	zeros := requestLine("kimi-k2.6", strings.Repeat("0", 64<<20))
	noisy := requestLine("kimi-k2.6", noise(9<<20))
	for _, tt := range []struct {
		name, encoding, sent string
		code                 string
	}{
		{"gzip at a ratio of a thousand", "gzip", gzipped(t, zeros), "body_expands_too_much"},
		{"zstd at a ratio of thousands", "zstd", zstded(t, zeros), "body_expands_too_much"},
		{"spaces before a request", "gzip", gzipped(t, strings.Repeat(" ", 64<<20)+hello), "body_expands_too_much"},
		{"more than the limit in gzip", "gzip", gzipped(t, noisy), "body_too_large"},
		{"more than the limit in zstd", "zstd", zstded(t, noisy), "body_too_large"},
		{"a window of 32 MiB", "zstd", zstded(t, zeros, zstd.WithWindowSize(32<<20)), "compression_window_too_large"},
		{"a second frame with a larger window", "zstd", zstded(t, " ") + zstded(t, zeros, zstd.WithWindowSize(4<<20)), "compression_window_too_large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, h, http.MethodPost, "/v1/estimate", tt.sent, header("Content-Encoding", tt.encoding))
			require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
			require.Equal(t, tt.code, problemOf(t, rec).Code)
			require.Equal(t, "close", rec.Header().Get("Connection"))
		})
	}
}

func TestABrokenCompressedBodyIsA400(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	body := requestLine("kimi-k2.6", noise(400_000))
	for _, encoding := range []string{"gzip", "zstd"} {
		for _, size := range []int{len(hello), len(body)} {
			plain := body
			if size == len(hello) {
				plain = hello
			}
			whole := gzipped(t, plain)
			if encoding == "zstd" {
				whole = zstded(t, plain)
			}
			for name, sent := range map[string]string{
				"nothing of it": whole[:1], "half": whole[:len(whole)/2], "all but the end": whole[:len(whole)-1], "with bytes behind": whole + "behind",
				"changed": whole[:len(whole)/2] + "?" + whole[len(whole)/2+1:], "not compressed": plain,
			} {
				rec := call(t, h, http.MethodPost, "/v1/estimate", sent, header("Content-Encoding", encoding))
				require.Equal(t, 400, rec.Code, "%s %s: %s", encoding, name, rec.Body.String())
				require.Contains(t, []string{"body_compression_broken", "body_malformed"}, problemOf(t, rec).Code)
			}
		}
	}
}

func TestTheLinesOfABatchMayBeCompressed(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	file := strings.Repeat(batchLine("a", "kimi-k2.6", "Hello")+"\n", 1000)
	for encoding, sent := range map[string]string{"gzip": gzipped(t, file), "zstd": zstded(t, file)} {
		rec := call(t, h, http.MethodPost, batchPath, sent, lines, header("Content-Encoding", encoding))
		a := readBatch(t, rec.Body)
		require.True(t, a.summary.Complete)
		require.Equal(t, 1000, a.summary.Estimates)
		rec = call(t, h, http.MethodPost, batchPath, sent[:len(sent)-8], lines, header("Content-Encoding", encoding))
		require.Contains(t, rec.Body.String(), "body_compression_broken")
		require.NotContains(t, rec.Body.String(), `"complete":true`)
	}
	bomb := gzipped(t, strings.Repeat(strings.Repeat(" ", 1<<20)+"\n", 64))
	rec := call(t, h, http.MethodPost, batchPath, bomb, lines, header("Content-Encoding", "gzip"))
	require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code)
}

func FuzzACompressedBodyNeverFailsTheService(f *testing.F) {
	f.Add([]byte(gzipped(f, hello)), "gzip")
	f.Add([]byte(zstded(f, hello)), "zstd")
	f.Add([]byte(zstded(f, hello, zstd.WithSingleSegment(true))), "zstd")
	f.Add([]byte(gzipped(f, strings.Repeat(" ", 3<<20))), "gzip")
	h := service(f, realEstimator(f), func(o *api.Options) { o.MaxBodyBytes = 1 << 20 })
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		if encoding != "gzip" {
			encoding = "zstd"
		}
		rec := call(t, h, http.MethodPost, "/v1/estimate", string(body)+" ", header("Content-Encoding", encoding))
		require.Less(t, rec.Code, 500, rec.Body.String())
	})
}
