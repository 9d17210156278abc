package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"tollgate/api"
	"tollgate/gate/term"
	"tollgate/pricing"
)

// modelsCmd is tollgate models.
type modelsCmd struct {
	Currency string `placeholder:"CODE" help:"CNY or USD; that of the vendor's platform if not given."`
	JSON     bool   `name:"json" help:"Print what GET /v1/models answers."`
}

// Run prints the catalogue with the prices of today.
func (cmd modelsCmd) Run(p *Process, set *settings) error {
	c, err := set.config(p)
	if err != nil {
		return usageError(fmt.Errorf("the configuration is wrong:\n%w", err))
	}
	if cmd.Currency != "" {
		if c.Currency, err = pricing.ParseCurrency(cmd.Currency); err != nil {
			return usageError(err)
		}
	}
	prices, err := loadPrices(c.Prices, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer prices.close()
	if cmd.JSON {
		return printModelsJSON(p, prices)
	}
	return printModels(p, prices.book(), c.Currency, time.Now())
}

// printModelsJSON prints the catalogue as the service answers it.
func printModelsJSON(p *Process, prices *priceTable) error {
	h := api.New(api.Options{Book: prices.book, Now: time.Now})
	r, err := http.NewRequest(http.MethodGet, "/v1/models", nil) //nolint:noctx // nobody can cancel it
	if err != nil {
		return fmt.Errorf("list the models: %w", err)
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(a, r)
	if a.status != http.StatusOK || !json.Valid(a.Bytes()) {
		return fmt.Errorf("list the models: answered %d", a.status)
	}
	if _, err = p.Stdout.Write(a.Bytes()); err != nil {
		return fmt.Errorf("print the models: %w", err)
	}
	return nil
}

// printModels prints the catalogue as a table.
func printModels(p *Process, book *pricing.Book, currency pricing.Currency, now time.Time) error {
	t := term.NewTable(term.Left, term.Right, term.Right, term.Right, term.Right, term.Left)
	c := string(currency) + "/M "
	t.Header("MODEL", "WINDOW", c+"HIT", c+"MISS", c+"OUTPUT", "LIFE")
	for _, m := range book.Models() {
		hit, miss, output := "unknown", "unknown", "unknown"
		if price, err := book.Price(m, currency, now); err == nil {
			// The longest tier: what any request that fits may cost.
			tier := price.Rates(m.ContextLength)
			hit, miss, output = tier.InputCacheHit.String(), tier.InputCacheMiss.String(), tier.Output.String()
		}
		t.Row(m.ID, term.Number(m.ContextLength), hit, miss, output, life(m, m.RetiredAt(now)))
	}
	if _, err := io.WriteString(p.Stdout, t.String()); err != nil {
		return fmt.Errorf("print the models: %w", err)
	}
	return nil
}

// life says how a model lives, and what follows it.
func life(m *pricing.Model, retired bool) string {
	text, use := "live", ", then use "
	switch {
	case retired:
		text, use = "retired "+m.Retired.Format(time.DateOnly), ", use "
	case !m.Retired.IsZero():
		text = "live until " + m.Retired.Format(time.DateOnly)
	}
	if m.Successor == "" || m.Retired.IsZero() {
		return text
	}
	return text + use + m.Successor
}
