package chat_test

import (
	"crypto/sha256"
	"io"
	"runtime"
	"strings"
	"testing"

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

// BenchmarkScan measures bodies beside what can not be saved: reading a body
// and hashing it.
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
		{"body=chinese-100KB", withMessage(`{"role":"user","content":"` + strings.Repeat("这要花多少钱？", 100<<10/21) + `"}`)},
		{"body=image-10MB", string(large)},
	} {
		b.Run("what=scan/"+bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := chat.Scan(strings.NewReader(bb.body), chat.Options{SizeHint: int64(len(bb.body))}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("what=floor/"+bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.body)))
			h := sha256.New()
			buf := make([]byte, 64<<10)
			for b.Loop() {
				h.Reset()
				r := strings.NewReader(bb.body)
				for {
					n, err := r.Read(buf)
					h.Write(buf[:n])
					if err != nil {
						break
					}
				}
				h.Sum(buf[:0])
			}
		})
	}
}
