package gate_test

import (
	"context"
	"errors"
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
