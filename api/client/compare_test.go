package client_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api/client"
)

func TestModelsAreComparedInOneQuestion(t *testing.T) {
	t.Parallel()
	c := wired(t, func(r *http.Request) (*http.Response, error) {
		require.Equal(t, "/v1/estimate/compare", r.URL.Path)
		require.Equal(t, "kimi-k2.6,kimi-k9", r.URL.Query().Get("models"))
		require.Equal(t, "1", r.URL.Query().Get("max_cost"))
		return says(http.StatusOK, `{"object":"estimate.comparison","cheapest":"kimi-k2.6","data":[{"model":"kimi-k2.6","estimate":`+allowed("", "")+
			`},{"model":"kimi-k9","problem":`+problem(422, "unknown_model")+`}]}`), nil
	})
	found, err := c.Compare(t.Context(), []byte(hello), []string{"kimi-k2.6", "kimi-k9"}, client.Query{MaxCost: "1"})
	require.NoError(t, err)
	require.Equal(t, "kimi-k2.6", found.Cheapest)
	require.Len(t, found.Data, 2)
	require.Equal(t, client.Allow, found.Data[0].Estimate.Verdict.Decision)
	require.Equal(t, "unknown_model", found.Data[1].Problem.Code)

	_, err = c.Compare(t.Context(), []byte(hello), []string{"a"}, client.Query{MaxCost: "x"})
	require.ErrorIs(t, err, client.ErrDecimal)
}

func TestAComparisonWithoutAnEstimateIsNone(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`{"model":"a"}`, `{"model":"a","estimate":{}}`, `{"model":"a","estimate":` + allowed("", "") + `,"problem":` + problem(422, "x") + `}`,
	} {
		c := wired(t, func(*http.Request) (*http.Response, error) {
			return says(http.StatusOK, `{"object":"estimate.comparison","data":[`+data+`]}`), nil
		})
		_, err := c.Compare(t.Context(), []byte(hello), []string{"a"}, client.Query{})
		_, wrong := errors.AsType[*client.AnswerError](err)
		require.True(t, wrong, "%v", err)
	}
}

func TestTheRealServiceCompares(t *testing.T) {
	t.Parallel()
	h, err := handler()
	require.NoError(t, err)
	routed, ok := h.(interface{ Routes() []string })
	require.True(t, ok)
	if !slices.Contains(routed.Routes(), "POST /v1/estimate/compare") {
		t.Skip("this service has no comparison")
	}
	c := asking(t, listen(t, h))
	q := client.Query{CompletionTokens: new(int64(600)), MaxCost: "0.02", Currency: client.CNY}
	found, err := c.Compare(t.Context(), []byte(hello), []string{"kimi-k9", "kimi-k2.6"}, q)
	require.NoError(t, err)
	require.Len(t, found.Data, 2)
	require.Equal(t, "unknown_model", found.Data[0].Problem.Code)
	require.Equal(t, int64(600), found.Data[1].Estimate.Usage.CompletionTokens)
	require.Equal(t, "kimi-k2.6", found.Cheapest)
	require.Equal(t, client.CNY, *found.Currency)

	found, err = c.Compare(t.Context(), []byte(hello), nil, q)
	require.NoError(t, err)
	require.Greater(t, len(found.Data), 1)

	q.MaxCost, q.Enforce = "0.000000000001", true
	_, err = c.Compare(t.Context(), []byte(hello), []string{"kimi-k2.6"}, q)
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, http.StatusPaymentRequired, p.Status)
	require.Len(t, p.Comparison.Data, 1)
	require.ErrorIs(t, err, client.ErrOverBudget)
}
