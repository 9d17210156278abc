package countcache_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tollgate/estimator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// keyOf returns a key whose content hash stands for n.
func keyOf(n int) estimator.CacheKey {
	k := estimator.CacheKey{Method: estimator.MethodTokenizer, Scope: "kimi-k2/1"}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	k.Hash = sha256.Sum256(b[:])
	return k
}

// sample is a count as the tokenizer gives it: n tokens of messages and four
// of the generation prompt.
func sample(n int64) estimator.Count {
	return estimator.Count{
		Method: estimator.MethodTokenizer,
		Tokens: n + 4, Low: n + 4, High: n + 4,
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: n, Method: estimator.MethodTokenizer},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
	}
}

// gives returns a fill that answers sample(n).
func gives(n int64) func(context.Context) (estimator.Count, error) {
	return func(context.Context) (estimator.Count, error) { return sample(n), nil }
}

// forbidden is a fill that must not run.
func forbidden(t *testing.T) func(context.Context) (estimator.Count, error) {
	t.Helper()
	return func(context.Context) (estimator.Count, error) {
		t.Error("fill ran, want an answer from memory")
		return estimator.Count{}, nil
	}
}

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
