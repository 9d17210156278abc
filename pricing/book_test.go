package pricing_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/pricing"
)

// day returns a moment within a day.
func day(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.DateOnly, s)
	require.NoError(tb, err)
	return at.Add(15 * time.Hour)
}

func TestModelIsFoundByIDAndListedAliasOnly(t *testing.T) {
	t.Parallel()
	b := book(t)
	for name, id := range map[string]string{
		"kimi-k2.5":              "kimi-k2.5",
		"Kimi-K2.5":              "kimi-k2.5",
		"moonshot/kimi-k2.5":     "kimi-k2.5",
		"moonshotai/kimi-k2.5":   "kimi-k2.5",
		"kimi-k2-0905-Preview":   "kimi-k2-0905-preview",
		"kimi-k2-0711-preview":   "kimi-k2-0711-preview",
		"moonshotai/Kimi-K3":     "kimi-k3",
		"kimi-k2-turbo":          "kimi-k2-turbo-preview",
		"moonshot-v1-8K":         "moonshot-v1-8k",
		"kimi-k3.1-pro":          "kimi-k3.1-pro",
		"moonshot/kimi-k3.1-pro": "kimi-k3.1-pro",
	} {
		m, err := b.Model(name)
		require.NoError(t, err, name)
		require.Equal(t, id, m.ID)
	}
	for _, name := range []string{"", " kimi-k2.5", "kimi-k2.5 ", "KIMI-K2.5", "kimi-k2", "kimi-k2.5-turbo", "openrouter/kimi-k2.5", "gpt-4o"} {
		m, err := b.Model(name)
		require.ErrorIs(t, err, pricing.ErrUnknownModel, "%q", name)
		require.Nil(t, m, "there is no default model")
	}
}

func TestUnknownModelNamesTheNearest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, id, want string
	}{
		{"a dot left out", "kimi-k25", `unknown model: did you mean "kimi-k2.5", "kimi-k2.6" or "kimi-k3"?`},
		{"a letter doubled", "kimi-latestt", `unknown model: did you mean "kimi-latest"?`},
		{"capitals", "KIMI-K3.1-PRO", `unknown model: did you mean "kimi-k3.1-pro"?`},
		{"an alias misspelt stands for its model", "moonshotai/kimi-latst", `unknown model: did you mean "kimi-latest"?`},
		{"another vendor's", "claude-3-opus", "unknown model: nothing in the catalogue is spelt like it"},
		{"nothing", "", "unknown model: nothing in the catalogue is spelt like it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := book(t).Model(tt.id)
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestUnknownModelKeepsLittleOfTheCallersText(t *testing.T) {
	t.Parallel()
	_, err := book(t).Model("secret\x1b[31m\n" + strings.Repeat("界", 1<<20))
	var unknown *pricing.UnknownModelError
	require.ErrorAs(t, err, &unknown)
	require.Len(t, []rune(unknown.ID), 64)
	require.NotContains(t, unknown.ID, "\x1b")
	require.NotContains(t, unknown.ID, "\n")
	require.NotContains(t, err.Error(), "secret")
}

func TestPriceIsThatOfTheDayAndCurrency(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, tt := range []struct {
		model, at         string
		currency          pricing.Currency
		hit, miss, output string
	}{
		{"kimi-k2.5", "2026-01-27", "CNY", "0.7", "4", "21"},
		{"kimi-k2.5", "2026-11-22", "CNY", "0.7", "4", "21"},
		{"kimi-k2.5", "2026-03-26", "USD", "0.1", "0.6", "3"},
		{"kimi-k2.6", "2026-11-22", "CNY", "1.1", "6.5", "27"},
		{"kimi-k2.6", "2026-11-22", "USD", "0.16", "0.95", "4"},
		{"kimi-k2.7-code", "2026-11-22", "USD", "0.19", "0.95", "4"},
		{"kimi-k2.7-code-highspeed", "2026-11-22", "CNY", "2.6", "13", "54"},
		{"kimi-k3", "2026-08-01", "USD", "0.3", "3", "15"},
		{"kimi-k3", "2026-11-22", "CNY", "2", "20", "100"},
		{"kimi-k3.1-pro", "2026-11-22", "USD", "0.2", "2", "10"},
		{"kimi-k3.1-pro-highspeed", "2026-11-22", "USD", "0.2", "4", "20"},
		{"kimi-k2-0905-preview", "2026-01-01", "CNY", "1", "4", "16"},
		{"kimi-k2-0711-preview", "2026-01-01", "USD", "0.15", "0.6", "2.5"},
		{"kimi-k2-turbo-preview", "2025-11-05", "USD", "0.6", "2.4", "10"},
		{"kimi-k2-turbo-preview", "2025-11-06", "USD", "0.15", "1.15", "8"},
		{"kimi-k2-turbo-preview", "2025-10-01", "CNY", "4", "16", "64"},
		{"kimi-k2-thinking", "2026-01-01", "CNY", "1", "4", "16"},
		{"kimi-k2-thinking-turbo", "2026-01-01", "USD", "0.15", "1.15", "8"},
		{"kimi-thinking-preview", "2025-10-01", "USD", "30", "30", "30"},
		{"kimi-thinking-preview", "2025-10-01", "CNY", "200", "200", "200"},
		{"moonshot-v1-128k", "2025-04-06", "CNY", "60", "60", "60"},
		{"moonshot-v1-128k", "2025-04-07", "CNY", "10", "10", "30"},
		{"moonshot-v1-32k-vision-preview", "2026-01-01", "USD", "1", "1", "3"},
		{"moonshot-v1-8k", "2026-01-01", "CNY", "2", "2", "10"},
	} {
		t.Run(tt.model+" "+tt.at+" "+string(tt.currency), func(t *testing.T) {
			t.Parallel()
			m, err := b.Model(tt.model)
			require.NoError(t, err)
			p, err := b.Price(m, tt.currency, day(t, tt.at))
			require.NoError(t, err)
			require.Equal(t, tt.currency, p.Currency)
			r := p.Rates(1000)
			require.Equal(t, []string{tt.hit, tt.miss, tt.output},
				[]string{r.InputCacheHit.String(), r.InputCacheMiss.String(), r.Output.String()})
		})
	}
}

func TestMissingPriceIsAnErrorThatSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, tt := range []struct {
		model, at string
		currency  pricing.Currency
		reason    pricing.NoPriceReason
		want      string
	}{
		{"kimi-k3.1-pro", "2026-11-22", "CNY", pricing.NoPriceCurrency, "no CNY price is known for kimi-k3.1-pro: known are prices in USD"},
		{"kimi-k3.1-pro-highspeed", "2026-11-22", "CNY", pricing.NoPriceCurrency, "no CNY price is known for kimi-k3.1-pro-highspeed: known are prices in USD"},
		{"kimi-k2.5", "2026-11-22", "EUR", pricing.NoPriceCurrency, "no EUR price is known for kimi-k2.5: known are prices in CNY and USD"},
		{"kimi-k2.5", "2026-01-26", "CNY", pricing.NoPriceTooEarly, "no CNY price is known for kimi-k2.5 on 2026-01-26: the first known one is in force from 2026-01-27"},
		{"moonshot-v1-8k", "2024-07-01", "CNY", pricing.NoPriceTooEarly, "no CNY price is known for moonshot-v1-8k on 2024-07-01: the first known one is in force from 2025-04-07"},
	} {
		t.Run(tt.model+" "+tt.at+" "+string(tt.currency), func(t *testing.T) {
			t.Parallel()
			m, err := b.Model(tt.model)
			require.NoError(t, err)
			p, err := b.Price(m, tt.currency, day(t, tt.at))
			require.ErrorIs(t, err, pricing.ErrNoPrice)
			require.EqualError(t, err, tt.want)
			require.Empty(t, p, "no number comes with the error")
			var missing *pricing.NoPriceError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, tt.reason, missing.Reason)
		})
	}
}

