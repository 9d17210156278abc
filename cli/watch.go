package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/api/metrics"
)

const (
	// watchInterval is how often a file is looked at. It is read whole, and
	// compared: a mounted file that is swapped by a link changes neither its name
	// nor, always, its time.
	watchInterval = time.Second

	// maxWatched bounds such a file, in bytes. The largest that is of use is a
	// price file, of 4 MiB.
	maxWatched = 8 << 20
)

// watchedFile is a file whose content is in force, and that of a changed one
// from a moment after the change on. A bad one is kept out: what was in force
// stays so, which the log says once and a metric while it is so.
type watchedFile struct {
	name  string // of what it holds, for logs and metrics
	path  string
	log   *slog.Logger
	apply func(content []byte) error // puts a content in force, or leaves all as it was

	seen            [sha256.Size]byte // of the last content, good or bad
	loads, refusals atomic.Int64
	refused         atomic.Bool // the last content was bad

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// open puts the content in force and looks for changes from then on.
func (w *watchedFile) open() error {
	if _, err := w.look(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	w.done.Go(func() { w.watch(ctx) })
	return nil
}

// close stops looking for changes. A nil file has none.
func (w *watchedFile) close() {
	if w == nil {
		return
	}
	w.cancel()
	w.done.Wait()
}

// state is what metrics tell of the file.
func (w *watchedFile) state() metrics.File {
	return metrics.File{Name: w.name, Loads: w.loads.Load(), Refusals: w.refusals.Load(), Refused: w.refused.Load()}
}

// watch looks at the file until ctx ends.
func (w *watchedFile) watch(ctx context.Context) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := w.look()
		switch {
		case !changed:
		case err != nil:
			w.log.ErrorContext(ctx, "a changed file is bad; what was in force stays so", "file", w.name, "error", err)
		default:
			w.log.InfoContext(ctx, "a changed file is in force", "file", w.name)
		}
	}
}

// look puts the file's content in force, and reports whether it is another one
// than the last.
func (w *watchedFile) look() (changed bool, err error) {
	content, err := readFile(w.path)
	if err != nil {
		err = fmt.Errorf("read the file: %s", reasonOf(err))
		content = []byte(err.Error()) // so that it is told once, too
	}
	sum := sha256.Sum256(content)
	if sum == w.seen {
		return false, err
	}
	w.seen = sum
	if err == nil {
		err = w.apply(content)
	}
	w.refused.Store(err != nil)
	if err != nil {
		w.refusals.Add(1)
		return true, err
	}
	w.loads.Add(1)
	return true, nil
}

// readFile reads a file of at most maxWatched bytes.
func readFile(path string) (content []byte, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err = io.ReadAll(io.LimitReader(f, maxWatched+1))
	if err == nil && len(content) > maxWatched {
		err = fmt.Errorf("it has more than %d bytes", maxWatched)
	}
	return content, err
}
