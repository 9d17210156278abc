package pricing_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/pricing"
)

// lastReview is the newest day on which anyone read a price for the embedded
// table. A change that adds a newer reading moves it. It is a constant so that
// the test says the same on every machine.
const lastReview = "2026-11-22"

// templates are the families that the rest of the program can tell apart.
var templates = []string{
	"kimi-k2", "kimi-k2-thinking", "kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code", "kimi-k3", "kimi-vl", "moonshot-v1",
}

// TestEveryRecordKeepsEveryRule ranges over all records and holds each against
// what a reviewer would ask of it. It repeats on purpose what the loader
// refuses: the loader could be wrong.
func TestEveryRecordKeepsEveryRule(t *testing.T) {
	t.Parallel()
	b := book(t)
	names := make(map[string]string)
	for _, m := range b.Models() {
		for _, name := range append([]string{m.ID}, m.Aliases...) {
			require.Empty(t, names[name], "%q means %s and %s", name, names[name], m.ID)
			names[name] = m.ID
			got, err := b.Model(name)
			require.NoError(t, err)
			require.Same(t, m, got)
		}
	}
	for _, m := range b.Models() {
		t.Run(m.ID, func(t *testing.T) {
			t.Parallel()
			require.FileExists(t, filepath.Join("data", m.ID+".yaml"), "a record's file is named by its id")
			require.Regexp(t, `^[a-z0-9.-]+$`, m.ID)
			require.Contains(t, templates, m.Family)
			require.NotEmpty(t, m.Notes)
			checkModelSizes(t, m)
			checkModelLife(t, m, names)
			checkModelParams(t, m)
			checkModelAliases(t, m)
			for _, p := range m.Prices {
				checkModelPrice(t, m, p)
			}
			checkModelFees(t, m)
			require.NotEmpty(t, m.Sources)
			covers := ""
			for _, s := range m.Sources {
				checkReading(t, s.URL, s.Checked)
				covers += s.Covers + " "
			}
			require.Contains(t, covers, "context")
			require.Equal(t, m.Params.N != nil, strings.Contains(covers, "parameters"))
			require.Contains(t, covers, "limits")
			require.Equal(t, !m.Released.IsZero(), strings.Contains(covers, "released"))
			require.Equal(t, !m.Retired.IsZero(), strings.Contains(covers, "retired"))
		})
	}
}

func checkModelSizes(t *testing.T, m *pricing.Model) {
	t.Helper()
	require.Contains(t, []int64{8192, 32768, 131072, 262144, 1048576}, m.ContextLength)
	require.Positive(t, m.DefaultMaxCompletion)
	require.Less(t, m.DefaultMaxCompletion, m.ContextLength, "the default must leave room for a prompt")
}

func checkModelLife(t *testing.T, m *pricing.Model, names map[string]string) {
	t.Helper()
	if !m.Retired.IsZero() {
		require.True(t, m.Retired.After(m.Released))
		requireNotLater(t, m.Retired)
	}
	requireNotLater(t, m.Released)
	if m.Successor != "" {
		require.Equal(t, m.Successor, names[m.Successor])
		require.False(t, m.Retired.IsZero())
	}
}

func checkModelParams(t *testing.T, m *pricing.Model) {
	t.Helper()
	p := m.Params
	require.Equal(t, 128, p.MaxTools)
	require.Equal(t, 5, p.MaxStop)
	require.Equal(t, 32, p.MaxStopBytes)
	require.EqualValues(t, 100_000_000, p.MaxBodyBytes)
	require.Equal(t, m.SupportsReasoning, p.Thinking != pricing.ThinkingNone)
	if m.SupportsImageIn {
		require.Equal(t, []string{"png", "jpeg", "webp", "gif"}, p.ImageFormats)
		require.Equal(t, [2]int{4096, 2160}, [2]int{p.MaxImageWidth, p.MaxImageHeight})
	}
	if m.SupportsVideoIn {
		require.Len(t, p.VideoFormats, 9)
		require.Equal(t, [2]int{2048, 1080}, [2]int{p.MaxVideoWidth, p.MaxVideoHeight})
	}
	for _, typ := range p.ThinkingTypes {
		require.Contains(t, []string{"enabled", "disabled"}, typ)
	}
	for _, choice := range p.ToolChoice {
		require.Contains(t, []string{"auto", "none", "required", "specified"}, choice)
	}
}

