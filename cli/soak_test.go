//go:build soak

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// The soak: TOLLGATE_SOAK is how long, 10m if not set.
//
//	TOLLGATE_SOAK=1m go test -tags soak -run Soak -timeout 15m -v ./cli
const (
	soakClients = 12
	soakSample  = time.Second
	soakWeather = 5 * time.Second // a vendor is well for that long, then ill
)

// soak is a service under mixed load and what was seen of it.
type soak struct {
	*running

	vendor *fakevendor.Running

	mu          sync.Mutex
	requests    int
	statuses    map[int]int
	unexplained map[string]int // 5xx that the vendor is no reason for
	shed        atomic.Int64   // who was told to come back, as a busy machine has to
	samples     []moment
}

// moment is the service at a moment.
type moment struct{ at, resident, live, goroutines float64 }

func soakLength(t testing.TB) time.Duration {
	t.Helper()
	text := os.Getenv("TOLLGATE_SOAK")
	if text == "" {
		return 10 * time.Minute
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "TOLLGATE_SOAK")
	return d
}

func TestASoakWithMixedFaultsLeavesNothingBehind(t *testing.T) {
	length := soakLength(t)
	keys, prices := mount(t, "keys", "soak-key\n"), mount(t, "prices.yaml", priceFile(t))
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 2 * time.Millisecond})
	s := &soak{vendor: vendor, statuses: map[int]int{}, unexplained: map[string]int{}, running: startLogging(t, &output{terse: true},
		"MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL, "TOLLGATE_CACHE_ENTRIES=5000",
		"TOLLGATE_API_KEYS=file:"+keys.path(), "TOLLGATE_PRICES="+prices.path())}
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var group sync.WaitGroup
	for client := range soakClients {
		group.Go(func() { s.client(ctx, rand.New(rand.NewPCG(32, uint64(client)))) })
	}
	group.Go(func() { s.weather(ctx) })
	group.Go(func() { s.files(ctx, keys, prices) })
	s.sample(ctx)
	group.Wait()
	vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.FaultNone })
	time.Sleep(5 * time.Second) // what waited for a vendor that hung is over
	idle := s.look(0)
	s.term()
	require.Equal(t, 0, s.stopped())
	s.judge(t, length, idle)
}

// client calls in one way after the other until ctx ends.
func (s *soak) client(ctx context.Context, rng *rand.Rand) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	for n := 0; ctx.Err() == nil; n++ {
		pause(ctx, time.Duration(rng.IntN(20))*time.Millisecond) // it is a long run, not a hard one
		text := fmt.Sprintf("Request %d of %d.", n, rng.IntN(1<<30))
		if rng.IntN(3) == 0 {
			text = fmt.Sprintf("One of a hundred: %d", rng.IntN(100))
		}
		body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":"` + text + `"}]}`
		switch rng.IntN(12) {
		case 0:
			s.call(ctx, client, "/v1/estimate?method=vendor", body)
		case 1:
			s.call(ctx, client, "/v1/tokenizers/estimate-token-count", body)
		case 2:
			s.call(ctx, client, "/v1/estimate/batch", strings.Repeat(body+"\n", 1+rng.IntN(50)))
		case 3:
			s.call(ctx, client, "/v1/lint", body)
		case 4:
			s.call(ctx, client, "/v1/estimate?max_cost=0.001&enforce=true&breakdown=messages", body)
		case 5:
			s.call(ctx, client, "/v1/estimate", body[:rng.IntN(len(body))])
		case 6: // leaves early
			short, cancel := context.WithTimeout(ctx, time.Duration(rng.IntN(3000))*time.Microsecond)
			s.call(short, client, "/v1/estimate/batch", strings.Repeat(body+"\n", 200))
			cancel()
		case 7:
			s.call(ctx, client, "/v1/estimate?method=approximation", strings.Replace(body, text, strings.Repeat(text+" ", 1+rng.IntN(30_000)), 1))
		default:
			s.call(ctx, client, "/v1/estimate", body)
		}
	}
}

// call calls once and notes what came of it.
func (s *soak) call(ctx context.Context, client *http.Client, path, body string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer soak-key")
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() == nil {
			s.note(0, "no answer: "+err.Error())
		}
		return
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return // the context ended in the middle
	}
	var problem struct{ Code string }
	_ = json.Unmarshal(answer, &problem)
	// Who insists on the vendor hears of its failures; a 500 has never an excuse.
	excused := resp.StatusCode > 500 && (strings.HasSuffix(path, "method=vendor") || strings.Contains(path, "tokenizers"))
	switch {
	case strings.HasSuffix(path, "/batch"):
		if !bytes.Contains(answer, []byte(`"complete":true`)) {
			s.note(resp.StatusCode, "a batch that is not complete")
			return
		}
	case resp.StatusCode == http.StatusServiceUnavailable && problem.Code == "overloaded" && resp.Header.Get("Retry-After") != "":
		s.note(resp.StatusCode, "")
		s.shed.Add(1)
		return
	case resp.StatusCode >= 500 && !excused:
		s.note(resp.StatusCode, fmt.Sprintf("%d %s of %s", resp.StatusCode, problem.Code, path))
		return
	}
	s.note(resp.StatusCode, "")
}

