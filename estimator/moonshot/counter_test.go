package moonshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/local"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/pricing"
)

// real returns the local counter over the real vocabulary.
func real(t *testing.T) estimator.Counter {
	t.Helper()
	tok, err := tokenizer.Open(kimidata.File(t, tokenizer.FileName))
	require.NoError(t, err)
	return local.NewTokenizer(tok)
}

// scan reads a chat request as the service does.
func scan(t *testing.T, body string) *chat.Request {
	t.Helper()
	req, err := chat.Scan(strings.NewReader(body), chat.Options{Keep: true})
	require.NoError(t, err)
	return req
}

// model is a record of the catalogue, as far as counting reads it.
func model(id, family string) *pricing.Model {
	m := &pricing.Model{ID: id, Family: family}
	if family == "kimi-k2.5" || family == "kimi-k2.6" {
		m.Params.Thinking = pricing.ThinkingOptional
	}
	return m
}

// seenBy returns the total that an endpoint with such a coverage gives, by a
// local count of what it looks at.
func seenBy(covers fakevendor.Covers, by estimator.Counter, family string) func(string, []byte) int64 {
	return func(id string, body []byte) int64 {
		req, err := chat.Scan(bytes.NewReader(body), chat.Options{})
		if err != nil {
			return -1
		}
		seen := *req
		seen.Messages = nil
		for _, m := range req.Messages {
			if covers.NoToolCalls {
				m = m.WithToolCalls(nil)
			}
			if covers.NoReasoning {
				m = m.WithReasoningContent("")
			}
			if !covers.NoToolRole || m.Role != "tool" {
				seen.Messages = append(seen.Messages, m)
			}
		}
		if !covers.Tools {
			seen.Tools = nil
		}
		n, err := by.Count(context.Background(), &seen, model(id, family))
		if err != nil {
			return -1
		}
		for _, p := range n.Parts {
			if p.Part == estimator.PartGenerationPrompt && !covers.GenerationPrompt {
				n.Tokens -= p.Tokens
			}
		}
		return n.Tokens
	}
}

