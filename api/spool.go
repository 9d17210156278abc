package api

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"tollgate/api/glance"
)

// DefaultSpoolBytes is the default of Options.SpoolBytes: 2 GiB.
const DefaultSpoolBytes int64 = 2 << 30

// spoolFrom is the smallest body that is spooled, in bytes. A smaller one does
// not hold memory long enough to be worth a file.
const spoolFrom = 4 << 20

// errSpoolGone says that a body was given up before anybody asked for it.
var errSpoolGone = errors.New("the body is not held any more")

// lookEvery is after how many bytes that were read of a spooled body the network
// is looked at: sending them on takes a fraction of a millisecond.
const lookEvery = 128 << 10

// spools is the room on disk for bodies that a vendor may have to see: they
// pass by the scanner, and what of them is to be forwarded is read again. A nil
// spools has none.
type spools struct {
	dir     string
	free    atomic.Int64
	network *glance.Glance
}

// newSpools returns room in a directory, or nil for none.
func newSpools(dir string, bytes int64, network *glance.Glance) *spools {
	if dir == "" || bytes <= 0 {
		return nil
	}
	s := &spools{dir: dir, network: network}
	s.free.Store(bytes)
	return s
}

// take takes room for n bytes, if there is any.
func (s *spools) take(n int64) bool {
	if s.free.Add(-n) >= 0 {
		return true
	}
	s.free.Add(n)
	return false
}

// open returns a file for a body of n bytes, or nil where there is no room or
// no writable disk: then the body is held in memory. Files of bodies that
// nothing refers to any more go with the garbage, so where room is short that
// is collected first.
func (s *spools) open(n int64) *spool {
	if s == nil {
		return nil
	}
	if !s.take(n) && !s.reclaim(n) {
		return nil
	}
	file, err := os.CreateTemp(s.dir, "tollgate-*")
	if err != nil {
		s.free.Add(n)
		return nil
	}
	held := &spooled{file: file, bytes: n, room: s}
	held.unlinked = os.Remove(file.Name()) == nil
	b := &spool{spooled: held}
	b.gone = runtime.AddCleanup(b, (*spooled).close, held)
	return b
}

// reclaim takes room for n bytes from bodies that nothing refers to any more.
// Their files are closed soon after the garbage was collected, so it gives that
// a moment.
func (s *spools) reclaim(n int64) bool {
	const tries, pause = 20, time.Millisecond
	runtime.GC()
	for range tries {
		if s.take(n) {
			return true
		}
		time.Sleep(pause)
	}
	return false
}

// spooled is a file and the room it takes up.
type spooled struct {
	file     *os.File
	bytes    int64
	room     *spools
	unlinked bool // it has no name, and is gone once it is closed
}

// close gives up the file.
func (s *spooled) close() {
	_ = s.file.Close()
	if !s.unlinked {
		_ = os.Remove(s.file.Name())
	}
	s.room.free.Add(s.bytes)
}

// spool is a body on disk, in a file without a name that only its owner may
// open. It is written once by one goroutine, then read by any number.
type spool struct {
	*spooled

	gone  runtime.Cleanup
	at    int64
	state atomic.Int32 // spoolFresh and so on
	given atomic.Int64 // bytes, to those who read
}

const (
	spoolFresh int32 = iota // nobody asked for it
	spoolHeld               // somebody reads it, nobody knows how long
	spoolGone
)

// Write appends to the body.
func (b *spool) Write(p []byte) (int, error) {
	n, err := b.file.WriteAt(p, b.at)
	b.at += int64(n)
	if err != nil {
		// Its name says nothing, but is not ours to tell either.
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = e.Err
		}
		return n, fmt.Errorf("spool the body: %w", err)
	}
	return n, nil
}

// spoolWriter writes a body as it passes by. Where the disk does not take it, the
// request is turned away like one for which there is no memory.
type spoolWriter struct {
	spool *spool
	lane  *lane
}

// Write appends to the body.
func (w *spoolWriter) Write(p []byte) (int, error) {
	n, err := w.spool.Write(p)
	if err != nil {
		shed := w.lane.shed(shedDisk, true)
		shed.cause = err
		return n, shed
	}
	return n, nil
}

// ReadAt reads from the body. Who sends it on finds every byte in place, and is
// seldom made to wait by a vendor near by: now and then others have to be let in,
// where all processors are at work.
func (b *spool) ReadAt(p []byte, off int64) (int, error) {
	if !b.Hold() {
		return 0, errSpoolGone
	}
	n, err := b.file.ReadAt(p, off)
	if given := b.given.Add(int64(n)); given/lookEvery != (given-int64(n))/lookEvery && b.room.network.Busy() {
		b.room.network.Take()
	}
	return n, err //nolint:wrapcheck // an io.EOF has to stay one
}

// Hold keeps the body for as long as something refers to it.
func (b *spool) Hold() bool {
	return b.state.CompareAndSwap(spoolFresh, spoolHeld) || b.state.Load() == spoolHeld
}

// drop gives up a body that nobody has asked for.
func (b *spool) drop() {
	if b.state.CompareAndSwap(spoolFresh, spoolGone) {
		b.gone.Stop()
		b.close()
	}
}
