package gate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/gate"
)

func TestACaseWithoutABaselineIsNewAndPasses(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("calls: 10\n"), "a.json": chatOf(t, "user", "Hello")})
	found := r.report()
	c := only(t, found)
	require.Equal(t, gate.Pass, found.Outcome)
	require.Equal(t, gate.New, c.State)
	require.Nil(t, c.Before)
	require.Positive(t, c.Now.PromptTokens)
	require.Equal(t, estimator.MethodApproximation, c.Now.Method)
	total, err := c.Now.Cost.High.Mul(10)
	require.NoError(t, err)
	require.Equal(t, total, *c.Now.Total.High)
	require.Equal(t, total, *found.Totals.Cost.High)
	require.Equal(t, 0, found.Outcome.ExitCode())
}

func TestAPromptThatDidNotChangeIsUnchanged(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase(), "a.json": chatOf(t, "user", "Hello")})
	require.True(t, r.update().Updated)
	first := r.baseline()

	r.write("a.json", strings.ReplaceAll(chatOf(t, "user", "Hello"), "\n", "\n "))
	found := r.report()
	require.Equal(t, gate.Unchanged, only(t, found).State, "white space is no change")
	require.Nil(t, only(t, found).Break)
	require.Equal(t, "0", found.Totals.Change.String())

	r.update()
	require.Equal(t, first, r.baseline(), "a baseline of the same prompts is the same file")
}

func TestGrowthIsHeldInTokensAndInMoney(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Please be thorough. ", 40)
	for _, tt := range []struct {
		name   string
		limit  string
		now    string
		config string
		want   []string
	}{
		{"it did not grow", "0%", long, "", nil},
		{"it grew by less than is allowed", "90%", long + long[:400], "", nil},
		{"it grew by more", "10%", long + long, "", []string{"growth_over_limit", "growth_over_limit"}},
		{"it shrank", "0%", long[:400], "", nil},
		{"only the output grew", "10%", long, "completion_tokens: 4000\n", []string{"growth_over_limit"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			limits := "limits: {max_growth: \"" + tt.limit + "\"}\n"
			r := newRepo(t, map[string]string{
				"tollgate.yaml": oneCase(limits, "completion_tokens: 100\n"), "a.json": chatOf(t, "user", long),
			})
			r.update()
			r.write("a.json", chatOf(t, "user", tt.now))
			if tt.config != "" {
				r.write("tollgate.yaml", oneCase(limits, tt.config))
			}
			found := r.report()
			require.Equal(t, tt.want, codes(only(t, found).Reasons))
			want := gate.Pass
			if tt.want != nil {
				want = gate.Fail
			}
			require.Equal(t, want, found.Outcome)
		})
	}
}

func TestGrowthIsAcceptedByWritingTheBaseline(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("limits: {max_growth: 1%}\n"), "a.json": chatOf(t, "user", "Hello")})
	r.update()
	r.write("a.json", chatOf(t, "user", strings.Repeat("Hello again. ", 50)))
	require.Equal(t, gate.Fail, r.report().Outcome)
	accepted := r.update()
	require.Equal(t, gate.Pass, accepted.Outcome)
	require.Positive(t, only(t, accepted).Change.Tokens, "and what was accepted is told")
	require.Equal(t, gate.Unchanged, only(t, r.report()).State)
}