// newCounter returns a counter that asks v.
func newCounter(t *testing.T, v *fakevendor.Running, by estimator.Counter, now func() time.Time) *moonshot.Counter {
	t.Helper()
	o := options(v)
	o.AttemptTimeout = 5 * time.Second
	o.TotalTimeout = 10 * time.Second
	c, err := moonshot.NewCounter(moonshot.CounterOptions{Client: newClient(t, o), Local: by, Now: now})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

const (
	plain = `{"model":%q,"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Why is the sky blue?"}]}`
	quiet = `{"model":%q,"thinking":{"type":"disabled"},"messages":[{"role":"user","content":"Why is the sky blue?"}]}`
	tools = `{"model":%q,"messages":[{"role":"user","content":"Weather in Berlin?"}],` + declared + `}`
	loop  = `{"model":%q,"messages":[{"role":"user","content":"Weather in Berlin?"},` +
		`{"role":"assistant","content":"Let me look.","tool_calls":[{"id":"functions.weather:0","type":"function",` +
		`"function":{"name":"weather","arguments":"{\"city\":\"Berlin\"}"}}]},` +
		`{"role":"tool","tool_call_id":"functions.weather:0","content":"12 degrees, rain from the west"},` +
		`{"role":"assistant","content":"","reasoning_content":"and tomorrow","tool_calls":[{"id":"functions.weather:1","type":"function",` +
		`"function":{"name":"weather","arguments":"{\"city\":\"Berlin\",\"day\":1}"}}]},` +
		`{"role":"tool","tool_call_id":"functions.weather:1","content":"14 degrees"}],` + declared + `}`
	prefilled = `{"model":%q,"messages":[{"role":"user","content":"Count to three."},{"role":"assistant","content":"one, ","partial":true}]}`

	declared = `"tools":[{"type":"function","function":{"name":"weather","description":"The weather of a city",` +
		`"parameters":{"type":"object","properties":{"city":{"type":"string","description":"its name"},"day":{"type":"integer"}},"required":["city"]}}}]`
)

func TestTheEstimateIsExactWhateverTheVendorsNumberCovers(t *testing.T) {
	t.Parallel()
	for _, vocabulary := range []struct {
		name string
		make func(*testing.T) estimator.Counter
	}{
		{"toy vocabulary", func(*testing.T) estimator.Counter { return toy{} }},
		{"real vocabulary", real},
	} {
		t.Run(vocabulary.name, func(t *testing.T) {
			t.Parallel()
			by := vocabulary.make(t)
			for _, family := range []string{"kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code", "kimi-k2"} {
				for i := range 8 {
					covers := fakevendor.Covers{GenerationPrompt: i&1 != 0, Tools: i&2 != 0, NoToolRole: i&4 != 0}
					t.Run(fmt.Sprintf("%s/%+v", family, covers), func(t *testing.T) {
						t.Parallel()
						exactInAll(t, by, family, covers)
					})
				}
			}
		})
	}
}

func exactInAll(t *testing.T, by estimator.Counter, family string, covers fakevendor.Covers) {
	t.Helper()
	v := fakevendor.Start(t, fakevendor.Options{
		Models: []string{"m"}, Covers: covers, Count: seenBy(covers, by, family),
	})
	c := newCounter(t, v, by, time.Now)
	requests := []string{plain, tools, loop, plain}
	if family == "kimi-k2.5" || family == "kimi-k2.6" {
		requests = append(requests, quiet)
	}
	for _, body := range requests {
		req := scan(t, fmt.Sprintf(body, "m"))
		want, err := by.Count(t.Context(), req, model("m", family))
		require.NoError(t, err)
		got, err := c.Count(t.Context(), req, model("m", family))
		require.NoError(t, err)
		require.Equal(t, want.Tokens, got.Tokens, "%s: %+v", body, got)
		require.Equal(t, [2]int64{want.Tokens, want.Tokens}, [2]int64{got.Low, got.High}, "%s: %+v", body, got)
		require.Empty(t, got.Gaps)
		var sum int64
		for _, p := range got.Parts {
			sum += p.Tokens
		}
		require.Equal(t, got.Tokens, sum)
	}
	probes := v.Estimates() - len(requests)
	require.LessOrEqual(t, probes, 4)
	require.Equal(t, 3, probes, "one a question")
}

func TestAPrefilledAnswerIsBounded(t *testing.T) {
	t.Parallel()
	by := toy{}
	for _, gp := range []bool{false, true} {
		covers := fakevendor.Covers{GenerationPrompt: gp}
		v := fakevendor.Start(t, fakevendor.Options{Models: []string{"m"}, Count: func(m string, body []byte) int64 {
			// An endpoint that does not know partial.
			return seenBy(covers, by, "kimi-k2.5")(m, bytes.ReplaceAll(body, []byte(`,"partial":true`), nil))
		}})
		req := scan(t, fmt.Sprintf(prefilled, "m"))
		want, err := by.Count(t.Context(), req, model("m", "kimi-k2.5"))
		require.NoError(t, err)
		got, err := newCounter(t, v, by, time.Now).Count(t.Context(), req, model("m", "kimi-k2.5"))
		require.NoError(t, err)
		require.LessOrEqual(t, got.Low, want.Tokens)
		require.GreaterOrEqual(t, got.High, want.Tokens)
	}
}

func TestTokensNoTemplateExplainsWidenTheBounds(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Models: []string{"m"}, Count: func(m string, body []byte) int64 {
		return 7 + seenBy(fakevendor.Covers{GenerationPrompt: true}, toy{}, "kimi-k2.5")(m, body)
	}})
	req := scan(t, fmt.Sprintf(plain, "m"))
	want, err := toy{}.Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	got, err := newCounter(t, v, toy{}, time.Now).Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, [3]int64{want.Tokens, want.Tokens + 7, want.Tokens + 7}, [3]int64{got.Low, got.Tokens, got.High})
}

func TestToolsCountedInAnUnknownWayWidenTheBounds(t *testing.T) {
	t.Parallel()
	covers := fakevendor.Covers{Tools: true}
	v := fakevendor.Start(t, fakevendor.Options{Models: []string{"m"}, Count: func(m string, body []byte) int64 {
		n := seenBy(covers, toy{}, "kimi-k2.5")(m, body)
		if bytes.Contains(body, []byte(`"tools"`)) {
			n -= 3 // in another notation
		}
		return n
	}})
	req := scan(t, fmt.Sprintf(tools, "m"))
	want, err := toy{}.Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	got, err := newCounter(t, v, toy{}, time.Now).Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, want.Tokens-3, got.Tokens)
	require.GreaterOrEqual(t, got.High, want.Tokens)
	require.Equal(t, "/tools", got.Gaps[0].Pointer)
}

func TestThePartMarkedVendorIsTheVendorsOwnNumber(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	c := newCounter(t, v, toy{}, time.Now)
	got, err := c.Count(t.Context(), scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, estimator.Count{
		Method: estimator.MethodMixed, Tokens: 9, Low: 9, High: 9,
		Parts: []estimator.PartCount{
			{Part: estimator.PartMessages, Tokens: 5, Method: estimator.MethodVendor},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		},
	}, got)

	v.Set(func(o *fakevendor.Options) { o.Covers.GenerationPrompt = true })
	got, err = newCounter(t, v, toy{}, time.Now).
		Count(t.Context(), scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, estimator.Count{
		Method: estimator.MethodVendor, Tokens: 9, Low: 9, High: 9,
		Parts: []estimator.PartCount{{Part: estimator.PartMessages, Tokens: 9, Method: estimator.MethodVendor}},
	}, got)
}

