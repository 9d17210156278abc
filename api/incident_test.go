package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// send posts a request to a server that listens.
func send(t testing.TB, srv *httptest.Server, body string) (int, string) {
	t.Helper()
	res, err := srv.Client().Post(srv.URL+"/v1/estimate", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(answer)
}

// One request panics while others are being answered on connections of their
// own.
func TestAPanicIsA500AndDisturbsNobody(t *testing.T) {
	t.Parallel()
	const others = 20
	var waiting sync.WaitGroup
	waiting.Add(others)
	thrown := make(chan struct{})
	f := &panicking{fake: fake{estimate: contractEstimate(t)}, before: waiting.Done, thrown: thrown}
	var log bytes.Buffer
	h := service(t, f, logged(&log), func(o *api.Options) {
		o.Metrics = metrics.New(metrics.Options{Book: o.Book, Now: now})
		o.Concurrency = others + 1
	})
	srv := httptest.NewServer(h)
	defer srv.Close()
	var answered sync.WaitGroup
	statuses := make(chan int, others)
	for range others {
		answered.Go(func() {
			status, _ := send(t, srv, hello)
			statuses <- status
		})
	}
	waiting.Wait() // all of them are being answered
	status, answer := send(t, srv, strings.Replace(hello, "Hello", "canary-panic", 1))
	close(thrown)
	answered.Wait()
	close(statuses)
	for s := range statuses {
		require.Equal(t, http.StatusOK, s)
	}
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, answer, `"code":"internal"`)
	srv.Close() // and all is logged
	exposed := call(t, h, http.MethodGet, "/metrics", "").Body.String()
	require.Contains(t, exposed, "\ntollgate_http_panics_total 1\n")
	require.NotContains(t, answer+log.String()+exposed, "canary")
	t.Logf("scorecard | 29 | a handler panics with prompt text while %d requests are in flight on connections of their own | "+
		"500 problem, the others unaffected, counter +1, nothing of the text in log or answer | %d, %d of %d answered 200, counter 1", others, status, others, others)
}

// panicking panics for the first request whose text is a canary, and lets the
// others wait for that.
type panicking struct {
	fake

	before func()
	thrown chan struct{}
}

func (p *panicking) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	if text := req.Messages[0].Content.Text; strings.Contains(text, "canary") {
		panic(text)
	}
	p.before()
	<-p.thrown
	return p.estimate, nil
}

// A clock that is set back never makes a duration or an age negative, nor locks
// anybody out.
func TestAClockSetBackMakesNothingNegative(t *testing.T) {
	t.Parallel()
	clock := newClock()
	f := &fake{estimate: contractEstimate(t), during: func(context.Context) { clock.move(-1000 * 24 * time.Hour) }}
	var log bytes.Buffer
	h := service(t, f, logged(&log), func(o *api.Options) {
		o.Now, o.RateLimit = clock.now, 1
		o.Metrics = metrics.New(metrics.Options{Book: o.Book, Now: clock.now})
	})
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", hello).Code)
	require.InDelta(t, 0, events(t, &log)[0]["duration_ms"], 0)
	require.NotContains(t, call(t, h, http.MethodGet, "/metrics", "").Body.String(), " -")
	f.during = nil
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", hello).Code)
	require.Equal(t, http.StatusTooManyRequests, call(t, h, http.MethodPost, "/v1/estimate", hello).Code)
	clock.move(time.Second)
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", hello).Code, "a second later, by the clock as it is now")
	t.Log("scorecard | 31 | the clock is set back 1,000 days during a request, with a rate limit in force | " +
		"no negative duration or age, nobody locked out | duration 0, ages 0, next request passes after its second")
}