func TestTheCausesOfAChangeAddUpToIt(t *testing.T) {
	t.Parallel()
	before := oneCase("completion_tokens: 100\n", "cached_share: 0.5\n", "basis: expected\n")
	for _, tt := range []struct {
		name, config, request string
		causes                []string // that are not zero
	}{
		{"the prompt", before, chatOf(t, "user", strings.Repeat("Be thorough. ", 50)), []string{"prompt"}},
		{"the expected output", strings.Replace(before, "100", "200", 1), "", []string{"assumptions"}},
		{"the cached share", strings.Replace(before, "0.5", "0.9", 1), "", []string{"assumptions"}},
		{"the day's price", "at: 2026-02-01\n" + before, "", nil},
		{"the model", before, strings.Replace(chatOf(t, "user", strings.Repeat("Be kind. ", 30)), "k2.6", "k2.5", 1), []string{"model"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml": before, "a.json": chatOf(t, "user", strings.Repeat("Be kind. ", 30)),
			})
			r.update()
			r.write("tollgate.yaml", tt.config)
			if tt.request != "" {
				r.write("a.json", tt.request)
			}
			c := only(t, r.report())
			if tt.causes == nil {
				require.Nil(t, c.Change.Cost, "there was no price yet, which is not zero")
				require.Contains(t, codes(c.Reasons), "price_unknown")
				return
			}
			causes := c.Change.Causes
			var sum int64
			var moved []string
			for _, part := range []struct {
				name   string
				amount int64
			}{
				{"prompt", int64(*causes.Prompt)},
				{"assumptions", int64(*causes.Assumptions)},
				{"model", int64(*causes.Model)},
				{"price", int64(*causes.Price)},
				{"method", int64(*causes.Method)},
			} {
				sum += part.amount
				if part.amount != 0 {
					moved = append(moved, part.name)
				}
			}
			require.Equal(t, tt.causes, moved)
			require.Equal(t, int64(*c.Change.Cost), sum)
		})
	}
}

func TestAPriceChangeIsToldApartFromAPromptChange(t *testing.T) {
	t.Parallel()
	// Its price in USD was cut in November 2025.
	request := strings.Replace(chatOf(t, "user", strings.Repeat("Be kind. ", 30)), "kimi-k2.6", "kimi-k2-turbo-preview", 1)
	r := newRepo(t, map[string]string{"tollgate.yaml": "currency: USD\nat: 2025-10-01\n" + oneCase("completion_tokens: 100\n"), "a.json": request})
	r.update()
	r.write("tollgate.yaml", "currency: USD\nat: 2025-12-01\n"+oneCase("completion_tokens: 100\n"))
	c := only(t, r.report())
	require.Equal(t, *c.Change.Cost, *c.Change.Causes.Price)
	require.NotZero(t, *c.Change.Causes.Price)
	require.Zero(t, *c.Change.Causes.Prompt)
	require.Equal(t, gate.Changed, c.State)
}

func TestARenamedCaseIsRecognisedByItsContent(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase(), "a.json": chatOf(t, "user", "Hello")})
	r.update()
	r.write("b.json", chatOf(t, "user", "Hello"))
	r.write("tollgate.yaml", strings.ReplaceAll(strings.ReplaceAll(oneCase(), "id: a", "id: b"), "a.json", "b.json"))
	found := r.report()
	c := only(t, found)
	require.Equal(t, "a", c.From)
	require.Equal(t, gate.Unchanged, c.State)
	require.Empty(t, found.Removed)
}

func TestARemovedCaseIsNamed(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": oneCase() + "  - {id: b, request: b.json}\n",
		"a.json":        chatOf(t, "user", "Hello"), "b.json": chatOf(t, "user", "Good bye"),
	})
	r.update()
	r.write("tollgate.yaml", oneCase())
	found := r.report()
	require.Len(t, found.Removed, 1)
	require.Equal(t, "b", found.Removed[0].ID)
	require.Negative(t, *found.Totals.Change, "what is gone is no longer paid for")
}

