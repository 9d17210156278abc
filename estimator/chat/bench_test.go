package chat_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// endless is a request whose one image has n bytes of base64.
func endless(n int64) (io.Reader, int64) {
	head := `{"model":"kimi-k2.5","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"` + png1x1
	tail := `"}}]}]}`
	r := io.MultiReader(strings.NewReader(head), io.LimitReader(letters{}, n), strings.NewReader(tail))
	return r, int64(len(head)) + n + int64(len(tail))
}

// letters is base64 without end.
type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'A'
	}
	return len(b), nil
}

// Not parallel: it measures what the whole process allocates.
func TestScanHoldsNoCopyOfAHugeImage(t *testing.T) {
	const size = 100 << 20
	body, length := endless(size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	req, err := chat.Scan(body, chat.Options{SizeHint: length})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Equal(t, length, req.Size)
	require.NoError(t, req.Messages[0].Content.Parts[0].Media.Info.Err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes allocated for a body of 100 MiB")
}

// BenchmarkScan measures a scan beside what can not be saved, reading the body
// and hashing it. The two take turns, and what is compared is the best of each,
// so that others on the machine disturb both or none: x-floor is how many times
// as long as the floor a scan takes.
func BenchmarkScan(b *testing.B) {
	text := func(n int) string {
		return withMessage(`{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"` +
			strings.Repeat("How much will it cost? ", n/23) + `"}`)
	}
	image, _ := endless(10 << 20)
	large, err := io.ReadAll(image)
	require.NoError(b, err)
	for _, bb := range []struct{ name, body string }{
		{"body=text-500B", text(370)},
		{"body=text-100KB", text(100 << 10)},
		{"body=prose-100KB", withMessage(`{"role":"user","content":"` + strings.Repeat(`He said: \"How much?\"\nNobody knew what it would cost. `, 100<<10/58) + `"}`)},
		{"body=chinese-100KB", withMessage(`{"role":"user","content":"` + strings.Repeat("这要花多少钱？", 100<<10/21) + `"}`)},
		{"body=image-10MB", string(large)},
	} {
		body := []byte(bb.body)
		for way, scan := range map[string]func() error{
			"stream": func() error {
				_, err := chat.Scan(bytes.NewReader(body), chat.Options{SizeHint: int64(len(body))})
				return err
			},
			"bytes": func() error {
				_, err := chat.ScanBytes(body, chat.Options{})
				return err
			},
		} {
			b.Run(bb.name+"/way="+way, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				floor := newFloor(body)
				best, bestFloor := time.Hour, time.Hour
				for b.Loop() {
					bestFloor = min(bestFloor, timed(b, floor))
					best = min(best, timed(b, scan))
				}
				b.ReportMetric(float64(best)/float64(bestFloor), "x-floor")
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns")
				b.ReportMetric(0, "ns/op") // of both together: no figure of anything
			})
		}
	}
}

// newFloor reads a body and hashes it.
func newFloor(body []byte) func() error {
	h := sha256.New()
	buf := make([]byte, 64<<10)
	return func() error {
		h.Reset()
		for r := bytes.NewReader(body); ; {
			n, _ := r.Read(buf)
			if n == 0 {
				h.Sum(buf[:0])
				return nil
			}
			h.Write(buf[:n])
		}
	}
}

// timed returns how long f took, on average over a few times when it is short.
func timed(b *testing.B, f func() error) time.Duration {
	const times = 16
	began := time.Now()
	for range times {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / times
}
