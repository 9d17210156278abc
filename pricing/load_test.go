package pricing_test

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/pricing"
)

// good is a record that keeps every rule. Line 1 is its id.
const good = `id: m-1
aliases: [M-1]
family: f
context_length: 1000
default_max_completion: 100
context_cache: true
image_in: false
video_in: false
reasoning: false
params: {}
prices:
  - currency: CNY
    effective_from: 2026-01-01
    input_cache_hit: "1.00"
    input_cache_miss: "2.00"
    output: "3.00"
    source: https://example.com/prices
    checked: 2026-02-01
sources:
  - covers: context
    url: https://example.com/models
    checked: 2026-02-01
`

// table is read once: reading it takes longer than all the rest.
var table = sync.OnceValues(pricing.Embedded)

// book returns the embedded table.
func book(tb testing.TB) *pricing.Book {
	tb.Helper()
	b, err := table()
	require.NoError(tb, err)
	return b
}

// read returns the table of a price file.
func read(tb testing.TB, text string) *pricing.Book {
	tb.Helper()
	b, err := pricing.Read("prices.yaml", strings.NewReader(text))
	require.NoError(tb, err)
	return b
}

func TestGoodRecordIsRead(t *testing.T) {
	t.Parallel()
	b := read(t, good)
	m, err := b.Model("M-1")
	require.NoError(t, err)
	require.Equal(t, "m-1", m.ID)
	require.EqualValues(t, 1000, m.ContextLength)
	require.Equal(t, "2026-02-01", b.Checked().Format("2006-01-02"))
}

