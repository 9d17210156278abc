package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	timerate "golang.org/x/time/rate"
)

const (
	// maxCallers is how many callers of each kind have a bucket of their own. One
	// more makes that of whoever called least recently start again full. With
	// all of them the buckets take 13 MB (BenchmarkManyCallers).
	maxCallers = 1 << 15

	// siteBits is how much of an IPv6 address is one caller: whoever has one
	// address has its /64. Source: RFC 6177, section 2.
	siteBits = 64
)

// caller is who calls: the digest of his key, or the address that his
// connection comes from. What a header says of him is never part of it.
type caller struct {
	key     digest
	address netip.Prefix // of callers without a key
	lines   bool         // it is about the lines of his batches
}

// addressOf is the address of a connection's other end, an IPv6 address by its
// /64. Those that can not be read are one.
func addressOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr := at.Addr().Unmap().WithZone("")
	bits := siteBits
	if addr.Is4() {
		bits = addr.BitLen()
	}
	p, _ := addr.Prefix(bits) // either fits its kind of address
	return p
}

// callerLimits holds every caller to a rate. Its zero value holds nobody to
// anything. It is safe for concurrent use.
type callerLimits struct {
	rate  timerate.Limit // requests a second
	burst int            // that may come at once
	now   func() time.Time

	mu   sync.Mutex
	last time.Time // anybody called
	// Apart, so that nobody without a key can push out those of keys.
	keys, addresses *simplelru.LRU[caller, *timerate.Limiter]
}

// newCallerLimits returns limits of that many requests a second. Those of one
// second, and at least one, may come at once.
func newCallerLimits(perSecond float64, now func() time.Time) *callerLimits {
	if perSecond <= 0 {
		return &callerLimits{}
	}
	table := func() *simplelru.LRU[caller, *timerate.Limiter] {
		t, _ := simplelru.NewLRU[caller, *timerate.Limiter](maxCallers, nil) // fails for sizes under 1
		return t
	}
	return &callerLimits{
		rate: timerate.Limit(perSecond), burst: max(1, int(math.Ceil(perSecond))), now: now,
		keys: table(), addresses: table(),
	}
}

// admit counts one request of a caller, or says that it is one too many.
func (l *callerLimits) admit(c caller) error {
	wait := l.take(c)
	if wait == 0 {
		return nil
	}
	return &Error{
		Status:     http.StatusTooManyRequests,
		Code:       "rate_limited",
		Detail:     fmt.Sprintf("more than %g requests a second; wait as long as Retry-After says", float64(l.rate)),
		RetryAfter: wait,
	}
}

// take takes one out of a caller's bucket and returns 0, or returns how long
// it will be until there is one.
func (l *callerLimits) take(c caller) time.Duration {
	if l.rate == 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.last) { // the clock was set back: a bucket would wait for the time it has seen
		l.keys.Purge()
		l.addresses.Purge()
	}
	l.last = now
	table := l.keys
	if c.key == (digest{}) {
		table = l.addresses
	}
	bucket, ok := table.Get(c)
	if !ok {
		bucket = timerate.NewLimiter(l.rate, l.burst)
		table.Add(c, bucket)
	}
	if bucket.AllowN(now, 1) {
		return 0
	}
	missing := 1 - bucket.TokensAt(now)
	return max(time.Duration(missing/float64(l.rate)*float64(time.Second)), 1)
}

// slowDown waits until a batch may go on with another line. Lines have a bucket of
// their own at the rate of requests: a batch is not refused but slowed down,
// and its caller's other requests are not held up by it.
func (b *batchRun) slowDown(ctx context.Context) error {
	who := b.caller
	who.lines = true
	for {
		wait := b.limits.take(who)
		if wait == 0 {
			return nil
		}
		timer := time.NewTimer(min(wait, batchTick))
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("wait for the rate limit: %w", ctx.Err())
		case <-timer.C:
		}
		if b.drained.Load() {
			return b.draining()
		}
	}
}
