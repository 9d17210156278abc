package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// limited is a service that holds each caller to a rate.
func limited(t testing.TB, perSecond float64, keys ...string) (http.Handler, *clock) {
	t.Helper()
	c := newClock()
	return service(t, &fake{estimate: contractEstimate(t), tokens: 80}, func(o *api.Options) {
		o.RateLimit, o.Now = perSecond, c.now
		if len(keys) > 0 {
			o.APIKeys = api.NewKeyring(keys...)
		}
	}), c
}

// from sets the other end of a request's connection.
func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address }
}

// passed sends requests until one is refused, at most 100, and returns how many
// were let through.
func passed(t testing.TB, h http.Handler, edit ...func(*http.Request)) int {
	t.Helper()
	for n := range 100 {
		if call(t, h, http.MethodPost, "/v1/estimate", hello, edit...).Code == http.StatusTooManyRequests {
			return n
		}
	}
	return 100
}

func TestACallerMayCallAtItsRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate  float64
		burst int
		after string        // Retry-After
		wait  time.Duration // until one more passes
	}{
		{rate: 5, burst: 5, after: "1", wait: 200 * time.Millisecond},
		{rate: 2.5, burst: 3, after: "1", wait: 400 * time.Millisecond},
		{rate: 0.1, burst: 1, after: "10", wait: 10 * time.Second},
	} {
		t.Run(fmt.Sprint(tt.rate), func(t *testing.T) {
			t.Parallel()
			h, clock := limited(t, tt.rate)
			require.Equal(t, tt.burst, passed(t, h), "what may come at once")
			rec := call(t, h, http.MethodPost, "/v1/estimate", hello)
			require.Equal(t, http.StatusTooManyRequests, rec.Code)
			require.Equal(t, tt.after, rec.Header().Get("Retry-After"))
			p := problemOf(t, rec)
			require.Equal(t, "rate_limited", p.Code)
			require.Equal(t, "rate_limit_reached_error", p.Error.Type)
			clock.move(tt.wait - time.Millisecond)
			require.Zero(t, passed(t, h), "not before its time")
			clock.move(time.Millisecond + time.Microsecond)
			require.Equal(t, 1, passed(t, h))
			clock.move(time.Hour)
			require.Equal(t, tt.burst, passed(t, h), "what is not used is not saved up")
		})
	}
}

func TestTheVendorsPathTellsTheLimitInTheVendorsShape(t *testing.T) {
	t.Parallel()
	h, _ := limited(t, 1)
	const path = "/v1/tokenizers/estimate-token-count"
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, path, hello).Code)
	rec := call(t, h, http.MethodPost, path, hello)
	require.Equal(t, http.StatusTooManyRequests, rec.Code)
	require.Equal(t, "1", rec.Header().Get("Retry-After"))
	require.Equal(t, "rate_limit_reached_error", vendorErrorOf(t, rec).Type)
}

func TestNoHeaderMakesAnotherCaller(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Appengine-Remote-Addr",
	} {
		h, _ := limited(t, 3)
		require.Equal(t, 3, passed(t, h, header(name, "203.0.113.1")), name)
		for i := range 20 {
			require.Zero(t, passed(t, h, header(name, fmt.Sprintf("203.0.113.%d", i)), header("X-Forwarded-Proto", "https")), name)
		}
	}
}

func TestACallerIsAnAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, first, second string
		same                bool
	}{
		{"another port", "192.0.2.1:1000", "192.0.2.1:2000", true},
		{"the next address", "192.0.2.1:1000", "192.0.2.2:1000", false},
		{"one /64", "[2001:db8::1]:1000", "[2001:db8::ffff:1:2:3]:1000", true},
		{"the next /64", "[2001:db8::1]:1000", "[2001:db8:0:1::1]:1000", false},
		{"IPv4 written as IPv6", "192.0.2.1:1000", "[::ffff:192.0.2.1]:1000", true},
		{"two of IPv4 written as IPv6", "[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false},
		{"two zones", "[fe80::1%eth0]:1000", "[fe80::1%eth1]:1000", true},
		{"two that can not be read", "@", "nowhere", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, _ := limited(t, 2)
			require.Equal(t, 2, passed(t, h, from(tt.first)))
			want := 2
			if tt.same {
				want = 0
			}
			require.Equal(t, want, passed(t, h, from(tt.second)))
		})
	}
}

func TestWithKeysACallerIsAKey(t *testing.T) {
	t.Parallel()
	h, _ := limited(t, 2, "first-key", "second-key")
	first, second := header("Authorization", "Bearer first-key"), header("Authorization", "Bearer second-key")
	require.Equal(t, 2, passed(t, h, first, from("192.0.2.1:1")))
	require.Zero(t, passed(t, h, first, from("192.0.2.2:1")), "from anywhere")
	require.Equal(t, 2, passed(t, h, second, from("192.0.2.1:1")), "another key of the same address")
}

func TestKeysAreNotGuessedFasterThanTheLimit(t *testing.T) {
	t.Parallel()
	h, _ := limited(t, 2, "first-key")
	statuses := map[int]int{}
	for i := range 100 {
		statuses[call(t, h, http.MethodGet, "/v1/models", "", header("Authorization", fmt.Sprint("Bearer ", i)), from("192.0.2.1:1")).Code]++
	}
	require.Equal(t, map[int]int{403: 2, 429: 98}, statuses)
	require.Equal(t, 2, passed(t, h, header("Authorization", "Bearer first-key"), from("192.0.2.1:1")),
		"who has a key is not held up by who has none at the same address")
}