// TestBadRecordsAreNamed changes one thing of the good record a row.
func TestBadRecordsAreNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, old, new, want string
	}{
		{"unknown key", "family: f", "family: f\ncolour: red", `prices.yaml:4: m-1: record: unknown key "colour"`},
		{"unknown key of a price", `output: "3.00"`, `outptu: "3.00"`, `prices.yaml:16: m-1: price: unknown key "outptu"`},
		{"duplicate key", "family: f", "family: f\nfamily: g", `prices.yaml:4: m-1: record: key "family" is there twice`},
		{"duplicate key of a price", `    output: "3.00"`, "    output: \"3.00\"\n    output: \"4.00\"", `prices.yaml:17: m-1: price: key "output" is there twice`},
		{"missing key", "family: f\n", "", "prices.yaml:1: m-1: record: family is missing"},
		{"missing source", "    source: https://example.com/prices\n", "", "prices.yaml:12: m-1: price: source is missing"},
		{"missing date of reading", "    source: https://example.com/prices\n    checked: 2026-02-01\n", "    source: https://example.com/prices\n", "prices.yaml:12: m-1: price: checked is missing"},
		{"missing first day", "    effective_from: 2026-01-01\n", "", "prices.yaml:12: m-1: price: effective_from is missing"},
		{"missing output", "    output: \"3.00\"\n", "", "prices.yaml:12: m-1: price: output is missing"},
		{"missing miss", "    input_cache_miss: \"2.00\"\n", "", "prices.yaml:12: m-1: price: want input_cache_hit and input_cache_miss, or input alone"},
		{"a rate as a number", `"3.00"`, "3.00", `prices.yaml:16: m-1: want a decimal in quotes`},
		{"a rate as a whole number", `"3.00"`, "3", `prices.yaml:16: m-1: want a decimal in quotes`},
		{"not a number", `"3.00"`, `"NaN"`, "prices.yaml:16: m-1: rate: not a plain decimal"},
		{"not a number, bare", `"3.00"`, `.nan`, "prices.yaml:16: m-1: want a decimal in quotes"},
		{"negative", `"3.00"`, `"-3.00"`, "prices.yaml:16: m-1: rate: not a plain decimal"},
		{"exponent", `"3.00"`, `"3e0"`, "prices.yaml:16: m-1: rate: not a plain decimal"},
		{"too fine", `"3.00"`, `"3.0000001"`, "prices.yaml:16: m-1: rate: not a plain decimal: at most 6 decimals, got 7"},
		{"too large", `"3.00"`, `"99999999999999"`, "prices.yaml:16: m-1: rate: the sum of money is too large"},
		{"hit over miss", `"1.00"`, `"2.01"`, "prices.yaml:12: m-1: price: a cache hit costs more than a miss"},
		{"hit as dear as miss", `"1.00"`, `"2.00"`, "context_cache is true"},
		{"hit without a cache", "context_cache: true", "context_cache: false", "prices.yaml:12: m-1: price: hit and miss differ, but context_cache is false"},
		{"free without a word", `"3.00"`, `"0"`, "prices.yaml:12: m-1: price: a rate of 0 needs a note"},
		{"currency", "currency: CNY", "currency: RMB", `prices.yaml:12: m-1: unknown currency: use "CNY" or "USD"`},
		{"source without https", "https://example.com/prices", "http://example.com/prices", "prices.yaml:12: m-1: source: want an https URL"},
		{"source of the rest without https", "https://example.com/models", "example.com", "prices.yaml:20: m-1: source: want an https URL"},
		{"no date", "checked: 2026-02-01\nsources", "checked: yesterday\nsources", "prices.yaml:18: m-1: want a date such as 2026-01-27"},
		{"no such date", "effective_from: 2026-01-01", "effective_from: 2026-02-30", "prices.yaml:13: m-1: want a date such as 2026-01-27"},
		{"date with a time", "effective_from: 2026-01-01", "effective_from: 2026-01-01T00:00:00Z", "prices.yaml:13: m-1: want a date"},
		{"period of no days", "effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2026-01-01", "effective_until is not after effective_from"},
		{"no context", "context_length: 1000", "context_length: 0", "prices.yaml:4: m-1: want a whole number above 0, in plain digits"},
		{"context in hex", "context_length: 1000", "context_length: 0x400", "prices.yaml:4: m-1: want a whole number above 0"},
		{"context with underscores", "context_length: 1000", "context_length: 1_000", "prices.yaml:4: m-1: want a whole number above 0"},
		{"context as a text", "context_length: 1000", `context_length: "1000"`, "prices.yaml:4: m-1: want a whole number"},
		{"default output over the window", "default_max_completion: 100", "default_max_completion: 1001", "prices.yaml:1: m-1: default_max_completion is over context_length"},
		{"yes for true", "image_in: false", "image_in: no", "prices.yaml:7: m-1: want true or false"},
		{"id with a space", "id: m-1", "id: m 1", `prices.yaml:1: m 1: id or alias "m 1"`},
		{"empty alias", "[M-1]", `[""]`, "prices.yaml:2: m-1: an empty text"},
		{"alias twice", "[M-1]", "[M-1, M-1]", `prices.yaml:2: m-1: aliases: "M-1" is there twice`},
		{"alias that is the id", "[M-1]", "[m-1]", "prices.yaml:1: m-1: the id is an alias of itself"},
		{"no aliases", "[M-1]", "[]", "prices.yaml:2: m-1: aliases: want a list with one item or more"},
		{"null", "family: f", "family:", "prices.yaml:3: m-1: want a text"},
		{"anchor", "family: f", "family: &f f", "prices.yaml:3: m-1: anchors, aliases and tags are not allowed"},
		{"tag", "family: f", "family: !!str f", "prices.yaml:3: m-1: anchors, aliases and tags are not allowed"},
		{"merge", "family: f", "<<: {family: f}", `prices.yaml:3: m-1: record: unknown key "<<"`},
		{"retired before released", "family: f", "family: f\nreleased: 2026-02-01\nretired: 2026-02-01", "retired is not after released"},
		{"successor of a living model", "family: f", "family: f\nsuccessor: m-2", "successor: only of a retired model, and not itself"},
		{"successor nobody knows", "family: f", "family: f\nretired: 2026-02-01\nsuccessor: m-2", "successor m-2 is the id of no record"},
		{"batch factor over 1", "family: f", "family: f\nbatch_factor: \"1.1\"", "batch_factor: want a decimal above 0 and up to 1"},
		{"batch price that is not exact", "family: f", "family: f\nbatch_factor: \"0.0000001\"", "batch_factor: want a decimal"},
		{"parameter range upside down", "params: {}", `params: {n: {min: "5", max: "1"}}`, "prices.yaml:10: m-1: want a decimal in quotes, or a range"},
		{"parameter without a number", "params: {}", `params: {n: "one"}`, "prices.yaml:10: m-1: want a decimal in quotes, or a range"},
		{"thinking of a model that does not think", "params: {}", "params: {thinking: always}", "params: thinking is set for models with reasoning"},
		{"no such thinking", "params: {}", "params: {thinking: sometimes}", "params: thinking: want optional, always or unsent"},
		{"thinking that nobody can switch off", "reasoning: false\nparams: {}", "reasoning: true\nparams: {thinking: optional, thinking_types: [enabled]}", `thinking_types has no "disabled"`},
		{"formats of a model without vision", "params: {}", "params: {image_formats: [png]}", "image_formats and video_formats are for models that take them"},
		{"temperature without thinking of a model that always thinks", "reasoning: false\nparams: {}", "reasoning: true\nparams: {thinking: always, temperature_no_think: \"1\"}", "temperature_no_think: the model cannot stop to think"},
		{"room to think of a model that does not", "params: {}", "params: {min_thinking_tokens: 1}", "min_thinking_tokens of a model that does not think"},
		{"efforts known and not known", "params: {}", "params: {reasoning_effort: [low], reasoning_open: true}", "reasoning_open beside a list of values"},
		{"a limit of no size", "params: {}", "params: {max_tools: 0}", "prices.yaml:10: m-1: want a whole number above 0"},
		{"a limit of all sizes", "params: {}", "params: {max_tools: 1073741825}", "prices.yaml:10: m-1: a number above 2^30"},
		{"a limit beyond 64 bits", "params: {}", "params: {max_body_bytes: 9223372036854775808}", "prices.yaml:10: m-1: want a whole number"},
		{"capital TRUE", "image_in: false", "image_in: TRUE", "prices.yaml:7: m-1: want true or false"},
		{"a date as a list", "checked: 2026-02-01\nsources", "checked: [2026-02-01]\nsources", "prices.yaml:18: m-1: want a date"},
		{"prices as a text", "prices:\n", "prices: none\nx:\n", "prices.yaml:11: m-1: prices: want a list with one item or more"},
		{"a list with an anchor", "[M-1]", "&a [M-1]", "prices.yaml:2: m-1: anchors, aliases and tags are not allowed"},
		{"a record with an anchor", "id: m-1", "&a\nid: m-1", "anchors, aliases and tags are not allowed"},
		{"a fee as a number", "sources:\n", "fees:\n  - {item: web_search, currency: CNY, per_call: 0.03, source: https://example.com, checked: 2026-02-01}\nsources:\n", "prices.yaml:20: m-1: want a decimal in quotes"},
		{"a fee with a minus", "sources:\n", "fees:\n  - {item: web_search, currency: CNY, per_call: \"-1\", source: https://example.com, checked: 2026-02-01}\nsources:\n", "prices.yaml:20: m-1: amount: not a plain decimal"},
		{"a fee without https", "sources:\n", "fees:\n  - {item: web_search, currency: CNY, per_call: \"1\", source: ftp://example.com, checked: 2026-02-01}\nsources:\n", "prices.yaml:20: m-1: source: want an https URL"},
		{"an id of many letters", "id: m-1", "id: " + strings.Repeat("m", 65), "…"},
		{"rates beside tiers", `    output: "3.00"`, "    output: \"3.00\"\n    tiers:\n      - {up_to: 1000, input_cache_hit: \"1\", input_cache_miss: \"2\", output: \"3\"}", "price: rates beside tiers"},
		{"no document", good, "", "prices.yaml:1: no price record"},
		{"a list for a record", good, "- a\n- b\n", "prices.yaml:1: record: want keys with values"},
		{"empty document", good, good + "---\n", "record: want keys with values"},
		{"no YAML", good, "a: [1\nb", "yaml: line"},
		{"a note as long as a book", "family: f", "family: f\nnotes: [" + strings.Repeat("x", 5000) + "]", "a text of more than 4096 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, good, tt.old)
			_, err := pricing.Read("/etc/tollgate/prices.yaml", strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
			var bad *pricing.RecordError
			require.ErrorAs(t, err, &bad)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "/etc/tollgate", "only the name of the file is told")
		})
	}
}

