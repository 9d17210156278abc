package api

import (
	"time"

	"tollgate/pricing"
)

// ModelPrice is what a model costs in one currency during one period. Rates
// are decimal strings per million tokens.
type ModelPrice struct {
	Currency       string      `json:"currency" enums:"CNY,USD" example:"CNY"`
	Tiers          []PriceTier `json:"tiers"`
	CacheWrite5m   *string     `json:"cache_write_5m_per_million" format:"decimal" example:"20" extensions:"x-nullable"`
	CacheWrite1h   *string     `json:"cache_write_1h_per_million" format:"decimal" example:"40" extensions:"x-nullable"`
	EffectiveFrom  string      `json:"effective_from" format:"date" example:"2026-01-27"`
	EffectiveUntil *string     `json:"effective_until" format:"date" example:"2026-08-31" extensions:"x-nullable"` // first day no longer in force
	Source         string      `json:"source" example:"https://platform.kimi.com/docs/pricing/chat"`
	Checked        string      `json:"checked" format:"date" example:"2026-11-22"`
	Note           string      `json:"note" example:""`
} //@name ModelPrice

// PriceTier is the rates for requests up to a length.
type PriceTier struct {
	UpToTokens     *int64 `json:"up_to_tokens" example:"8192" extensions:"x-nullable"` // prompt and completion, inclusive; null: any length
	InputCacheHit  string `json:"input_cache_hit_per_million" format:"decimal" example:"0.7"`
	InputCacheMiss string `json:"input_cache_miss_per_million" format:"decimal" example:"4"`
	Output         string `json:"output_per_million" format:"decimal" example:"21"`
} //@name PriceTier

// Fee is a charge per call beside the tokens.
type Fee struct {
	Item     string `json:"item" example:"web_search"`
	Currency string `json:"currency" enums:"CNY,USD" example:"CNY"`
	PerCall  string `json:"per_call" format:"decimal" example:"0.03"`
	Source   string `json:"source" example:"https://platform.kimi.com/docs/pricing/tools"`
	Checked  string `json:"checked" format:"date" example:"2026-11-22"`
	Note     string `json:"note" example:""`
} //@name Fee

// PriceTable is the price table in force.
type PriceTable struct {
	Object  string        `json:"object" enums:"price_table" example:"price_table"`
	Hash    string        `json:"hash" example:"sha256:0b6f1c..."`            // of the table's content
	Checked string        `json:"checked" format:"date" example:"2026-11-22"` // newest day on which a price was read
	Data    []PricedModel `json:"data"`
} //@name PriceTable

// PricedModel is the prices of one model.
type PricedModel struct {
	Model       string       `json:"model" example:"kimi-k2.5"`
	Prices      []ModelPrice `json:"prices"`
	BatchFactor *string      `json:"batch_factor" format:"decimal" example:"0.6" extensions:"x-nullable"` // share of the list price
	Fees        []Fee        `json:"fees"`
} //@name PricedModel

func newModelPrices(prices []pricing.Price) []ModelPrice {
	out := make([]ModelPrice, 0, len(prices))
	for i := range prices {
		p := &prices[i]
		out = append(out, ModelPrice{
			Currency:       string(p.Currency),
			Tiers:          newTiers(p.Tiers),
			CacheWrite5m:   rate(p.CacheWrite5m),
			CacheWrite1h:   rate(p.CacheWrite1h),
			EffectiveFrom:  p.EffectiveFrom.Format(time.DateOnly),
			EffectiveUntil: day(p.EffectiveUntil),
			Source:         p.Source,
			Checked:        p.Checked.Format(time.DateOnly),
			Note:           p.Note,
		})
	}
	return out
}

func newTiers(tiers []pricing.Tier) []PriceTier {
	out := make([]PriceTier, 0, len(tiers))
	for _, t := range tiers {
		out = append(out, PriceTier{
			UpToTokens:     orNull(t.UpTo),
			InputCacheHit:  t.InputCacheHit.String(),
			InputCacheMiss: t.InputCacheMiss.String(),
			Output:         t.Output.String(),
		})
	}
	return out
}

func newFees(fees []pricing.Fee) []Fee {
	out := make([]Fee, 0, len(fees))
	for i := range fees {
		f := &fees[i]
		out = append(out, Fee{
			Item:     f.Item,
			Currency: string(f.Currency),
			PerCall:  f.PerCall.String(),
			Source:   f.Source,
			Checked:  f.Checked.Format(time.DateOnly),
			Note:     f.Note,
		})
	}
	return out
}

func newPriceTable(b *pricing.Book) PriceTable {
	models := b.Models()
	table := PriceTable{
		Object:  "price_table",
		Hash:    b.Hash(),
		Checked: b.Checked().Format(time.DateOnly),
		Data:    make([]PricedModel, 0, len(models)),
	}
	for _, m := range models {
		table.Data = append(table.Data, PricedModel{
			Model:       m.ID,
			Prices:      newModelPrices(m.Prices),
			BatchFactor: orNull(m.BatchFactor),
			Fees:        newFees(m.Fees),
		})
	}
	return table
}

// rate is r as a decimal, nil when it is not known.
func rate(r *pricing.Rate) *string {
	if r == nil {
		return nil
	}
	return new(r.String())
}
