package cli

import (
	"runtime"
	"sync"
	"time"

	"tollgate/api/glance"
)

// lookEvery is how long may be counted without a look at the network, where no
// processor has anything better to do.
const lookEvery = 200 * time.Microsecond

// breather lets whoever counts give way to requests that need no counting, above
// all to those that are turned away.
//
// While each processor counts, Go looks at the network when a count ends, or
// after 10 ms: it does so by itself only where nothing can run, and what counts
// always can. To run more at once than there are processors would bring the looks
// back, but then the system shares the time among them in slices of
// milliseconds, and everybody pays for that.
type breather struct {
	now     func() time.Time
	network *glance.Glance

	mu   sync.Mutex
	next time.Time // when it is time to look again
}

// newBreather returns a breather of the process.
func newBreather(now func() time.Time) *breather {
	return &breather{now: now, network: glance.New()}
}

// breathe gives way to all who have something to do, if it is time: where a
// processor is idle, that looks at the network. Whoever counts has at least half
// of the time, however many are turned away.
func (b *breather) breathe() {
	if !b.mu.TryLock() {
		return // somebody is about it
	}
	defer b.mu.Unlock()
	began := b.now()
	if began.Before(b.next) || !b.network.Busy() {
		return
	}
	b.network.Take()
	runtime.Gosched() // those who were found come first
	ended := b.now()
	b.next = ended.Add(max(lookEvery, ended.Sub(began)))
}
