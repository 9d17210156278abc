// Package glance makes the runtime look at the network.
//
// By itself it looks while a processor has nothing left to run, else every 10 ms. While each
// processor works on what is there already, such as a large body or a long count,
// a small request would not be seen for that long, at each of the steps that it
// takes. To run more at once than there are processors would bring the looks back,
// but then the system shares the time among them in slices of milliseconds.
//
// It knows a pipe and how to wait for it. It does not know when a look is due.
package glance

import (
	"os"
	"runtime/metrics"
	"sync"
)

// Glance is a pipe to oneself. Who waits for a byte out of it waits as one does
// for a connection, so the runtime has to look at all of them for him to get on.
// Nil is one that does nothing. It is safe for concurrent use.
type Glance struct {
	in, out *os.File

	mu   sync.Mutex
	busy [2]metrics.Sample
}

// New returns nil where the system has no pipe left. The pipe is closed when
// nobody has it any more.
func New() *Glance {
	out, in, err := os.Pipe()
	if err != nil {
		return nil
	}
	g := &Glance{in: in, out: out}
	g.busy[0].Name, g.busy[1].Name = "/sched/goroutines/running:goroutines", "/sched/gomaxprocs:threads"
	return g
}

// Busy reports whether no processor is idle. One that is looks at the network all
// the while, and whoever takes a glance then is likely to be moved there: the two
// processors wake each other, which takes longer than a piece of work is long.
func (g *Glance) Busy() bool {
	if g == nil {
		return true
	}
	if !g.mu.TryLock() {
		return false // somebody else is about to look
	}
	defer g.mu.Unlock()
	metrics.Read(g.busy[:])
	running, most := g.busy[0].Value, g.busy[1].Value
	return running.Kind() != metrics.KindUint64 || most.Kind() != metrics.KindUint64 || running.Uint64() >= most.Uint64()
}
