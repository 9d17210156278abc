package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"tollgate/api/glance"
)

// turns bounds how many large bodies are hashed and scanned at the same moment,
// so that one processor is always free for small requests. A body whose bytes
// are there already would else keep a processor for 10 ms at a time, and with
// 16 of them everybody else waits for 16 times that.
type turns struct {
	taken   chan struct{}
	network *glance.Glance
}

// newTurns returns one turn fewer than there are processors.
func newTurns() *turns {
	return &turns{taken: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)), network: glance.New()}
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
