package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// gated answers the request for a model once its gate is opened, and every
// other at once.
type gated struct {
	*fake

	gate    chan struct{}
	working atomic.Int64
	order   chan string // of the texts that were answered
}

func gatedFor(t testing.TB) *gated {
	return &gated{fake: &fake{estimate: contractEstimate(t)}, gate: make(chan struct{}), order: make(chan string, 100)}
}

func (g *gated) Estimate(ctx context.Context, req *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	if req.Model != "held" {
		g.order <- req.Messages[0].Content.Text[:1]
		return g.estimate, nil
	}
	g.working.Add(1)
	defer g.working.Add(-1)
	select {
	case <-g.gate:
		return g.estimate, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sheds keeps what a handler tells its metrics.
type sheds struct {
	http.Handler

	mu   sync.Mutex
	shed []api.Shed
}

func (*sheds) Begin() {}

func (e *sheds) Done(ev api.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ev.Shed != nil {
		e.shed = append(e.shed, *ev.Shed)
	}
}

// crowded is a handler in a bubble, with the clock of that.
func crowded(t testing.TB, e api.Estimator, edit ...func(*api.Options)) (http.Handler, *sheds) {
	t.Helper()
	told := &sheds{}
	return service(t, e, append([]func(*api.Options){func(o *api.Options) {
		o.Now, o.Metrics, o.MemoryBytes, o.KeepBody = time.Now, told, 16<<20, true
	}}, edit...)...), told
}

// timed sends a request and says how long it took.
func timed(t testing.TB, h http.Handler, model, text string) (*httptest.ResponseRecorder, time.Duration) {
	t.Helper()
	began := time.Now()
	rec := call(t, h, http.MethodPost, "/v1/estimate", requestLine(model, text))
	return rec, time.Since(began)
}

func TestALargeBodyWaitsForMemoryAndIsThenTurnedAwayUnread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gatedFor(t)
		h, told := crowded(t, g, func(o *api.Options) { o.Concurrency = 100 })
		large := strings.Repeat("a", 5<<20) // twice, as it is kept
		var wg sync.WaitGroup
		wg.Go(func() {
			rec, _ := timed(t, h, "held", large)
			require.Equal(t, 200, rec.Code)
		})
		synctest.Wait()
		require.EqualValues(t, 1, g.working.Load())
		body := &untouched{Reader: strings.NewReader(requestLine("m", large))}
		began := time.Now()
		rec := call(t, h, http.MethodPost, "/v1/estimate", requestLine("m", large), header("Expect", "100-continue"), func(r *http.Request) { r.Body = body })
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, http.StatusServiceUnavailable, rec.Code)
		require.Equal(t, "overloaded", problemOf(t, rec).Code)
		require.Equal(t, "5", rec.Header().Get("Retry-After"))
		require.Equal(t, "close", rec.Header().Get("Connection"))
		require.False(t, body.read)
		require.Equal(t, []api.Shed{{Lane: "large", Reason: "memory"}}, told.shed)

		for _, text := range []string{"a", strings.Repeat("b", 200<<10)} { // they have a lane of their own
			rec, took := timed(t, h, "m", text)
			require.Equal(t, 200, rec.Code)
			require.Zero(t, took)
		}
		for _, path := range []string{"/healthz", "/readyz", "/v1/models"} {
			require.Equal(t, 200, call(t, h, http.MethodGet, path, "").Code)
		}
		wg.Go(func() {
			time.Sleep(time.Second)
			close(g.gate)
		})
		rec, took := timed(t, h, "m", large)
		require.Equal(t, 200, rec.Code, "it waited for the first to end")
		require.Equal(t, time.Second, took)
		wg.Wait()
	})
}

// untouched is a body that notes whether it was read.
type untouched struct {
	*strings.Reader

	read bool
}

func (u *untouched) Read(p []byte) (int, error) {
	u.read = true
	return u.Reader.Read(p)
}

func (*untouched) Close() error { return nil }

