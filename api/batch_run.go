package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"tollgate/estimator"
	"tollgate/estimator/chat"
)

const (
	// batchWindow is how many lines may be read and not yet answered. One slow
	// line holds up the answer, and no more than this many behind it.
	batchWindow = 256

	// batchRoom is how many bytes those lines may take up, by their weight. A
	// line that is heavier is alone.
	batchRoom = 32 << 20

	// batchEntry is what a batch holds beside its lines: buffers, sums, and the
	// answers that wait to be sent.
	batchEntry = 2 << 20

	// batchPatience is how long a line waits for memory. Nobody else waits for
	// the batch, and most of what it could be given is back in a second.
	batchPatience = 10 * time.Second

	// batchDelay is how long an answer may wait for others to be sent with.
	batchDelay = 20 * time.Millisecond

	// batchTick is how often a batch looks whether the service is to stop.
	batchTick = 100 * time.Millisecond

	// batchLast is how long the last answers may take when it does.
	batchLast = 2 * time.Second
)

// batchRun is a batch on its way. One goroutine reads lines, some estimate
// them, and the handler's own writes the answers in the order of the lines. A
// caller who does not take the answers holds up the reading.
type batchRun struct {
	*server

	query    estimateQuery
	instance string // the request id
	caller   caller
	body     *batchBody
	lines    *chat.Lines
	memory   *account // what all of it holds
	reserved int64    // for the line that is being read
	out      *batchOutput
	tally    *batchTally

	ordered chan *batchSlot // in the order of the lines
	todo    chan *batchSlot // the same, until somebody takes them on
	room    *semaphore.Weighted
	ended   error // why reading ended early; to be read once ordered is closed

	drained atomic.Bool            // the service stops, and the grace is over
	stack   atomic.Pointer[[]byte] // of the first panic
}

// batchSlot is a line on its way. What stands behind done belongs to whoever
// took it on until done was sent.
type batchSlot struct {
	line   *chat.Line
	weight int64
	held   int64 // of the batch's memory
	done   chan struct{}

	estimate *estimator.Estimate // nil when there is none
	problem  *Error              // nil when the estimate is the answer
	answer   *bytes.Buffer
}

// run answers every line. The error is why that could not be done to the end.
func (b *batchRun) run(given context.Context) error {
	// Not given itself: it ends with a read that took too long, too, when what
	// was read can still be answered.
	ctx, cancel := context.WithCancel(context.WithoutCancel(given))
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { b.watch(ctx) })
	wg.Go(func() { b.read(given, ctx, cancel) })
	for range b.BatchWorkers {
		wg.Go(func() {
			for slot := range b.todo {
				b.answer(ctx, slot)
			}
		})
	}
	err := b.write(ctx)
	cancel()
	if err != nil {
		b.body.stop() // the reader may be waiting for the caller
	}
	wg.Wait()
	if err != nil {
		return &goneError{err: err}
	}
	return b.ended
}

// panicked notes where a panic came from.
func (b *batchRun) panicked(thrown any) error {
	stack := debug.Stack()
	b.stack.CompareAndSwap(nil, &stack)
	return &panicError{thrown: thrown}
}

// read reads lines until the body ends, the caller leaves or the service is to
// stop.
func (b *batchRun) read(given, ctx context.Context, leave func()) {
	defer close(b.todo)
	defer close(b.ordered)
	defer func() {
		if thrown := recover(); thrown != nil {
			b.ended = b.panicked(thrown)
		}
	}()
	for b.ended == nil {
		b.ended = b.readLine(ctx)
	}
	switch {
	case errors.Is(b.ended, io.EOF):
		b.ended = nil
		context.AfterFunc(given, leave) // from here on only the caller ends it
	case b.drained.Load():
		b.ended = b.draining()
	case given.Err() != nil && !errors.Is(b.ended, os.ErrDeadlineExceeded):
		leave()
	}
}

// readLine reads a line and hands it on once there is room for it.
func (b *batchRun) readLine(ctx context.Context) error {
	if b.drained.Load() {
		return b.draining()
	}
	b.reserved = 0
	line, err := b.lines.Next()
	if err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	if err := b.slowDown(ctx); err != nil {
		return err
	}
	slot := &batchSlot{line: line, weight: min(weigh(line), batchRoom), held: b.reserved, done: make(chan struct{}, 1)}
	if err := b.room.Acquire(ctx, slot.weight); err != nil {
		return fmt.Errorf("wait for room: %w", err)
	}
	select {
	case b.ordered <- slot:
	case <-ctx.Done():
		return ctx.Err()
	}
	b.todo <- slot // never waits: it holds all that ordered does, and one more
	return nil
}

