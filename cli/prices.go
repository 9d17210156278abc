package cli

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"

	"tollgate/estimator/prompt"
	"tollgate/pricing"
)

// priceTable is the price table in force.
type priceTable struct {
	table atomic.Pointer[pricing.Book]
	file  *watchedFile // nil: the embedded table
}

// loadPrices returns the embedded table, or that of a price file, which is then
// read again whenever it changes.
func loadPrices(path string, log *slog.Logger) (*priceTable, error) {
	t := &priceTable{}
	if path == "" {
		book, err := pricing.Embedded()
		if err != nil {
			return nil, fmt.Errorf("read the embedded price table: %w", err)
		}
		t.table.Store(book)
		return t, nil
	}
	t.file = &watchedFile{name: "prices", path: path, log: log}
	t.file.apply = func(content []byte) error {
		book, err := readPrices(filepath.Base(path), content)
		if err != nil {
			return err
		}
		t.table.Store(book)
		log.Info("price table in force", "table", book.Hash())
		return nil
	}
	if err := t.file.open(); err != nil {
		return nil, usageError(fmt.Errorf("TOLLGATE_PRICES: %w", err))
	}
	return t, nil
}

// book returns the table in force.
func (t *priceTable) book() *pricing.Book { return t.table.Load() }

// close stops looking for changes.
func (t *priceTable) close() { t.file.close() }

// readPrices reads the content of a price file, whose name stands in errors.
func readPrices(name string, content []byte) (*pricing.Book, error) {
	book, err := pricing.Read(name, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read the price file: %w", err)
	}
	for _, m := range book.Models() {
		if _, ok := prompt.For(m.Family); !ok {
			return nil, fmt.Errorf("price file: model %s: no prompt template is known for family %q", m.ID, m.Family)
		}
	}
	return book, nil
}