// note counts an answer, and why it has no explanation if it has none.
func (s *soak) note(status int, unexplained string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.statuses[status]++
	if unexplained != "" {
		s.unexplained[unexplained]++
	}
}

// weather makes the vendor ill in one way after the other.
func (s *soak) weather(ctx context.Context) {
	faults := fakevendor.Faults()
	for i := 0; ctx.Err() == nil; i++ {
		pause(ctx, soakWeather)
		s.vendor.Set(func(o *fakevendor.Options) {
			o.Fault, o.FaultEvery = faults[i%len(faults)], 1+i%2
			o.RedirectTo = "http://127.0.0.1:1"
		})
		pause(ctx, soakWeather)
		s.vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.FaultNone })
		s.vendor.Forget()
	}
}

// files replaces the keys and the prices by good and by bad ones.
func (s *soak) files(ctx context.Context, keys, prices *mounted) {
	good := prices.content()
	for i := 0; ctx.Err() == nil; i++ {
		pause(ctx, 3*time.Second)
		keys.swap([]string{"", "soak-key\nanother\n", "a b\n", "soak-key\n"}[i%4])
		prices.swap([]string{good + "# " + strconv.Itoa(i) + "\n", good[:i%len(good)]}[i%2])
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// sample looks at the service until ctx ends.
func (s *soak) sample(ctx context.Context) {
	began := time.Now()
	for ctx.Err() == nil {
		pause(ctx, soakSample)
		s.samples = append(s.samples, s.look(time.Since(began)))
	}
}

var (
	residentOf   = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)
	liveOf       = regexp.MustCompile(`(?m)^go_memstats_heap_alloc_bytes (\S+)$`)
	goroutinesOf = regexp.MustCompile(`(?m)^go_goroutines (\S+)$`)
)

// look reads the process's own metrics.
func (s *soak) look(at time.Duration) moment {
	text := s.get("/metrics")
	number := func(of *regexp.Regexp) float64 {
		m := of.FindStringSubmatch(text)
		if m == nil {
			return 0
		}
		v, _ := strconv.ParseFloat(m[1], 64)
		return v
	}
	return moment{
		at: at.Seconds(), resident: number(residentOf) / (1 << 20), live: number(liveOf) / (1 << 20), goroutines: number(goroutinesOf),
	}
}

// slope is the least-squares growth of a value over the time of the samples,
// and its mean.
func slope(samples []moment, of func(moment) float64) (growth, mean float64) {
	var n, sx, sy, sxx, sxy float64
	for _, p := range samples {
		x, y := p.at, of(p)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	perSecond := (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return perSecond * (samples[len(samples)-1].at - samples[0].at), sy / n
}

// lows is the least of a value in each of n spans of time. Of the heap that is
// what the collector left: what leaks can not hide there.
func lows(samples []moment, n int, of func(moment) float64) []float64 {
	var least []float64
	for span := range slices.Chunk(samples[len(samples)%n:], len(samples)/n) {
		low := of(span[0])
		for _, p := range span {
			low = min(low, of(p))
		}
		least = append(least, low)
	}
	return least
}

// judge holds what was seen against what was promised, from when the cache was
// full and every kind of fault had been met.
func (s *soak) judge(t *testing.T, length time.Duration, idle moment) {
	t.Helper()
	warm := s.samples[len(s.samples)/3:]
	memory, resident := slope(warm, func(p moment) float64 { return p.resident })
	goroutines, running := slope(warm, func(p moment) float64 { return p.goroutines })
	peak, heap := 0.0, lows(s.samples, 6, func(p moment) float64 { return p.live })
	for _, p := range s.samples {
		peak = max(peak, p.resident)
	}
	t.Logf("scorecard | 32 | %s of mixed load by %d clients (estimates, batches, lints, counts, bad bodies, early leavers, 1 MB texts) with %d faults of the vendor in turn, "+
		"and keys and prices swapped for good and bad ones every 3 s | memory and goroutines flat over the last two thirds, no unexplained 5xx, exit 0 | "+
		"%d requests, statuses %v, %d of them told to come back, unexplained %v; resident %.0f MB on average, peak %.0f, growth %+.1f MB; lows of the heap %.1f MB; goroutines %.0f on average, growth %+.1f, %.0f when idle again",
		length, soakClients, len(fakevendor.Faults()), s.requests, s.statuses, s.shed.Load(), s.unexplained, resident, peak, memory, heap, running, goroutines, idle.goroutines)
	require.Empty(t, s.unexplained)
	require.Less(t, s.shed.Load(), int64(s.requests/50), "it is no load for a machine that does nothing else")
	require.Zero(t, s.statuses[http.StatusInternalServerError])
	require.NotContains(t, s.log.String(), `"stack"`, "nothing panicked")
	if length >= 2*time.Minute { // what is shorter is noise
		require.Less(t, memory, max(16, resident/5), "MB")
		require.Less(t, heap[5], 8+heap[1]*3/2, "MB, from when the cache was full")
		require.Less(t, goroutines, max(20, running/5))
	}
	// The connections to the vendor that are kept have two each.
	require.Less(t, idle.goroutines, 64.0)
}

// content is what is mounted now.
func (m *mounted) content() string {
	m.t.Helper()
	b, err := os.ReadFile(m.path())
	require.NoError(m.t, err)
	return string(b)
}