func TestDatesBetweenKnownPeriodsHaveNoPrice(t *testing.T) {
	t.Parallel()
	b := read(t, strings.ReplaceAll(good, "prices:\n", `prices:
  - currency: CNY
    effective_from: 2020-01-01
    effective_until: 2021-01-01
    input_cache_hit: "1"
    input_cache_miss: "2"
    output: "3"
    source: https://example.com/old
    checked: 2020-01-01
`))
	m, err := b.Model("m-1")
	require.NoError(t, err)
	_, err = b.Price(m, pricing.CNY, day(t, "2020-12-31"))
	require.NoError(t, err)
	_, err = b.Price(m, pricing.CNY, day(t, "2021-01-01"))
	require.EqualError(t, err, "no CNY price is known for m-1 on 2021-01-01: the date lies in no known period")
}

func TestPeriodsAreDaysInUTC(t *testing.T) {
	t.Parallel()
	b := book(t)
	m, err := b.Model("kimi-k2.5")
	require.NoError(t, err)
	beijing := time.FixedZone("UTC+8", 8*60*60)
	_, err = b.Price(m, pricing.CNY, time.Date(2026, 1, 27, 7, 59, 59, 0, beijing))
	require.ErrorIs(t, err, pricing.ErrNoPrice)
	_, err = b.Price(m, pricing.CNY, time.Date(2026, 1, 27, 8, 0, 0, 0, beijing))
	require.NoError(t, err)
}

