package pricing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Book is a price table. It never changes, and neither may what it returns, so
// it is safe for concurrent use. A new table is a new Book.
type Book struct {
	models  []*Model
	byName  map[string]*Model // ids and aliases
	hash    string
	checked time.Time
}

// newBook makes a book of models that keep every rule.
func newBook(models []*Model) (*Book, error) {
	b := &Book{models: slices.Clone(models), byName: make(map[string]*Model)}
	slices.SortFunc(b.models, func(x, y *Model) int { return strings.Compare(x.ID, y.ID) })
	for _, m := range b.models {
		b.byName[m.ID] = m
		for _, a := range m.Aliases {
			b.byName[a] = m
		}
		for i := range m.Prices {
			if day := m.Prices[i].Checked; day.After(b.checked) {
				b.checked = day
			}
		}
	}
	// JSON of structs has one form: no maps are in them, and times are days.
	canonical, err := json.Marshal(b.models)
	if err != nil {
		return nil, fmt.Errorf("hash the price table: %w", err)
	}
	sum := sha256.Sum256(canonical)
	b.hash = "sha256:" + hex.EncodeToString(sum[:])
	return b, nil
}

// Model returns the model whose id or listed alias is exactly id. Its error is
// an [*UnknownModelError], which is an [ErrUnknownModel].
func (b *Book) Model(id string) (*Model, error) {
	if m, ok := b.byName[id]; ok {
		return m, nil
	}
	return nil, b.unknown(id)
}

// Models returns all models in the order of their ids.
func (b *Book) Models() []*Model { return slices.Clone(b.models) }

// Hash returns "sha256:" and 64 hex digits that identify the table's content.
// Comments, layout, and the order of records do not change it.
func (b *Book) Hash() string { return b.hash }

// Checked returns the newest day on which a price of the table was read.
func (b *Book) Checked() time.Time { return b.checked }

// Price returns what m costs in currency c at a moment. Its error is a
// [*NoPriceError], which is an [ErrNoPrice].
func (b *Book) Price(m *Model, c Currency, at time.Time) (Price, error) {
	var first time.Time
	for i := range m.Prices {
		p := &m.Prices[i]
		if p.Currency != c {
			continue
		}
		if inForce(p, at) {
			return *p, nil
		}
		if first.IsZero() {
			first = p.EffectiveFrom // prices of one currency are oldest first
		}
	}
	missing := &NoPriceError{Model: m.ID, Currency: c, At: at}
	switch {
	case first.IsZero():
		missing.Reason, missing.Known = NoPriceCurrency, m.currencies()
	case at.Before(first):
		missing.Reason, missing.First = NoPriceTooEarly, first
	default:
		missing.Reason = NoPriceGap
	}
	return Price{}, missing
}

// inForce reports whether p applies at that moment.
func inForce(p *Price, at time.Time) bool {
	return !at.Before(p.EffectiveFrom) && (p.EffectiveUntil.IsZero() || at.Before(p.EffectiveUntil))
}

// names returns everything the model is asked for by.
func (m *Model) names() []string { return append([]string{m.ID}, m.Aliases...) }

// currencies returns the currencies that the model has prices in.
func (m *Model) currencies() []Currency {
	var known []Currency
	for i := range m.Prices {
		if c := m.Prices[i].Currency; !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	return known
}