func TestAnotherWayOfCountingIsNeverComparedInSilence(t *testing.T) {
	t.Parallel()
	exact := counterOf{method: estimator.MethodTokenizer, low: 100, prom: 100, high: 100}
	for _, tt := range []struct {
		name    string
		now     counterOf
		content string
		want    gate.Outcome
		reasons []string
	}{
		{"the same prompt", counterOf{method: estimator.MethodApproximation, low: 80, prom: 130, high: 140}, "Hello", gate.Warn, nil},
		{
			"another prompt, within what is allowed whatever it is",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 95, high: 105},
			"Hallo", gate.Warn, nil,
		},
		{
			"another prompt, above what is allowed whatever it is",
			counterOf{method: estimator.MethodApproximation, low: 120, prom: 130, high: 140},
			"Hallo", gate.Fail,
			[]string{"growth_over_limit"},
		},
		{
			"another prompt, and nobody knows",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 105, high: 140},
			"Hallo", gate.Unmeasured,
			[]string{"growth_unknown"},
		},
		{
			"another prompt without a bound",
			counterOf{method: estimator.MethodApproximation, low: 90, prom: 105, high: estimator.Unbounded},
			"Hallo", gate.Fail,
			[]string{"count_incomplete", "growth_unknown"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml": oneCase("limits: {max_growth: 10%}\n"), "a.json": chatOf(t, "user", "Hello"),
			})
			r.opts.Estimator, r.opts.Version = exact, func(m estimator.Method) string { return "v-" + string(m) }
			r.update()
			r.opts.Estimator = tt.now
			r.write("a.json", chatOf(t, "user", tt.content))
			found := r.report()
			c := only(t, found)
			require.Equal(t, tt.want, found.Outcome)
			require.Equal(t, tt.reasons, codes(c.Reasons))
			require.True(t, c.Change.MethodChanged)
			notes := fmt.Sprint(c.Notes)
			require.Contains(t, notes, "method_changed")
			if tt.content == "Hello" {
				require.Zero(t, *c.Change.TokensPrompt, "the prompt is the same: it did not grow")
				require.EqualValues(t, 30, *c.Change.TokensMethod)
			} else {
				require.Nil(t, c.Change.TokensPrompt)
			}
		})
	}
}

func TestWhatCannotBeMeasuredFailsClosed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, config, request string
		err                   error
		want                  gate.Outcome
		reasons               []string
		code                  int
	}{
		{name: "no JSON", request: "{\n\"model\":", want: gate.Fail, reasons: []string{"request_unreadable"}, code: 1},
		{
			name: "an unknown model", request: `{"model":"kimi-k9","messages":[{"role":"user","content":"x"}]}`,
			want: gate.Unmeasured, reasons: []string{"model_unknown"}, code: 3,
		},
		{
			name: "no price in the currency", config: "currency: CNY\n" + oneCase(),
			request: `{"model":"kimi-k3.1-pro","messages":[{"role":"user","content":"x"}]}`,
			want:    gate.Fail, reasons: []string{"price_unknown"}, code: 1,
		},
		{
			name:    "a video that nobody can look into",
			request: `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"video_url","video_url":{"url":"ms://x"}}]}]}`,
			want:    gate.Fail, reasons: []string{"count_incomplete"}, code: 1,
		},
		{
			name: "more cached than there is", config: oneCase("cached_tokens: 1000\n"), request: chatOf(t, "user", "Hello"),
			want: gate.Fail, reasons: []string{"assumptions_invalid"}, code: 1,
		},
		{
			name: "what the vendor would refuse", request: `{"model":"kimi-k2.6","messages":[{"role":"user","content":"x"}],"temperature":0.3}`,
			want: gate.Fail, reasons: []string{"request_invalid"}, code: 1,
		},
		{
			name: "the vendor is down", request: chatOf(t, "user", "Hello"), err: &estimator.VendorError{Detail: "it is down"},
			want: gate.Unmeasured, reasons: []string{"count_unavailable"}, code: 3,
		},
		{
			name: "the server is down", request: chatOf(t, "user", "Hello"), err: &gate.RemoteError{Detail: "no answer"},
			want: gate.Unmeasured, reasons: []string{"count_unavailable"}, code: 3,
		},
		{
			name: "something else", request: chatOf(t, "user", "Hello"), err: errors.New("a secret"),
			want: gate.Unmeasured, reasons: []string{"count_unavailable"}, code: 3,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := tt.config
			if config == "" {
				config = oneCase()
			}
			r := newRepo(t, map[string]string{"tollgate.yaml": config + "limits: {max_total_cost: 100}\n", "a.json": tt.request})
			if strings.Contains(tt.request, "k3.1") {
				r.opts.Now = func() time.Time { return june.AddDate(0, 5, 0) }
			}
			if tt.err != nil {
				r.opts.Estimator = counterOf{err: tt.err}
			}
			found := r.report()
			c := only(t, found)
			require.Equal(t, tt.want, c.Outcome, "%+v", c.Reasons)
			require.Equal(t, tt.reasons, codes(c.Reasons))
			require.Equal(t, tt.code, found.Outcome.ExitCode())
			require.NotEmpty(t, c.Reasons[0].Message)
			require.NotContains(t, c.Reasons[0].Message, "secret")
			if c.Now == nil || c.Now.Cost.High == nil {
				require.Equal(t, []string{"total_cost_unknown"}, codes(found.Reasons))
			}
			require.NotEmpty(t, c.Reasons[0].Fix)
		})
	}
}

