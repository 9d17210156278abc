package api

import "os"

// glance makes the runtime look at the network. By itself that looks only once
// nothing is left to run, or every 10 ms: with large bodies whose bytes are
// always there already, a small request would not be seen for that long, at each
// of the steps that it takes.
//
// Who takes a glance waits for a byte out of a pipe, which the runtime treats as
// it does a connection. So it has to look at all of them for him to get on.
type glance struct{ from, to *os.File }

// newGlance returns nil where the system has no pipe left.
func newGlance() *glance {
	from, to, err := os.Pipe()
	if err != nil {
		return nil
	}
	return &glance{from: from, to: to}
}

// take takes a glance. The byte is sent once the caller waits for it, for there
// is nobody else on his processor to send it before.
func (g *glance) take() {
	if g == nil {
		return
	}
	go g.send()
	var b [1]byte
	_, _ = g.from.Read(b[:])
}

// send sends the byte.
func (g *glance) send() {
	if _, err := g.to.Write([]byte{0}); err != nil {
		_ = g.to.Close() // nobody waits for what does not come
	}
}
