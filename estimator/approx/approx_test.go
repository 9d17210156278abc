package approx_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/estimator/approx"
	"tollgate/estimator/tokenizer/pieces"
)

// known is a text with the number of tokens the real vocabulary makes of it,
// control tokens counted as such.
type known struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Tokens int64  `json:"tokens"`
}

func knownTexts(t testing.TB) []known {
	t.Helper()
	raw, err := os.ReadFile("testdata/texts.json")
	require.NoError(t, err)
	var texts []known
	require.NoError(t, json.Unmarshal(raw, &texts))
	require.NotEmpty(t, texts)
	return texts
}

func newCounter(t testing.TB) *approx.Counter {
	t.Helper()
	c, err := approx.New()
	require.NoError(t, err)
	return c
}

func TestTheTableIsSmallAndTheOneTheVersionNames(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("table.bin")
	require.NoError(t, err)
	require.LessOrEqual(t, len(raw), 256<<10)
	sum := sha256.Sum256(raw)
	require.Equal(t, fmt.Sprintf("table-%x", sum[:6]), approx.Version)
}

func TestBoundsHoldTheTruth(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, k := range knownTexts(t) {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			low, tokens, high := c.Bounds(c.Tally(k.Text, true))
			require.LessOrEqual(t, low, k.Tokens, "estimate %d", tokens)
			require.GreaterOrEqual(t, high, k.Tokens, "estimate %d", tokens)
		})
	}
}

func TestBoundsOfManyTextsTogetherAreNarrow(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	var sum approx.Tally
	var truth int64
	for _, k := range knownTexts(t) {
		sum.Add(c.Tally(k.Text, true))
		truth += k.Tokens
	}
	low, tokens, high := c.Bounds(sum)
	require.LessOrEqual(t, low, truth)
	require.GreaterOrEqual(t, high, truth)
	require.InEpsilon(t, truth, tokens, 0.03)
	require.Less(t, float64(high-low), 0.35*float64(truth))
}

func TestOrdinaryTextsAreEstimatedWithinAFewPerCent(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	var off float64
	n := 0
	for _, k := range knownTexts(t) {
		if k.Tokens < 20 {
			continue
		}
		_, tokens, _ := c.Bounds(c.Tally(k.Text, true))
		off += math.Abs(float64(tokens-k.Tokens)) / float64(k.Tokens)
		n++
	}
	require.Greater(t, n, 30)
	require.Less(t, off/float64(n), 0.05, "mean error of texts of a few lines")
}

func TestFloorAndCeilingBoundAnyText(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~\n]{0,80}`),
			rapid.StringMatching(`\p{Han}{0,40}|\p{Hiragana}{0,40}|\p{Cyrillic}{0,40}`)).Draw(t, "text")
		tally := c.Tally(text, rapid.Bool().Draw(t, "specials"))
		require.LessOrEqual(t, tally.Floor, tally.Ceil)
		require.LessOrEqual(t, tally.Ceil, int64(len(text)))
		low, tokens, high := c.Bounds(tally)
		require.True(t, tally.Floor <= low && low <= tokens && tokens <= high && high <= tally.Ceil,
			"%d <= %d <= %d <= %d <= %d", tally.Floor, low, tokens, high, tally.Ceil)
	})
}

func TestNoTextIsNoTokens(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	require.Zero(t, c.Tally("", true))
	low, tokens, high := c.Bounds(approx.Tally{})
	require.Zero(t, low)
	require.Zero(t, tokens)
	require.Zero(t, high)
}

func TestAControlTokenIsOneTokenWhenAskedFor(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	require.Equal(t, approx.Tally{Tokens: 1, Floor: 1, Ceil: 1}, c.Tally("<|im_end|>", true))
	require.Greater(t, c.Tally("<|im_end|>", false).Tokens, 2.0)

	whole := c.Tally("before<|im_end|> after", true)
	parts := c.Tally("before", true)
	parts.Add(approx.Tally{Tokens: 1, Floor: 1, Ceil: 1})
	parts.Add(c.Tally(" after", true))
	require.Equal(t, parts, whole)
}

func TestControlTokensAreThoseOfTheFamily(t *testing.T) {
	t.Parallel()
	k3, err := approx.NewFamily(pieces.K3)
	require.NoError(t, err)
	require.InDelta(t, 1, k3.Tally("<|end_of_msg|>", true).Tokens, 0)
	require.Greater(t, newCounter(t).Tally("<|end_of_msg|>", true).Tokens, 2.0)
}

func TestTextThatIsNotUTF8IsBounded(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	text := "caf\xe9 \xff\xfe\x80"
	require.False(t, utf8.ValidString(text))
	tally := c.Tally(text, true)
	require.Positive(t, tally.Floor)
	require.LessOrEqual(t, tally.Ceil, int64(len(text)))
}

func TestALongRunIsEstimatedInProportionToAShortOne(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, unit := range []string{"a", "是", "Б", " ", "!", "é", "\U0001F680"} {
		short := c.Tally(strings.Repeat(unit, 1_000), false)
		tally := c.Tally(strings.Repeat(unit, 100_000), false)
		require.InEpsilon(t, 100*short.Tokens+1, tally.Tokens+1, 0.3, "of %q", unit)
	}
}

func TestCountersAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	texts := knownTexts(t)
	want := make([]approx.Tally, len(texts))
	for i, k := range texts {
		want[i] = c.Tally(k.Text, true)
	}
	got := make([][]approx.Tally, 4)
	var wg sync.WaitGroup
	for g := range got {
		wg.Go(func() {
			for _, k := range texts {
				got[g] = append(got[g], c.Tally(k.Text, true))
			}
		})
	}
	wg.Wait()
	for _, tallies := range got {
		require.Equal(t, want, tallies)
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	c := newCounter(t)
	text := ""
	for _, k := range knownTexts(t) {
		text += k.Text + "\n"
	}
	require.Zero(t, testing.AllocsPerRun(20, func() { c.Bounds(c.Tally(text, true)) }))
}

func BenchmarkTally(b *testing.B) {
	c := newCounter(b)
	texts := make(map[string]string)
	for _, k := range knownTexts(b) {
		texts[k.Name] = k.Text
	}
	for _, name := range []string{"english prose", "go", "chinese prose", "russian", "base64"} {
		text := strings.Repeat(texts[name]+"\n", 1+100_000/len(texts[name]))
		b.Run("text="+strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if c.Tally(text, true).Tokens == 0 {
					b.Fatal("no tokens")
				}
			}
		})
	}
}

func BenchmarkReadTheTable(b *testing.B) {
	for b.Loop() {
		require.NoError(b, approx.ReadTable())
	}
}