func TestRulesBetweenValuesFarApart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change []string
		want   string
	}{
		"a batch price that is not exact": {
			[]string{"family: f", "family: f\nbatch_factor: \"0.5\"", `"3.00"`, `"3.000001"`},
			"batch price: rate 3.000001 times 0.5 has no exact value in millionths",
		},
		"a cache-write rate without a cache": {
			[]string{"context_cache: true", "context_cache: false", `"1.00"`, `"2.00"`, `output: "3.00"`, "output: \"3.00\"\n    cache_write_1h: \"4\""},
			"cache_write rates, but context_cache is false",
		},
		"a successor that is an alias": {
			[]string{"family: f", "family: f\nretired: 2026-02-01\nsuccessor: M-1"},
			"successor M-1 is the id of no record",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pricing.Read("p.yaml", strings.NewReader(strings.NewReplacer(tt.change...).Replace(good)))
			require.ErrorContains(t, err, tt.want)
		})
	}
	b := read(t, strings.NewReplacer(`"3.00"`, `"0"`, "    checked: 2026-02-01\nsources", "    checked: 2026-02-01\n    note: free\nsources").Replace(good))
	m, err := b.Model("m-1")
	require.NoError(t, err)
	require.Zero(t, m.Prices[0].Tiers[0].Output, "free is a price when a note says so")
}