// reserve charges for n bytes that the line that is being read is going to
// hold.
func (b *batchRun) reserve(ctx context.Context, n int64) error {
	if err := b.memory.add(ctx, n, batchPatience); err != nil {
		return b.large.full(err, false)
	}
	b.reserved += n
	return nil
}

// weigh returns about how many bytes a line takes up until it is answered: its
// text, once more if it is kept, and what its parts and their findings are.
func weigh(line *chat.Line) int64 {
	const perLine, perPart = 4 << 10, 512
	if line.Request == nil {
		return perLine
	}
	parts := len(line.Request.Messages) + len(line.Request.Tools)
	for i := range line.Request.Messages {
		m := &line.Request.Messages[i]
		parts += len(m.Content.Parts) + len(m.ToolCalls())
	}
	return perLine + 2*line.Request.Size + perPart*int64(parts)
}

// answer estimates a line and encodes what is answered.
func (b *batchRun) answer(ctx context.Context, slot *batchSlot) {
	defer func() { slot.done <- struct{}{} }()
	defer func() {
		if thrown := recover(); thrown != nil {
			slot.estimate, slot.problem = nil, asError(b.panicked(thrown))
			slot.answer = encode(b.newBatchProblem(slot))
		}
	}()
	if ctx.Err() != nil {
		return // nobody waits for it
	}
	err := slot.line.Err
	if err == nil {
		slot.estimate, err = b.inTurn(ctx, slot.line)
	}
	slot.line.Request = nil // its text is not needed any more
	if err != nil {
		slot.problem = asError(err)
		slot.answer = encode(b.newBatchProblem(slot))
		return
	}
	slot.answer = encode(BatchEstimate{
		Line: slot.line.Number, CustomID: slot.line.CustomID, Estimate: *newEstimate(slot.estimate),
	})
}

// inTurn estimates the request of a line once its lane has time for it.
func (b *batchRun) inTurn(ctx context.Context, line *chat.Line) (*estimator.Estimate, error) {
	if err := b.large.work.acquire(ctx, forever); err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	defer b.large.work.release()
	return b.estimate(ctx, line)
}

// estimate estimates the request of a line. With a denied verdict that is to
// be enforced it returns both the estimate and an error.
func (b *batchRun) estimate(ctx context.Context, line *chat.Line) (*estimator.Estimate, error) {
	q := b.query
	q.Batch = line.Batch
	est, err := b.Estimator.Estimate(ctx, line.Request, q.Query)
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	if q.Enforce && est.Verdict.Decision == estimator.Deny {
		return est, denied(est)
	}
	return est, nil
}

// newBatchProblem is the answer to a line with a problem.
func (b *batchRun) newBatchProblem(slot *batchSlot) BatchProblem {
	p := b.newProblem(slot.problem, b.instance)
	if slot.line.Batch && slot.line.Err == nil {
		for i := range p.Errors {
			if p.Errors[i].Pointer != "" { // the domain sees the request alone
				p.Errors[i].Pointer = "/body" + p.Errors[i].Pointer
			}
		}
	}
	return BatchProblem{Object: "problem", Line: slot.line.Number, CustomID: slot.line.CustomID, Problem: p}
}

// watch ends the reading when the service has been about to stop for a while,
// and a little later the writing.
func (b *batchRun) watch(ctx context.Context) {
	tick := time.NewTicker(batchTick)
	defer tick.Stop()
	var seen time.Time // that it is about to stop
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := b.Now()
		switch {
		case !b.Draining():
		case seen.IsZero():
			seen = now
		case now.Sub(seen) >= b.BatchGrace+batchLast:
			b.out.stop()
			return
		case now.Sub(seen) >= b.BatchGrace && !b.drained.Swap(true):
			b.body.stop()
		}
	}
}

// draining is why a batch ends when the service is about to stop.
func (b *batchRun) draining() error {
	return &Error{
		Status:     http.StatusServiceUnavailable,
		Code:       "draining",
		Detail:     "the service is about to stop; send the lines that are not answered again, to another replica",
		RetryAfter: minRetryAfter,
	}
}