func TestLimitsAreHeldAndOverriddenByTheCase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, config string
		want         []string
	}{
		{"none", oneCase(), nil},
		{"of all", oneCase() + "limits: {max_prompt_tokens: 1}\n", []string{"prompt_over_limit"}},
		{"of the case over all", oneCase("limits: {max_prompt_tokens: 1000}\n") + "limits: {max_prompt_tokens: 1}\n", nil},
		{"cost", oneCase("limits: {max_cost: 0.000001}\n"), []string{"cost_over_budget"}},
		{"cost on the low basis, which has no output", oneCase("basis: low\n", "limits: {max_cost: \"0.001\"}\n"), nil},
		{"headroom", oneCase("limits: {min_headroom: 262144}\n"), []string{"headroom_under_limit"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{"tollgate.yaml": tt.config, "a.json": chatOf(t, "user", "Hello")})
			require.Equal(t, tt.want, codes(only(t, r.report()).Reasons))
		})
	}
}

func TestTheTotalOfAllCallsIsHeld(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limit string
		want  []string
	}{{"1000", nil}, {"0.5", []string{"total_cost_over_budget"}}} {
		r := newRepo(t, map[string]string{
			"tollgate.yaml": oneCase("calls: 100\n", "completion_tokens: 500\n") + "limits: {max_total_cost: \"" + tt.limit + "\"}\n",
			"a.json":        chatOf(t, "user", "Hello"),
		})
		require.Equal(t, tt.want, codes(r.report().Reasons))
	}
}

func TestGrowthWithoutABaselineIsRefused(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("limits: {max_growth: 1%}\n"), "a.json": chatOf(t, "user", "Hello")})
	_, err := r.run()
	wrong, ok := errors.AsType[*gate.BaselineError](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, wrong.Error(), "--update-baseline")
	r.update()
	require.Equal(t, gate.Pass, r.report().Outcome)
}

func TestQuietIsWhatNobodyHasToLookAt(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("Be kind. ", 300)
	for _, tt := range []struct {
		name, now string
		want      bool
	}{
		{"nothing changed", text, true},
		{"a little", text + "Be. ", true},
		{"much", text + text, false},
	} {
		r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("completion_tokens: 10\n"), "a.json": chatOf(t, "user", text)})
		require.False(t, r.report().Quiet(10_000), "a new case is worth a look")
		r.update()
		r.write("a.json", chatOf(t, "user", tt.now))
		require.Equal(t, tt.want, r.report().Quiet(10_000), tt.name)
	}
}

func TestAGateThatIsStoppedSaysSo(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase(), "a.json": chatOf(t, "user", "Hello")})
	config, err := gate.LoadConfig(r.dir + "/tollgate.yaml")
	require.NoError(t, err)
	config.Currency = "CNY"
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opts := r.opts
	opts.Config = config
	_, err = gate.Run(ctx, opts)
	require.ErrorIs(t, err, context.Canceled)
}

func TestProgressCountsEveryCase(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": "version: 1\ncases:\n  - {id: a, request: a.jsonl}\n",
		"a.jsonl":       strings.Repeat(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`+"\n", 50),
	})
	var most atomic.Int64
	r.opts.Progress = func(done int) { most.Store(max(most.Load(), int64(done))) }
	require.Len(t, r.report().Cases, 50)
	require.EqualValues(t, 50, most.Load())
}
