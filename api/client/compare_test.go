package client_test

import (
	"errors"
	"net/http"
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
		return says(http.StatusOK, `{"object":"estimate.comparison","data":[{"model":"kimi-k2.6","estimate":`+allowed("", "")+
			`},{"model":"kimi-k9","problem":`+problem(422, "unknown_model")+`}]}`), nil
	})
	found, err := c.Compare(t.Context(), []byte(hello), []string{"kimi-k2.6", "kimi-k9"}, client.Query{MaxCost: "1"})
	require.NoError(t, err)
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

func TestWithoutModelsAllThatAreServedAreCompared(t *testing.T) {
	t.Parallel()
	found, err := asking(t, serve(t)).Compare(t.Context(), []byte(hello), nil, client.Query{})
	require.NoError(t, err)
	require.Greater(t, len(found.Data), 2)
	require.NotEmpty(t, found.Cheapest)
	require.Equal(t, "CNY", *found.Currency)
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, found.ContentHash)
}
