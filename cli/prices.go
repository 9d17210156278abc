package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/estimator/prompt"
	"tollgate/pricing"
)

// priceInterval is how often a price file is looked at. It is read whole, and
// compared: a mounted file that is swapped by a link changes neither its name
// nor, always, its time.
const priceInterval = 2 * time.Second

// priceTable is the price table in force.
type priceTable struct {
	path  string
	log   *slog.Logger
	table atomic.Pointer[pricing.Book]
	seen  [sha256.Size]byte // of the file's content, good or bad

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// loadPrices returns the embedded table, or that of a price file, which is then
// read again whenever it changes.
func loadPrices(path string, log *slog.Logger) (*priceTable, error) {
	t := &priceTable{path: path, log: log, cancel: func() {}}
	if path == "" {
		book, err := pricing.Embedded()
		if err != nil {
			return nil, fmt.Errorf("read the embedded price table: %w", err)
		}
		t.table.Store(book)
		return t, nil
	}
	book, _, err := t.read()
	if err != nil {
		return nil, usageError(fmt.Errorf("TOLLGATE_PRICES: %w", err))
	}
	t.table.Store(book)
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	t.done.Go(func() { t.watch(ctx) })
	return t, nil
}

// book returns the table in force.
func (t *priceTable) book() *pricing.Book { return t.table.Load() }

// close stops looking for changes.
func (t *priceTable) close() {
	t.cancel()
	t.done.Wait()
}

// watch replaces the table when its file changes. A bad file leaves the old
// table in force, and says so once.
func (t *priceTable) watch(ctx context.Context) {
	tick := time.NewTicker(priceInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		book, changed, err := t.read()
		switch {
		case !changed:
		case err != nil:
			t.log.ErrorContext(ctx, "the price file is bad; the old table stays in force", "error", err, "table", t.book().Hash())
		default:
			t.table.Store(book)
			t.log.InfoContext(ctx, "price table replaced", "table", book.Hash())
		}
	}
}

// read reads the file, and whether it is another one than the last.
func (t *priceTable) read() (book *pricing.Book, changed bool, err error) {
	content, err := os.ReadFile(t.path)
	if err != nil {
		content = []byte(reasonOf(err)) // so that it is told once, too
	}
	sum := sha256.Sum256(content)
	changed = sum != t.seen
	t.seen = sum
	if err != nil {
		return nil, changed, fmt.Errorf("read the price file: %s", reasonOf(err))
	}
	if !changed {
		return nil, false, nil
	}
	if book, err = pricing.Read("prices", bytes.NewReader(content)); err != nil {
		return nil, true, fmt.Errorf("read the price file: %w", err)
	}
	for _, m := range book.Models() {
		if _, ok := prompt.For(m.Family); !ok {
			return nil, true, fmt.Errorf("price file: model %s: no prompt template is known for family %q", m.ID, m.Family)
		}
	}
	return book, true, nil
}
