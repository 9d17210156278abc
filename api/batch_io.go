package api

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// batchStall is how long a batch waits for the caller to send or to take
	// more. While it moves it may last.
	batchStall = 60 * time.Second

	// batchLinger is how long what a caller still sends is read and dropped
	// after the last line, so that he can read the answer.
	batchLinger = time.Second

	// batchBuffer is what of the answer is gathered before it is sent.
	batchBuffer = 32 << 10
)

// pace gives each read or write of a connection its own time. It is safe for
// concurrent use.
type pace struct {
	set func(time.Time) error // a deadline
	now func() time.Time

	mu      sync.Mutex
	stopped bool
}

// extend gives the next one its time, or returns [os.ErrDeadlineExceeded] once
// they were stopped.
func (p *pace) extend() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return os.ErrDeadlineExceeded
	}
	_ = p.set(p.now().Add(batchStall)) // a connection without deadlines has none to extend
	return nil
}

// stop ends the one at hand and all that come. It reports whether the
// connection can do that.
func (p *pace) stop() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	return p.set(time.Unix(1, 0)) == nil
}

// batchBody reads the body of a batch.
type batchBody struct {
	pace

	body io.ReadCloser
}

// Read reads from the body.
func (b *batchBody) Read(p []byte) (int, error) {
	if err := b.extend(); err != nil {
		return 0, err
	}
	return b.body.Read(p)
}

// stop ends the read at hand and all that come.
func (b *batchBody) stop() {
	if !b.pace.stop() {
		_ = b.body.Close()
	}
}

// linger lets what is still on its way be read and dropped.
func (b *batchBody) linger() { _ = b.set(b.now().Add(batchLinger)) }

// batchOutput writes the answer of a batch.
type batchOutput struct {
	*bufio.Writer
	pace

	rc    *http.ResponseController
	late  *time.Timer // runs while some of what was written may not be sent
	begun bool        // a line was written
	dirty bool        // some of it may not be sent
}

// newBatchOutput returns an output over c.
func (s *server) newBatchOutput(c *gin.Context, rc *http.ResponseController) *batchOutput {
	o := &batchOutput{pace: pace{set: rc.SetWriteDeadline, now: s.Now}, rc: rc, late: time.NewTimer(batchDelay)}
	o.late.Stop()
	o.Writer = bufio.NewWriterSize(writerFunc(func(p []byte) (int, error) {
		if err := o.extend(); err != nil {
			return 0, err
		}
		return c.Writer.Write(p)
	}), batchBuffer)
	return o
}

// writerFunc is a function that writes.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// line writes one encoded line.
func (o *batchOutput) line(b []byte) error {
	if !o.dirty {
		o.late.Reset(batchDelay)
	}
	o.begun, o.dirty = true, true
	if _, err := o.Write(b); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// send sends what was gathered.
func (o *batchOutput) send() error {
	if !o.dirty {
		return nil
	}
	o.dirty = false
	o.late.Stop()
	if err := o.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	_ = o.rc.Flush() // what fails here fails the next write
	return nil
}