func TestWhatTheEndpointCanNotCountIsRefusedRatherThanGuessed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		covers fakevendor.Covers
	}{
		{"tool messages are a 400", fakevendor.Covers{RefuseToolRole: true}},
		{"tool calls are not counted", fakevendor.Covers{NoToolCalls: true}},
		{"reasoning is not counted", fakevendor.Covers{NoReasoning: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			by := toy{}
			v := fakevendor.Start(t, fakevendor.Options{
				Models: []string{"m"}, Covers: tt.covers, Count: seenBy(tt.covers, by, "kimi-k2.5"),
			})
			c := newCounter(t, v, by, time.Now)
			_, err := c.Count(t.Context(), scan(t, fmt.Sprintf(loop, "m")), model("m", "kimi-k2.5"))
			e, ok := errors.AsType[*moonshot.Error](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, moonshot.KindUnsupported, e.Kind)

			got, err := c.Count(t.Context(), scan(t, fmt.Sprintf(plain, "m")), model("m", "kimi-k2.5"))
			require.NoError(t, err, "requests of another sort are counted")
			require.Equal(t, got.Low, got.High)
		})
	}
}

func TestToolsThatTheEndpointRefusesAreCountedHere(t *testing.T) {
	t.Parallel()
	by := toy{}
	covers := fakevendor.Covers{RefuseTools: true}
	v := fakevendor.Start(t, fakevendor.Options{Models: []string{"m"}, Covers: covers, Count: seenBy(covers, by, "kimi-k2.5")})
	req := scan(t, fmt.Sprintf(tools, "m"))
	want, err := by.Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	got, err := newCounter(t, v, by, time.Now).Count(t.Context(), req, model("m", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, [3]int64{want.Tokens, want.Tokens, want.Tokens}, [3]int64{got.Low, got.Tokens, got.High})
}

// untaught is a local counter that knows no template.
type untaught struct{ toy }

func (untaught) Count(context.Context, *chat.Request, *pricing.Model) (estimator.Count, error) {
	return estimator.Count{}, errors.New("no template")
}

func TestAModelWithoutATemplateIsBoundedAndSaysSo(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	c := newCounter(t, v, untaught{}, time.Now)
	for body, gaps := range map[string]int{plain: 1, tools: 2} {
		req := scan(t, fmt.Sprintf(body, "kimi-k3"))
		got, err := c.Count(t.Context(), req, model("kimi-k3", "kimi-k3"))
		require.NoError(t, err)
		require.Greater(t, got.High, got.Tokens)
		require.LessOrEqual(t, got.Low, got.Tokens)
		require.Positive(t, got.Low)
		require.Len(t, got.Gaps, gaps)
		for i := range req.Tools {
			require.Greater(t, got.High, got.Low+int64(len(req.Tools[i].JSON)/2))
		}
	}
}

func TestAnInexactLocalCounterMakesBoundsThatHold(t *testing.T) {
	t.Parallel()
	for _, family := range []string{"kimi-k2.5", "kimi-k2"} {
		for i := range 4 {
			covers := fakevendor.Covers{GenerationPrompt: i&1 != 0, NoToolRole: i&2 != 0}
			v := fakevendor.Start(t, fakevendor.Options{
				Models: []string{"m"}, Covers: covers, Count: seenBy(covers, toy{}, family),
			})
			c := newCounter(t, v, toy{slack: 3}, time.Now)
			for _, body := range []string{plain, tools, loop} {
				req := scan(t, fmt.Sprintf(body, "m"))
				want, err := toy{}.Count(t.Context(), req, model("m", family))
				require.NoError(t, err)
				got, err := c.Count(t.Context(), req, model("m", family))
				require.NoError(t, err)
				require.LessOrEqual(t, got.Low, want.Tokens)
				require.GreaterOrEqual(t, got.High, want.Tokens)
				require.LessOrEqual(t, got.High-got.Low, int64(24), "the bounds are those of what was added")
			}
		}
	}
}

func TestARequestWithoutItsBodyIsUnsupported(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	c := newCounter(t, v, toy{}, time.Now)
	req, err := chat.Scan(strings.NewReader(string(hello())), chat.Options{})
	require.NoError(t, err)
	_, err = c.Count(t.Context(), req, model("kimi-k2.5", "kimi-k2.5"))
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, moonshot.KindUnsupported, e.Kind)
}
