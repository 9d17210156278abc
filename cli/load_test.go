//go:build attack

package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// large is a body that is made as it is sent.
func large(before, block, after string, size int64) io.Reader {
	fill := size - int64(len(before)+len(after))
	return io.MultiReader(strings.NewReader(before), io.LimitReader(&repeated{block: block}, fill), strings.NewReader(after))
}

// repeated is a block without end.
type repeated struct {
	block string
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	return n, nil
}

// words is a text of so many bytes, of words and numbers.
func words(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "The %dth sentence says that %x is not %o. ", i, i*7919, i*31)
	}
	return b.String()[:size]
}

// outcome is how one request went.
type outcome struct {
	status int // 0: no answer
	took   time.Duration
	retry  string
}

// send posts a body and says how it went. size is -1 when it is not to be said.
func (s *running) send(ctx context.Context, client *http.Client, body io.Reader, size int64) outcome {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/estimate", body)
	if err != nil {
		return outcome{}
	}
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = size
	if size > 1<<20 {
		req.Header.Set("Expect", "100-continue")
	}
	resp, err := client.Do(req)
	if err != nil {
		return outcome{took: time.Since(began)}
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return outcome{status: resp.StatusCode, took: time.Since(began), retry: resp.Header.Get("Retry-After")}
}

// percentile returns a percentile of times.
func percentile(times []time.Duration, p float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(len(times)-1, int(p*float64(len(times))))]
}

// probe sends small requests until stop is closed.
func (s *running) probe(stop <-chan struct{}) (ok int, bad map[int]int, times []time.Duration) {
	client := &http.Client{Timeout: 20 * time.Second}
	bad = map[int]int{}
	for i := 0; ; i++ {
		select {
		case <-stop:
			return ok, bad, times
		case <-time.After(20 * time.Millisecond):
		}
		body := strings.Replace(hello, "Hello", fmt.Sprint("Hello ", i), 1)
		o := s.send(context.Background(), client, strings.NewReader(body), int64(len(body)))
		times = append(times, o.took)
		if o.status == http.StatusOK {
			ok++
		} else {
			bad[o.status]++
		}
	}
}

func TestSixteenBodiesOf100MBStayWithin512MB(t *testing.T) {
	const size = 100_000_000
	text, picture := words(1<<20), strings.Repeat("iVBORw0KGgoAAAANSUhEUgAA", 1<<15)
	image := [2]string{
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,`,
		`"}}]}]}`,
	}
	plain := [2]string{`{"model":"kimi-k2.6","messages":[{"role":"user","content":"`, `"}]}`}
	for _, tt := range []struct {
		name   string
		around [2]string
		block  string
		length int64
		vendor bool
	}{
		{"images", image, picture, size, false},
		{"texts", plain, text, size, false},
		{"texts of unknown length", plain, text, -1, false},
		{"images, with a vendor", image, picture, size, true},
		{"texts, with a vendor", plain, text, size, true},
		{"texts of unknown length, with a vendor", plain, text, -1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var env []string
			if tt.vendor {
				vendor := fakevendor.Start(t, fakevendor.Options{Delay: 50 * time.Millisecond})
				env = append(env, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
			}
			s := start(t, env...)
			stop := make(chan struct{})
			var small sync.WaitGroup
			var ok int
			var bad map[int]int
			var times []time.Duration
			small.Go(func() { ok, bad, times = s.probe(stop) })
			began := time.Now()
			outcomes := make(chan outcome, 16)
			client := &http.Client{Timeout: 100 * time.Second, Transport: &http.Transport{ExpectContinueTimeout: 30 * time.Second}}
			var wg sync.WaitGroup
			for range cap(outcomes) {
				wg.Go(func() {
					outcomes <- s.send(t.Context(), client, large(tt.around[0], tt.block, tt.around[1], size), tt.length)
				})
			}
			wg.Wait()
			took := time.Since(began)
			close(stop)
			small.Wait()
			close(outcomes)
			statuses := map[int]int{}
			for o := range outcomes {
				statuses[o.status]++
				require.True(t, o.status == 200 || o.status == 503 && o.retry != "", "%+v", o)
			}
			scorecard(t, "16 memory", "16 concurrent bodies of 100 MB, "+tt.name, "each 200 or 503 with Retry-After, VmHWM <= 512 MB, small requests all answered",
				fmt.Sprintf("%v in %.1f s, VmHWM %d MB, %d small requests: p50 %.1f ms, p99 %.1f ms, failed %v", statuses, took.Seconds(), s.peak(t)>>20, ok,
					ms(percentile(times, 0.5)), ms(percentile(times, 0.99)), bad))
			require.LessOrEqual(t, s.peak(t), int64(512<<20))
			require.Empty(t, bad, "small requests have a lane of their own")
			require.Positive(t, statuses[200])
			require.Equal(t, 200, s.status("/healthz"))
		})
	}
}
