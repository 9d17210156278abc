package moonshot_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
)

// TestALongBodyIsForwardedWithoutACopy runs alone: it reads the process's
// memory.
func TestALongBodyIsForwardedWithoutACopy(t *testing.T) { //nolint:paralleltest // see above
	const size = 32 << 20
	var got int64
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"data":{"total_tokens":7}}`)
	}))
	t.Cleanup(hs.Close)
	c := newClient(t, moonshot.Options{BaseURL: hs.URL + "/v1", APIKey: "sk-x", Now: time.Now})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := c.CountTokens(t.Context(), endless{size})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	require.EqualValues(t, size, got)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20))
}

func TestABombTakesNoMemory(t *testing.T) { //nolint:paralleltest // reads the process's memory
	for _, f := range []fakevendor.Fault{fakevendor.FaultBomb, fakevendor.FaultEndless} {
		v := fakevendor.Start(t, fakevendor.Options{Fault: f})
		c := newClient(t, options(v))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.CountTokens(t.Context(), hello())
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		// The stand-in itself takes a megabyte or two to make the answer.
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "%s", f)
	}
}

func TestAStrangersCertificateIsRefusedAndNamedAsSuch(t *testing.T) {
	t.Parallel()
	hs := httptest.NewUnstartedServer(http.NotFoundHandler())
	hs.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	hs.StartTLS()
	t.Cleanup(hs.Close)
	c := newClient(t, moonshot.Options{BaseURL: hs.URL + "/v1", APIKey: "sk-x", Now: time.Now})
	_, err := c.CountTokens(t.Context(), hello())
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok)
	require.Equal(t, moonshot.KindUnavailable, e.Kind)
	require.Equal(t, 1, e.Attempts, "asking again does not make it trusted")
	require.ErrorContains(t, err, "certificate")
	require.NotContains(t, err.Error(), "127.0.0.1")
}

func TestNobodyListening(t *testing.T) {
	t.Parallel()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	require.NoError(t, ln.Close())
	c := newClient(t, moonshot.Options{
		BaseURL: "http://" + addr + "/v1", APIKey: "sk-x", Now: time.Now,
		Retry: moonshot.RetryOptions{Base: time.Millisecond},
	})
	_, err = c.CountTokens(t.Context(), hello())
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok)
	require.Equal(t, moonshot.KindUnavailable, e.Kind)
	require.Equal(t, 3, e.Attempts)
	require.NotContains(t, err.Error(), addr)
}

func TestTheRequestIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPost || r.URL.String() != "https://api.moonshot.cn/v1/tokenizers/estimate-token-count" ||
			r.Header.Get("Authorization") != "Bearer sk-x" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") ||
			r.ContentLength != hello().Len() {
			return reply(400, ""), nil
		}
		return fine(), nil
	}}
	total, err := wired(t, n, nil).CountTokens(t.Context(), hello())
	require.NoError(t, err)
	require.EqualValues(t, 5, total)
}

func TestEveryAttemptIsObserved(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	v.Queue(fakevendor.Fault500, fakevendor.FaultReset)
	var seen []moonshot.Attempt
	o := options(v)
	o.Observe = func(a moonshot.Attempt) { a.Duration, a.Waited = 0, 0; seen = append(seen, a) }
	_, err := newClient(t, o).CountTokens(t.Context(), hello())
	require.NoError(t, err)
	require.Equal(t, []moonshot.Attempt{
		{Kind: moonshot.KindUnavailable, Status: 500},
		{Kind: moonshot.KindUnavailable, Retry: true},
		{Status: 200, Retry: true},
	}, seen)
}

// countedConn counts what is written to it at once.
type countedConn struct {
	net.Conn

	writes *atomic.Int64
}

func (c countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p) //nolint:wrapcheck // a connection's own
}

func TestAShortRequestIsSentInOnePiece(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	var writes atomic.Int64
	o := options(v)
	o.Transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		return countedConn{conn, &writes}, err
	}}
	c := newClient(t, o)
	body, ok := scan(t, string(hello())).VendorBody("kimi-k2.5", true)
	require.True(t, ok)
	for range 3 {
		_, err := c.CountTokens(t.Context(), body)
		require.NoError(t, err)
	}
	require.EqualValues(t, 3, writes.Load())
}