func TestProbesAreNeverLimited(t *testing.T) {
	t.Parallel()
	h, _ := limited(t, 1)
	for range 10 {
		for _, path := range []string{"/healthz", "/readyz", "/openapi.json", "/swagger/index.html"} {
			require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, path, "").Code)
		}
	}
	require.Equal(t, 1, passed(t, h))
}

func TestReplacedKeysHoldFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	ring := api.NewKeyring("old", "both")
	h := service(t, &fake{estimate: contractEstimate(t)}, func(o *api.Options) { o.APIKeys = ring })
	status := func(key string) int {
		return call(t, h, http.MethodPost, "/v1/estimate", hello, header("Authorization", "Bearer "+key)).Code
	}
	require.Equal(t, []int{200, 200, 403}, []int{status("old"), status("both"), status("new")})
	ring.Replace([]string{"both", "new"})
	require.Equal(t, []int{403, 200, 200}, []int{status("old"), status("both"), status("new")})
	ring.Replace(nil)
	require.Equal(t, []int{403, 403, 403}, []int{status("old"), status("both"), status("new")}, "no key is not no lock")
}

// A stranger with many addresses costs a bounded amount of memory. Not
// parallel: what is alive is that of the whole process.
func TestManyAddressesTakeBoundedMemory(t *testing.T) {
	h, _ := limited(t, 1)
	if testing.Short() {
		t.Skip("it sends a hundred thousand requests")
	}
	flood := func(network int) {
		for i := range 1 << 15 {
			req := httptest.NewRequest(http.MethodGet, "/v1/models/none", nil)
			req.RemoteAddr = fmt.Sprintf("[2001:db8:%x:%x::1]:1", network, i)
			h.ServeHTTP(httptest.NewRecorder(), req)
		}
	}
	flood(0)
	before := heap()
	for network := range 2 {
		flood(1 + network)
	}
	grown := int64(heap()) - int64(before)
	t.Logf("65,536 addresses after the first 32,768: the heap grew by %d bytes", grown)
	require.Less(t, grown, int64(4<<20))
	runtime.KeepAlive(h)
}

// heap is what is alive, in bytes.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A batch is one request, and each of its lines counts at the same rate in a
// bucket of its own.
func TestABatchIsSlowedDownToTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := service(t, realEstimator(t), func(o *api.Options) { o.RateLimit, o.Now = 10, time.Now })
		body := strings.Repeat(hello+"\n", 60)
		began := time.Now()
		rec := call(t, h, http.MethodPost, batchPath, body, lines)
		require.Equal(t, http.StatusOK, rec.Code)
		require.Contains(t, rec.Body.String(), `"complete":true`)
		require.Equal(t, 61, strings.Count(rec.Body.String(), "\n"))
		require.InDelta(t, 5, time.Since(began).Seconds(), 0.3, "ten at once, then ten a second")
		require.Equal(t, 10, passed(t, h), "the lines took nothing of the requests")
	})
}

func TestABatchThatIsSlowedDownEndsWhenTheServiceStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := service(t, realEstimator(t), func(o *api.Options) {
			o.RateLimit, o.Now, o.BatchGrace = 0.001, time.Now, 3*time.Second
			o.Draining = func() bool { return time.Since(began) > time.Second }
		})
		rec := call(t, h, http.MethodPost, batchPath, strings.Repeat(hello+"\n", 3), lines)
		require.Less(t, time.Since(began), 6*time.Second)
		require.Equal(t, 2, strings.Count(rec.Body.String(), "\n"), "one line, and why there are no more")
		require.Contains(t, rec.Body.String(), `"complete":false`)
		require.Contains(t, rec.Body.String(), `"draining"`)
	})
}

// A page of another site can not read an answer, whatever it asks for.
func TestNoAnswerSpeaksToOtherSites(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{estimate: contractEstimate(t), tokens: 80}, func(o *api.Options) { o.Metrics = &recorder{} })
	for _, path := range []string{
		"/v1/estimate", "/v1/estimate?currency=EUR", batchPath, "/v1/lint", "/v1/tokenizers/estimate-token-count", "/v1/models",
		"/v1/models/kimi-k2.5", "/v1/prices", "/healthz", "/readyz", "/metrics", "/openapi.json", "/openapi.yaml", "/swagger/index.html", "/", "/nowhere",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions, http.MethodHead, http.MethodPut} {
			for _, origin := range []string{"https://example.com", "null", "http://127.0.0.1:8080"} {
				rec := call(t, h, method, path, hello, header("Origin", origin),
					header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", "authorization"),
					header("Access-Control-Request-Private-Network", "true"))
				for name := range rec.Header() {
					require.False(t, strings.HasPrefix(name, "Access-Control-"), "%s %s: %s", method, path, name)
				}
			}
		}
	}
}

func BenchmarkManyCallers(b *testing.B) {
	h, _ := limited(b, 1000)
	before := heap()
	for i := range 1 << 15 {
		call(b, h, http.MethodGet, "/v1/models/none", "", from(fmt.Sprintf("[2001:db8:0:%x::1]:1", i)))
	}
	grown := heap() - before
	for b.Loop() {
		call(b, h, http.MethodGet, "/v1/models/none", "")
	}
	b.ReportMetric(float64(grown)/(1<<20), "MB")
}