func TestTierFollowsTheLengthOfTheRequest(t *testing.T) {
	t.Parallel()
	b := book(t)
	for _, id := range []string{"kimi-latest", "moonshot-v1-auto"} {
		m, err := b.Model(id)
		require.NoError(t, err)
		p, err := b.Price(m, pricing.USD, day(t, "2025-12-01"))
		require.NoError(t, err)
		for tokens, want := range map[int64]string{
			0: "0.2", 1: "0.2", 8192: "0.2", 8193: "1", 32768: "1", 32769: "2", 131072: "2", 131073: "2", 1 << 40: "2",
		} {
			r := p.Rates(tokens)
			require.Equal(t, want, r.InputCacheMiss.String(), "%s with %d tokens", id, tokens)
		}
	}
}

func TestBatchPriceIsSixtyPercentOfThreeRates(t *testing.T) {
	t.Parallel()
	b := book(t)
	for id, want := range map[string][3]string{
		"kimi-k2.5":      {"0.42", "2.4", "12.6"},
		"kimi-k2.6":      {"0.66", "3.9", "16.2"},
		"kimi-k2.7-code": {"0.78", "3.9", "16.2"},
	} {
		m, err := b.Model(id)
		require.NoError(t, err)
		p, err := b.Price(m, pricing.CNY, day(t, "2026-07-01"))
		require.NoError(t, err)
		batch, err := p.Batch(m.BatchFactor)
		require.NoError(t, err)
		r := batch.Rates(1)
		require.Equal(t, want, [3]string{r.InputCacheHit.String(), r.InputCacheMiss.String(), r.Output.String()}, id)
		require.NotEqual(t, p.Rates(1), r, "the list price is left alone")
	}
	m, err := b.Model("kimi-k3.1-pro")
	require.NoError(t, err)
	p, err := b.Price(m, pricing.USD, day(t, "2026-11-01"))
	require.NoError(t, err)
	require.NotNil(t, p.CacheWrite1h)
	batch, err := p.Batch("0.6")
	require.NoError(t, err)
	require.Nil(t, batch.CacheWrite5m)
	require.Nil(t, batch.CacheWrite1h)
	_, err = p.Batch("0.3333333")
	require.ErrorIs(t, err, pricing.ErrDecimal)
}

func TestCacheWriteRatesBeginWhenTheVendorBilledThem(t *testing.T) {
	t.Parallel()
	b := book(t)
	m, err := b.Model("kimi-k3")
	require.NoError(t, err)
	before, err := b.Price(m, pricing.USD, day(t, "2026-10-23"))
	require.NoError(t, err)
	require.Nil(t, before.CacheWrite5m)
	after, err := b.Price(m, pricing.USD, day(t, "2026-10-24"))
	require.NoError(t, err)
	require.Equal(t, "3", after.CacheWrite5m.String())
	require.Equal(t, "6", after.CacheWrite1h.String())
}

func TestRetiredIsAFirstDay(t *testing.T) {
	t.Parallel()
	m, err := book(t).Model("kimi-k2.5")
	require.NoError(t, err)
	require.False(t, m.RetiredAt(time.Date(2026, 8, 30, 23, 59, 59, 0, time.UTC)))
	require.True(t, m.RetiredAt(time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)))
	m, err = book(t).Model("kimi-k3")
	require.NoError(t, err)
	require.False(t, m.RetiredAt(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)))
}

func TestBookIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	b := book(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, m := range b.Models() {
				got, err := b.Model(m.ID)
				if err != nil || got != m {
					t.Errorf("%s: %v", m.ID, err)
				}
				_, _ = b.Price(m, pricing.USD, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
				_, _ = b.Model(m.ID + "x")
			}
		})
	}
	wg.Wait()
}

func TestModelsCannotBeReorderedFromOutside(t *testing.T) {
	t.Parallel()
	b := book(t)
	first := b.Models()[0]
	b.Models()[0] = nil
	require.Same(t, first, b.Models()[0])
}

func TestLookupAllocatesNothing(t *testing.T) {
	b := book(t)
	at := day(t, "2026-11-22")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		m, err := b.Model("moonshotai/kimi-k2.5")
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.Price(m, pricing.CNY, at)
		if err != nil || p.Rates(9).Output != 21_000_000 {
			t.Fatal(err)
		}
	}))
}

func BenchmarkLookup(b *testing.B) {
	prices := book(b)
	at := day(b, "2026-11-22")
	b.ReportAllocs()
	for b.Loop() {
		m, err := prices.Model("kimi-k2.5")
		if err != nil {
			b.Fatal(err)
		}
		p, err := prices.Price(m, pricing.CNY, at)
		if err != nil || p.Rates(9).Output != 21_000_000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pricing.Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnknown holds what a misspelt id costs: a caller can send many.
func BenchmarkUnknown(b *testing.B) {
	prices := book(b)
	for _, id := range []string{"gpt-4o", "kimi-k2.55", "kimi-k2.7-code-highspee", strings.Repeat("k", 64), strings.Repeat("k", 1<<20)} {
		b.Run(fmt.Sprintf("len=%d", len(id)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := prices.Model(id); err == nil {
					b.Fatal("it is unknown")
				}
			}
		})
	}
}
