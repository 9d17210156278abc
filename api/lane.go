package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

// DefaultMemoryBytes is the default of Options.MemoryBytes: 256 MiB.
const DefaultMemoryBytes int64 = 256 << 20

const (
	// smallBody is the largest body of the small lane, as it is sent.
	smallBody = 256 << 10

	// smallHeld is what a request of the small lane may hold. A body that makes
	// more of itself changes lanes.
	smallHeld = 4 << 20

	// smallShare is what part of all memory is kept for the small lane: one in so
	// many.
	smallShare = 4

	// smallPatience is how long a small request waits for memory. Others give
	// theirs back within milliseconds.
	smallPatience = 100 * time.Millisecond

	// largePatience is how long a large one waits for memory. It takes 8 s over
	// 100 Mbit/s by itself.
	largePatience = 2 * time.Second

	// turnPatience is how long a large one that is there waits to be worked on.
	turnPatience = 5 * time.Second

	// waitingAtOnce is how many requests may be waiting for a vendor.
	waitingAtOnce = 2048

	// largeEntry is what a large body holds in any case: its window and the
	// first of its text.
	largeEntry = 2 << 20
)

// The names of the lanes.
const (
	laneSmall = "small"
	laneLarge = "large"
)

// Reasons to turn a request away.
const (
	shedMemory      = "memory"
	shedConcurrency = "concurrency"
	shedDisk        = "disk"
)

// Shed is a request that was turned away because others are there.
type Shed struct {
	Lane   string // "small" or "large"
	Reason string // "memory" or "concurrency"
}

// lane is a way through the service, with memory and workers of its own, so
// that what is on one never waits for what is on another.
type lane struct {
	name     string
	memory   *budget
	patience time.Duration // for memory
	retry    time.Duration // when to come again
	work     worker
	waiting  atomic.Int64 // who left his place while he waits for the vendor
}

// worker bounds how many requests of a lane are worked on at once.
type worker interface {
	acquire(ctx context.Context, patience time.Duration) error
	rejoin(ctx context.Context) error // of who had a place
	hopeless() bool
	release()
	waiting() int
}

// forever is a patience without end.
const forever time.Duration = -1

// inOrder is a worker that serves in the order of arrival.
type inOrder struct{ *budget }

func (w inOrder) acquire(ctx context.Context, patience time.Duration) error {
	return w.budget.acquire(ctx, 1, patience, false)
}

func (w inOrder) rejoin(ctx context.Context) error { return w.acquire(ctx, turnPatience) }

// hopeless is never so: memory keeps most away.
func (inOrder) hopeless() bool { return false }

func (w inOrder) release() { w.budget.release(1) }

// newLanes returns the two lanes. Counting is work for a processor, so more
// requests at once than there are processors would only all be later; large
// ones take half of them, so that small ones never have to wait for their end.
// Whoever sets how many lines of a batch are worked on at once knows better.
func newLanes(opts Options) (small, large *lane) {
	cores := runtime.GOMAXPROCS(0)
	atOnce, largeAtOnce := cores, max(1, cores/2, opts.BatchWorkers)
	switch {
	case opts.Concurrency > 0:
		atOnce, largeAtOnce = opts.Concurrency, opts.Concurrency
	case opts.KeepBody:
		largeAtOnce = waitingAtOnce
	}
	share := max(1, opts.MemoryBytes/smallShare)
	small = &lane{
		name: laneSmall, memory: newBudget(share), patience: smallPatience, retry: minRetryAfter,
		work: newSlots(atOnce, opts.Now),
	}
	large = &lane{
		name: laneLarge, memory: newBudget(max(1, opts.MemoryBytes-share)), patience: largePatience, retry: 5 * time.Second,
		work: inOrder{newBudget(int64(largeAtOnce))},
	}
	return small, large
}

// full turns an error of the memory into one to answer.
func (l *lane) full(err error, unread bool) error {
	if errors.Is(err, errFull) {
		return l.shed(shedMemory, unread)
	}
	return fmt.Errorf("wait for memory: %w", err)
}

// shed is the answer to a request that there was no room for. unread says that
// there is body left, which is not worth reading.
func (l *lane) shed(reason string, unread bool) *Error {
	detail := "the service is busy with other requests; send this one again a little later, or to another replica"
	switch reason {
	case shedMemory:
		detail = "the service holds as many bodies as it has memory for; send this one again a little later, or to another replica"
	case shedDisk:
		detail = "the service's disk for large bodies is full or broken; send this one again a little later, or to another replica"
	}
	return &Error{
		Status:     http.StatusServiceUnavailable,
		Code:       "overloaded",
		Detail:     detail,
		RetryAfter: l.retry,
		shed:       &Shed{Lane: l.name, Reason: reason},
		unread:     unread,
	}
}
