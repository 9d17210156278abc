package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"tollgate/api/glance"
)

// turns bounds how many large bodies are hashed and scanned at the same moment:
// as many as there are processors, and between two pieces of each the network is
// looked at. A body whose bytes are there already would else keep a processor for
// 10 ms at a time, and with 16 of them everybody else waits for 16 times that.
//
// With one turn fewer, to keep a processor free, two processors took half as much
// a second as with this many: the one who had the turn and those who waited for it
// woke each other at every piece.
type turns struct {
	taken   chan struct{}
	network *glance.Glance
}

// newTurns returns a turn for each processor.
func newTurns() *turns {
	return &turns{taken: make(chan struct{}, runtime.GOMAXPROCS(0)), network: glance.New()}
}

// turnReader reads a body, and has a turn from the end of one read to the start
// of the next: while its bytes are worked on, and not while it waits for them.
type turnReader struct {
	ctx   context.Context //nolint:containedctx // a reader's only way to be told
	turns *turns
	r     io.Reader
	has   bool
}

// Read reads from the body.
func (t *turnReader) Read(p []byte) (int, error) {
	if t.has { // still, so that nobody else has something to do
		t.turns.network.Take()
	}
	t.rest()
	n, err := t.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	if full := t.take(); full != nil {
		return 0, full
	}
	return n, err
}

// take waits for a turn.
func (t *turnReader) take() error {
	select {
	case t.turns.taken <- struct{}{}:
		t.has = true
		return nil
	case <-t.ctx.Done():
		return fmt.Errorf("wait for a turn: %w", t.ctx.Err())
	}
}

// rest gives the turn back, if it has one.
func (t *turnReader) rest() {
	if t != nil && t.has {
		<-t.turns.taken
		t.has = false
	}
}