func TestNoMoreThanTheLimitAreWorkedOnAndTheRestIsTurnedAwaySoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gatedFor(t)
		h, told := crowded(t, g, func(o *api.Options) { o.Concurrency = 1 })
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = timed(t, h, "held", "x") })
		synctest.Wait()
		var late atomic.Int64
		for i := range 1000 { // one each millisecond, of which none can be answered
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				rec, took := timed(t, h, "m", "x")
				require.Equal(t, http.StatusServiceUnavailable, rec.Code)
				require.Equal(t, "1", rec.Header().Get("Retry-After"))
				require.Empty(t, rec.Header().Get("Connection"), "its body is small")
				if i < 100 {
					require.LessOrEqual(t, took, 100*time.Millisecond, "request %d", i)
					return
				}
				require.Zero(t, took, "request %d", i)
				late.Add(1)
			})
		}
		time.Sleep(2 * time.Second)
		close(g.gate)
		wg.Wait()
		require.EqualValues(t, 900, late.Load())
		require.Len(t, told.shed, 1000)
		require.Equal(t, api.Shed{Lane: "small", Reason: "concurrency"}, told.shed[0])
		rec, took := timed(t, h, "m", "x")
		require.Equal(t, 200, rec.Code)
		require.Zero(t, took)
	})
}

func TestWhoWaitsIsServedInOrderUntilThatWouldBeLate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		wait time.Duration
		want string
	}{
		{"soon", time.Millisecond, "abcde"},
		{"late", 50 * time.Millisecond, "edcba"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := gatedFor(t)
				h, _ := crowded(t, g, func(o *api.Options) { o.Concurrency = 1 })
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = timed(t, h, "held", "x") })
				synctest.Wait()
				for _, text := range "abcde" {
					wg.Go(func() { _, _ = timed(t, h, "m", string(text)) })
					synctest.Wait()
				}
				time.Sleep(tt.wait)
				close(g.gate)
				wg.Wait()
				close(g.order)
				order := ""
				for text := range g.order {
					order += text
				}
				require.Equal(t, tt.want, order)
			})
		})
	}
}

func TestALineWithoutMemoryIsAProblemAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gatedFor(t)
		h, _ := crowded(t, g, func(o *api.Options) { o.Concurrency = 8 })
		large := strings.Repeat("a", 4<<20)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = timed(t, h, "held", large) })
		synctest.Wait()
		a := batchOf(t, h, "", hello+"\n"+requestLine("m", large)+"\n"+hello+"\n")
		require.True(t, a.summary.Complete)
		require.Equal(t, 2, a.summary.Estimates)
		require.Equal(t, "overloaded", a.items[1].Code)
		require.Equal(t, 503, a.items[1].Status)
		close(g.gate)
		wg.Wait()
		a = batchOf(t, h, "", hello+"\n"+requestLine("m", large)+"\n"+hello+"\n")
		require.Equal(t, 3, a.summary.Estimates)
	})
}

func TestWhateverBecomesOfABodyItsMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gatedFor(t)
		h, told := crowded(t, g, func(o *api.Options) { o.Concurrency = 8 })
		large := strings.Repeat("a", 2<<20)
		gone, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		send := func(body string, edit ...func(*http.Request)) {
			wg.Go(func() { _ = call(t, h, http.MethodPost, "/v1/estimate", body, edit...) })
		}
		canceled := func(r *http.Request) { *r = *r.WithContext(gone) }
		chunked := func(r *http.Request) { r.ContentLength = -1 }
		for i := range 6 {
			send(requestLine("m", large), chunked)
			send(requestLine("held", large), canceled)
			send(requestLine("m", large)[:1<<20])
			send(gzipped(t, requestLine("m", noise(1<<20))), header("Content-Encoding", "gzip"))
			send(zstded(t, requestLine("m", large))+"?", header("Content-Encoding", "zstd"))
			send(`{"model":"m","messages":[`+strings.Repeat(`{"role":"user"},`, 20000)+`{"role":"user"}]}`, chunked)
			send(fmt.Sprint("{", i))
			wg.Go(func() {
				_ = call(t, h, http.MethodPost, batchPath, strings.Repeat(requestLine("m", large)+"\n", 3), lines)
			})
		}
		answers := g.order
		go func() { // the answers are of no interest
			for range answers {
			}
		}()
		time.Sleep(30 * time.Second)
		leave()
		wg.Wait()
		close(answers)
		t.Logf("%d were turned away", len(told.shed))
		g.order = make(chan string, 100)
		for range 8 {
			rec, took := timed(t, h, "m", strings.Repeat("a", 6<<20)) // all of the lane
			require.Equal(t, 200, rec.Code)
			require.Zero(t, took)
			rec, took = timed(t, h, "m", "a")
			require.Equal(t, 200, rec.Code)
			require.Zero(t, took)
		}
	})
}
