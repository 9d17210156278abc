package cli

import (
	"runtime"
	"runtime/metrics"
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
	busy [2]metrics.Sample
}

// newBreather returns a breather of the process.
func newBreather(now func() time.Time) *breather {
	b := &breather{now: now, network: glance.New()}
	b.busy[0].Name, b.busy[1].Name = "/sched/goroutines/running:goroutines", "/sched/gomaxprocs:threads"
	return b
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
	if began.Before(b.next) || b.idle() {
		return
	}
	b.network.Take()
	runtime.Gosched() // those who were found come first
	ended := b.now()
	b.next = ended.Add(max(lookEvery, ended.Sub(began)))
}

// idle reports whether a processor has nothing to do.
func (b *breather) idle() bool {
	metrics.Read(b.busy[:])
	running, most := b.busy[0].Value, b.busy[1].Value
	return running.Kind() == metrics.KindUint64 && most.Kind() == metrics.KindUint64 && running.Uint64() < most.Uint64()
}
