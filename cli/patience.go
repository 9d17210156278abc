package cli

import (
	"errors"
	"math"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// patient is a connection that tells the runtime of few of its deadlines.
//
// net/http sets ten for every request, and each of them moves a timer; together
// that takes as long as to scan and hash a small body. Nearly all of them are
// later than the one before. So a timer is left where it is as long as it is
// early enough, and when it goes off before it is time, who waits goes on
// waiting: what is seen of the connection is the same.
type patient struct {
	net.Conn

	reads, writes deadline
}

// Read reads from the connection.
func (c *patient) Read(b []byte) (int, error) {
	c.reads.waiting.Add(1)
	defer c.reads.waiting.Add(-1)
	for {
		if err := c.reads.await(c.Conn.SetReadDeadline); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(b)
		if n > 0 || !c.reads.early(err) {
			return n, err //nolint:wrapcheck // the server looks at what it is
		}
	}
}

// Write writes to the connection.
func (c *patient) Write(b []byte) (written int, err error) {
	c.writes.waiting.Add(1)
	defer c.writes.waiting.Add(-1)
	for {
		if err := c.writes.await(c.Conn.SetWriteDeadline); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(b[written:])
		if written += n; !c.writes.early(err) {
			return written, err //nolint:wrapcheck // the server looks at what it is
		}
	}
}

// SetReadDeadline sets until when what is read has to come.
func (c *patient) SetReadDeadline(t time.Time) error {
	return c.reads.set(t, c.Conn.SetReadDeadline)
}

// SetWriteDeadline sets until when what is written has to be taken.
func (c *patient) SetWriteDeadline(t time.Time) error {
	return c.writes.set(t, c.Conn.SetWriteDeadline)
}

// SetDeadline sets both.
func (c *patient) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// deadline is until when one direction of a connection waits, and the timer that
// ends the wait. Times are nanoseconds since begun, or never.
type deadline struct {
	wanted  atomic.Int64 // as it was set
	waiting atomic.Int32 // who do, or are about to

	mu    sync.Mutex // held by whoever sets the timer
	timer int64      // never after wanted while somebody waits; spent once it went off
}

// begun is what deadlines are counted from.
var begun = time.Now()

const (
	never = math.MaxInt64 - 1
	spent = math.MaxInt64 // later than any deadline, so that the timer is set anew
)

// newPatient returns a connection without deadlines.
func newPatient(conn net.Conn) *patient {
	c := &patient{Conn: conn}
	c.reads.wanted.Store(never)
	c.writes.wanted.Store(never)
	c.reads.timer, c.writes.timer = never, never
	return c
}

// set sets the deadline. Where nobody waits, the next who does sets the timer.
func (d *deadline) set(t time.Time, setTimer func(time.Time) error) error {
	wanted := int64(never)
	if !t.IsZero() {
		wanted = min(int64(t.Sub(begun)), never)
	}
	d.wanted.Store(wanted)
	if d.waiting.Load() == 0 {
		return nil
	}
	return d.arm(setTimer)
}

// await readies the timer for somebody who is going to wait. A deadline from
// before the program began needs none: net/http sets one to stop who waits.
func (d *deadline) await(setTimer func(time.Time) error) error {
	if d.wanted.Load() < 0 {
		return os.ErrDeadlineExceeded
	}
	return d.arm(setTimer)
}

// arm sets the timer, unless it is early enough.
func (d *deadline) arm(setTimer func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	wanted := d.wanted.Load()
	if d.timer <= wanted {
		return nil
	}
	d.timer = wanted
	if wanted == never {
		return setTimer(time.Time{})
	}
	return setTimer(begun.Add(time.Duration(wanted)))
}

// early reports whether err is that of a timer which went off before it was time.
func (d *deadline) early(err error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer = spent
	return d.wanted.Load() > int64(time.Since(begun))
}
