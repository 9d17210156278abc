package moonshot

import (
	"sync"
	"time"
)

const (
	// totalsTime is how long a total is believed, and totalsMost how many are
	// remembered. Both are more than what is asked while a calibration is late.
	totalsTime = maxSetback
	totalsMost = 4096
)

// totals remembers the vendor's numbers for which it is not known yet what they
// cover. No cache remembers such counts, as better ones will come; the number
// itself will be no other, so the same content is not sent twice for it. It is
// safe for concurrent use.
type totals struct {
	now func() time.Time

	mu   sync.Mutex
	kept map[totalKey]earlyTotal
}

// totalKey is what was sent.
type totalKey struct {
	hash  [32]byte
	model string
	tools bool
}

type earlyTotal struct {
	tokens int64
	until  time.Time
}

// find returns a number that is remembered.
func (t *totals) find(key totalKey) (int64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.kept[key]
	return known.tokens, ok && t.now().Before(known.until)
}

// keep remembers a number.
func (t *totals) keep(key totalKey, tokens int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil || len(t.kept) >= totalsMost {
		t.kept = make(map[totalKey]earlyTotal)
	}
	t.kept[key] = earlyTotal{tokens, t.now().Add(totalsTime)}
}
