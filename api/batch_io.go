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

// batchBody reads the body of a batch. Each read has its own time.
type batchBody struct {
	body io.ReadCloser
	rc   *http.ResponseController
	now  func() time.Time

	mu      sync.Mutex
	stopped bool
}

// Read reads from the body. Once it was stopped it returns
// [os.ErrDeadlineExceeded].
func (b *batchBody) Read(p []byte) (int, error) {
	if err := b.extend(); err != nil {
		return 0, err
	}
	return b.body.Read(p)
}

// extend gives the next read its time.
func (b *batchBody) extend() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return os.ErrDeadlineExceeded
	}
	_ = b.rc.SetReadDeadline(b.now().Add(batchStall)) // a connection without deadlines has none to extend
	return nil
}

// stop ends the read at hand and all that come.
func (b *batchBody) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped = true; b.rc.SetReadDeadline(time.Unix(1, 0)) != nil {
		_ = b.body.Close()
	}
}

// linger lets what is still on its way be read and dropped.
func (b *batchBody) linger() { _ = b.rc.SetReadDeadline(b.now().Add(batchLinger)) }

// batchOutput writes the answer of a batch. Each write has its own time.
type batchOutput struct {
	*bufio.Writer

	rc    *http.ResponseController
	late  *time.Timer // runs while some of what was written may not be sent
	begun bool        // a line was written
	dirty bool        // some of it may not be sent
}

// newBatchOutput returns an output over c.
func (s *server) newBatchOutput(c *gin.Context, rc *http.ResponseController) *batchOutput {
	timed := writerFunc(func(p []byte) (int, error) {
		_ = rc.SetWriteDeadline(s.Now().Add(batchStall)) // as in extend
		return c.Writer.Write(p)
	})
	late := time.NewTimer(batchDelay)
	late.Stop()
	return &batchOutput{Writer: bufio.NewWriterSize(timed, batchBuffer), rc: rc, late: late}
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