func TestTiersMustGrowToTheWindow(t *testing.T) {
	t.Parallel()
	tiers := func(first, last string) string {
		return strings.Replace(good, `    input_cache_hit: "1.00"
    input_cache_miss: "2.00"
    output: "3.00"
`, `    tiers:
      - {up_to: `+first+`, input_cache_hit: "1", input_cache_miss: "2", output: "3"}
      - {up_to: `+last+`, input_cache_hit: "1", input_cache_miss: "2", output: "3"}
`, 1)
	}
	read(t, tiers("500", "1000"))
	for _, tt := range [][3]string{
		{"1000", "1000", "up_to does not grow"},
		{"500", "900", "up_to of the last one is not context_length"},
	} {
		_, err := pricing.Read("p.yaml", strings.NewReader(tiers(tt[0], tt[1])))
		require.ErrorContains(t, err, tt[2])
	}
}

func TestPeriodsOfOneCurrencyDoNotOverlap(t *testing.T) {
	t.Parallel()
	second := func(currency, from, until string) string {
		s := "  - currency: " + currency + "\n    effective_from: " + from + "\n"
		if until != "" {
			s += "    effective_until: " + until + "\n"
		}
		s += "    input_cache_hit: \"1\"\n    input_cache_miss: \"2\"\n    output: \"3\"\n    source: https://example.com\n    checked: 2026-02-01\n"
		return strings.Replace(good, "prices:\n", "prices:\n"+s, 1)
	}
	read(t, second("CNY", "2025-01-01", "2026-01-01"))
	read(t, second("USD", "2025-01-01", ""))
	for _, text := range []string{
		second("CNY", "2025-01-01", ""),
		second("CNY", "2025-01-01", "2026-01-02"),
		second("CNY", "2026-01-01", ""),
		second("CNY", "2027-01-01", "2028-01-01"),
	} {
		_, err := pricing.Read("p.yaml", strings.NewReader(text))
		require.ErrorContains(t, err, "price: the period overlaps with the one from")
	}
}

func TestEveryBadRecordIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := pricing.Load(
		fstest.MapFS{
			"a.yaml":      {Data: []byte(strings.Replace(good, `"3.00"`, `"-3"`, 1))},
			"b.yaml":      {Data: []byte(good)},
			"notes.txt":   {Data: []byte("not a record")},
			"sub/c.yaml":  {Data: []byte("not: read")},
			"broken.yaml": {Data: []byte("a: [")},
		},
		fstest.MapFS{"z.yaml": {Data: []byte(strings.Replace(good, "id: m-1", "id: m-2", 1))}},
	)
	var bad *pricing.RecordError
	require.ErrorAs(t, err, &bad)
	var where []string
	for _, p := range bad.Problems {
		where = append(where, p.File)
	}
	require.Equal(t, []string{"a.yaml", "b.yaml", "b.yaml", "broken.yaml", "z.yaml"}, where,
		"a rate, an id and an alias taken, no YAML, an alias taken")
	require.ErrorContains(t, err, "5 mistakes in price records:\n")
	require.ErrorContains(t, err, "z.yaml:1: m-2: id or alias M-1 is taken by m-1 in a.yaml")
}

func TestFileOverTheBoundIsRefused(t *testing.T) {
	t.Parallel()
	_, err := pricing.Read("p.yaml", io.MultiReader(strings.NewReader(good), strings.NewReader(strings.Repeat("# filler\n", 1<<19))))
	require.ErrorContains(t, err, "the file is over 4194304 bytes")
}

func TestFileThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	_, err := pricing.Read("p.yaml", io.MultiReader(strings.NewReader(good), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken, "half a file is no table")
	var bad *pricing.RecordError
	require.NotErrorAs(t, err, &bad)
}

func TestHashFollowsContentOnly(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("m-1", "m-2", "M-1", "M-2").Replace(good)
	want := read(t, good+"---\n"+other).Hash()
	require.Regexp(t, "^sha256:[0-9a-f]{64}$", want)
	require.Equal(t, want, read(t, "# comment\n"+other+"---\n"+good).Hash(), "order and comments")
	require.Equal(t, want, read(t, strings.Replace(good, `"3.00"`, `'3.0'`, 1)+"---\n"+other).Hash(), "spelling of a number")
	require.NotEqual(t, want, read(t, strings.Replace(good, `"3.00"`, `"3.01"`, 1)+"---\n"+other).Hash(), "a rate")
	require.NotEqual(t, want, read(t, good).Hash(), "a record less")
	require.NotEqual(t, want, read(t, strings.Replace(good, "[M-1]", "[M-1, M1]", 1)+"---\n"+other).Hash(), "an alias")
	again, err := pricing.Embedded()
	require.NoError(t, err)
	require.Equal(t, book(t).Hash(), again.Hash())
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add(good + "---\n" + good)
	f.Add("id: &a [*a]\n")
	f.Add("---\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := pricing.Read("p.yaml", strings.NewReader(text))
		if err != nil {
			require.Nil(t, b)
			return
		}
		for _, m := range b.Models() {
			require.NotEmpty(t, m.Prices)
			require.Positive(t, m.ContextLength)
			for _, p := range m.Prices {
				require.NotEmpty(t, p.Tiers)
				r := p.Rates(1)
				require.GreaterOrEqual(t, r.InputCacheMiss, r.InputCacheHit)
				require.GreaterOrEqual(t, r.InputCacheHit, pricing.Rate(0))
			}
		}
	})
}
