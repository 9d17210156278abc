package moonshot_test

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// body is a request body in one piece.
type body []byte

func (b body) NewReader() io.Reader { return bytes.NewReader(b) }
func (b body) Len() int64           { return int64(len(b)) }

func hello() body {
	return body(`{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`)
}

// options are those of a client of a fake vendor that waits for nothing long.
func options(v *fakevendor.Running) moonshot.Options {
	return moonshot.Options{
		BaseURL:        v.URL,
		APIKey:         fakevendor.Key,
		AttemptTimeout: 800 * time.Millisecond,
		TotalTimeout:   4 * time.Second,
		Retry:          moonshot.RetryOptions{Base: 5 * time.Millisecond},
		Breaker:        moonshot.BreakerOptions{Failures: -1},
		Now:            time.Now,
	}
}

func newClient(t *testing.T, o moonshot.Options) *moonshot.Client {
	t.Helper()
	c, err := moonshot.New(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// log is a log that can be read while it is written.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *log) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
