package client_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api/client"
)

// budget is a budget of so much in CNY for 600 tokens of output.
func budget(maxCost client.Decimal) client.Query {
	return client.Query{MaxCost: maxCost, Currency: client.CNY, CompletionTokens: new(int64(600))}
}

// A call passes only with a clear yes, and every no says what it is.
func TestOnlyAClearYesPasses(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	limits := client.Query{MaxPromptTokens: new(int64(2)), MinHeadroom: new(int64(262144))}
	kinds := []error{client.ErrOverBudget, client.ErrUnknown, client.ErrInvalid, client.ErrUnavailable}
	for _, tt := range []struct {
		name   string
		body   string
		budget client.Query
		denied bool
		kinds  []error // all that it is
		says   string
		caps   bool
	}{
		{name: "within the budget", body: hello, budget: budget("1")},
		{name: "within the limits", body: hello, budget: client.Query{MaxPromptTokens: new(int64(200)), MinHeadroom: new(int64(1000))}},
		{name: "over it, with less output", body: hello, budget: budget("0.01"), denied: true, kinds: kinds[:1], caps: true, says: "it would be allowed"},
		{name: "over it, whatever the output", body: hello, budget: budget("0.00000001"), denied: true, kinds: kinds[:1], says: "budget"},
		{name: "over the limits", body: hello, budget: limits, denied: true, kinds: kinds[:1], says: "at most 2 are allowed"},
		{name: "no price", body: priceless, budget: budget("1"), denied: true, kinds: kinds[1:2], says: "price"},
		{name: "no count", body: pictured, budget: budget("1"), denied: true, kinds: kinds[1:2]},
		{name: "the vendor would refuse it", body: hot, budget: budget("1"), denied: true, kinds: kinds[2:3]},
		{name: "the vendor would refuse it, and over it", body: hot, budget: budget("0.01"), denied: true, kinds: []error{kinds[0], kinds[2]}},
		{name: "an unknown model", body: strings.Replace(hello, "k2.6", "k9", 1), budget: budget("1"), says: "unknown model"},
		{name: "no request", body: "{", budget: budget("1"), says: "tollgate answers 400"},
		{name: "an empty budget", body: hello, says: "the budget is empty"},
		{name: "money without a currency", body: hello, budget: client.Query{MaxCost: "1"}, says: "has no currency"},
		{name: "an unknown currency", body: hello, budget: client.Query{MaxCost: "1", Currency: "EUR"}, says: "currency"},
		{name: "an unknown basis", body: hello, budget: client.Query{MaxCost: "1", Currency: "CNY", Basis: "best"}, says: "basis"},
		{name: "money that is none", body: hello, budget: budget("cheap"), says: "max_cost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.budget.Enforce = true // makes no difference
			err := c.Check(t.Context(), []byte(tt.body), tt.budget)
			for _, kind := range kinds {
				require.Equal(t, slices.Contains(tt.kinds, kind), errors.Is(err, kind), "%v: %v", kind, err)
			}
			denied, ok := errors.AsType[*client.DeniedError](err)
			require.Equal(t, tt.denied, ok, "%v", err)
			if ok {
				require.NotNil(t, denied.Estimate)
				require.Equal(t, tt.caps, denied.Caps() != nil)
			}
			if tt.says == "" && !tt.denied {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// allowed is an answer that allows a call, with what a test puts in place.
func allowed(old, replacement string) string {
	const text = `{"object":"estimate","model":"kimi-k2.6","usage":{"prompt_tokens":9,"completion_tokens":600},
		"count":{"method":"tokenizer","low":9,"high":9},"context":{"length":262144},
		"cost":{"currency":"CNY","expected":"0.01","low":"0.001","high":"0.02"},"verdict":{"decision":"allow","reasons":[]}}`
	return strings.Replace(text, old, replacement, 1)
}

// A service that is broken, of another version, or another one altogether does
// not make a no of the client's own arithmetic a yes.
func TestAYesThatIsNoneIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, old, replacement string
		budget                 client.Query
	}{
		{name: "over the budget", old: `"high":"0.02"`, replacement: `"high":"0.0200000001"`},
		{name: "no cost", old: `"high":"0.02"`, replacement: `"high":null`},
		{name: "no costs", old: `"cost":{"currency":"CNY",`, replacement: `"costs":{},"cost":{"currency":"CNY"},"x":{`},
		{name: "another currency", old: `CNY`, replacement: `USD`},
		{name: "no upper bound", old: `"high":9`, replacement: `"high":null`},
		{name: "an unknown decision", old: `"decision":"allow"`, replacement: `"decision":"perhaps"`},
		{name: "caps without caps", old: `"decision":"allow"`, replacement: `"decision":"allow_with_caps"`},
		{name: "money as a number", old: `"0.02"`, replacement: `0.02`},
		{name: "negative tokens", old: `"prompt_tokens":9`, replacement: `"prompt_tokens":-9`},
		{name: "over the limit", old: `"high":9`, replacement: `"high":101`},
		{name: "too little headroom", old: `262144`, replacement: `60`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := allowed(tt.old, tt.replacement)
			require.NotEqual(t, allowed("", ""), text)
			c := wired(t, func(*http.Request) (*http.Response, error) { return says(http.StatusOK, text), nil })
			err := c.Check(t.Context(), []byte(hello), client.Query{
				MaxCost: "0.02", Currency: client.CNY, MaxPromptTokens: new(int64(100)), MinHeadroom: new(int64(100)),
			})
			_, wrong := errors.AsType[*client.AnswerError](err)
			require.True(t, wrong, "%v", err)
		})
	}
	c := wired(t, func(*http.Request) (*http.Response, error) { return says(http.StatusOK, allowed("", "")), nil })
	for basis, limit := range map[client.Basis]client.Decimal{
		"": "0.02", client.BasisHigh: "0.020", client.BasisExpected: "0.01", client.BasisLow: "0.001",
	} {
		require.NoError(t, c.Check(t.Context(), []byte(hello), client.Query{MaxCost: limit, Currency: client.CNY, Basis: basis}))
	}
}

// A reason of a later version is a no that is not understood.
func TestAReasonThatIsNotKnownIsUnknown(t *testing.T) {
	t.Parallel()
	text := allowed(`"decision":"allow","reasons":[]`, `"decision":"deny","reasons":[{"code":"too_late","message":"it is late"}]`)
	c := wired(t, func(*http.Request) (*http.Response, error) { return says(http.StatusOK, text), nil })
	err := c.Check(t.Context(), []byte(hello), budget("1"))
	require.ErrorIs(t, err, client.ErrUnknown)
	require.EqualError(t, err, "the call is not allowed: it is late")
}
