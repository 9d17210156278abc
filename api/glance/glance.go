// Package glance makes the runtime look at the network.
//
// By itself it looks once nothing is left to run, or every 10 ms. While each
// processor works on what is there already, such as a large body or a long count,
// a small request would not be seen for that long, at each of the steps that it
// takes. To run more at once than there are processors would bring the looks back,
// but then the system shares the time among them in slices of milliseconds.
//
// It knows a pipe and how to wait for it. It does not know when a look is due.
package glance

import "os"

// Glance is a pipe to oneself. Who waits for a byte out of it waits as one does
// for a connection, so the runtime has to look at all of them for him to get on.
// Nil is one that does nothing. It is safe for concurrent use.
type Glance struct{ in, out *os.File }

// New returns nil where the system has no pipe left. The pipe is closed when
// nobody has it any more.
func New() *Glance {
	out, in, err := os.Pipe()
	if err != nil {
		return nil
	}
	return &Glance{in: in, out: out}
}