func checkModelAliases(t *testing.T, m *pricing.Model) {
	t.Helper()
	require.Contains(t, m.Aliases, "moonshot/"+m.ID)
	require.Contains(t, m.Aliases, "moonshotai/"+m.ID)
	prefix := regexp.MustCompile(`^(moonshot|moonshotai)/`)
	for _, a := range m.Aliases {
		bare := strings.ToLower(prefix.ReplaceAllString(a, ""))
		require.True(t, strings.HasPrefix(m.ID, bare), "alias %q is another spelling of %s, not another model", a, m.ID)
	}
}

func checkModelPrice(t *testing.T, m *pricing.Model, p pricing.Price) {
	t.Helper()
	checkReading(t, p.Source, p.Checked)
	require.NotEmpty(t, p.Note, "where the figure comes from in words")
	require.False(t, p.EffectiveFrom.IsZero())
	require.False(t, p.EffectiveFrom.Before(m.Released), "no price before there was a model")
	requireNotLater(t, p.EffectiveFrom)
	if !p.EffectiveUntil.IsZero() {
		require.True(t, p.EffectiveUntil.After(p.EffectiveFrom))
	}
	for _, r := range p.Tiers {
		require.Positive(t, r.InputCacheHit)
		require.Positive(t, r.Output)
		require.GreaterOrEqual(t, r.Output, r.InputCacheMiss)
		if m.ContextCache {
			require.Less(t, r.InputCacheHit, r.InputCacheMiss)
		} else {
			require.Equal(t, r.InputCacheHit, r.InputCacheMiss)
		}
		// No list price is above 1,000 a million: one of these would be a slip
		// of the decimal point.
		require.Less(t, r.Output, pricing.Rate(1_000_000_000))
	}
	if p.CacheWrite5m != nil {
		require.Equal(t, p.Tiers[0].InputCacheMiss, *p.CacheWrite5m, "5 minutes cost the input price once")
		require.Equal(t, 2*p.Tiers[0].InputCacheMiss, *p.CacheWrite1h, "an hour costs it twice")
	}
}

func checkModelFees(t *testing.T, m *pricing.Model) {
	t.Helper()
	for _, f := range m.Fees {
		require.Equal(t, "web_search", f.Item)
		require.Equal(t, map[pricing.Currency]string{"CNY": "0.03", "USD": "0.005"}[f.Currency], f.PerCall.String())
		checkReading(t, f.Source, f.Checked)
		require.NotEmpty(t, f.Note)
	}
}

func checkReading(t *testing.T, source string, checked time.Time) {
	t.Helper()
	u, err := url.Parse(source)
	require.NoError(t, err)
	require.Equal(t, "https", u.Scheme, source)
	require.Contains(t, u.Host, ".", source)
	require.False(t, checked.IsZero())
	requireNotLater(t, checked)
}

func requireNotLater(t *testing.T, d time.Time) {
	t.Helper()
	last, err := time.Parse(time.DateOnly, lastReview)
	require.NoError(t, err)
	require.False(t, d.After(last), "%s is in the future of the table", d)
}

func TestEveryFileHoldsOneRecordNamedByIt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("data/*")
	require.NoError(t, err)
	require.Len(t, files, len(book(t).Models()))
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		b, err := pricing.Read(name, strings.NewReader(strings.ReplaceAll(string(text), "successor: kimi-k2.6\n", "")))
		require.NoError(t, err)
		require.Len(t, b.Models(), 1)
		require.Equal(t, b.Models()[0].ID+".yaml", filepath.Base(name))
	}
}

func TestLifeCycleIsThatOfTheVendor(t *testing.T) {
	t.Parallel()
	b := book(t)
	for id, want := range map[string][2]string{
		"kimi-k2.5":              {"2026-08-31", "kimi-k2.6"},
		"moonshot-v1-auto":       {"2026-08-31", "kimi-k2.6"},
		"kimi-k2-thinking-turbo": {"2026-05-25", "kimi-k2.6"},
		"kimi-thinking-preview":  {"2025-11-11", ""},
		"kimi-latest":            {"2026-01-28", "kimi-k2.6"},
		"kimi-k2.6":              {"0001-01-01", ""},
		"kimi-k3.1-pro":          {"0001-01-01", ""},
	} {
		m, err := b.Model(id)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{m.Retired.Format(time.DateOnly), m.Successor}, id)
	}
}

func TestBatchFactorIsThatOfThreeModels(t *testing.T) {
	t.Parallel()
	for _, m := range book(t).Models() {
		switch m.ID {
		case "kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code":
			require.Equal(t, "0.6", m.BatchFactor)
		default:
			require.Empty(t, m.BatchFactor, m.ID)
		}
	}
}
