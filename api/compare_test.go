package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// anyModel is hello without a model.
const anyModel = `{"messages":[{"role":"user","content":"Hello"}]}`

const comparePath = "/v1/estimate/compare"

// compareOf asks for a comparison that must succeed.
func compareOf(t testing.TB, h http.Handler, query, body string) api.Comparison {
	t.Helper()
	rec := call(t, h, http.MethodPost, comparePath+query, body)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
	var c api.Comparison
	decode(t, rec, &c)
	require.Equal(t, "estimate.comparison", c.Object)
	for _, entry := range c.Data {
		require.True(t, (entry.Estimate == nil) != (entry.Problem == nil), entry.Model)
	}
	return c
}

// modelsOf is the models of a comparison in their order.
func modelsOf(c api.Comparison) []string {
	var names []string
	for _, entry := range c.Data {
		names = append(names, entry.Model)
	}
	return names
}

func TestAComparisonIsTheEstimateOfEachModel(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	const query = "completion_tokens=600&cached_share=0.5&currency=USD&at=2026-11-01&max_cost=0.005&basis=expected&breakdown=messages"
	c := compareOf(t, h, "?models=kimi-k3,kimi-k2.6,kimi-k2.5&"+query, strings.Replace(anyModel, "{", `{"temperature":0.3,`, 1))
	require.Equal(t, []string{"kimi-k3", "kimi-k2.6", "kimi-k2.5"}, modelsOf(c))
	require.Equal(t, "USD", *c.Currency)
	for _, entry := range c.Data {
		body := strings.Replace(anyModel, "{", `{"temperature":0.3,"model":"`+entry.Model+`",`, 1)
		rec := call(t, h, http.MethodPost, "/v1/estimate?"+query, body)
		var alone api.Estimate
		decode(t, rec, &alone)
		require.Equal(t, "hit", alone.Count.Cache, "they share one cache")
		alone.Count.Cache = "miss"
		want, err := json.Marshal(alone)
		require.NoError(t, err)
		got, err := json.Marshal(entry.Estimate)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		require.Contains(t, string(got), `"code":"parameter_fixed"`, "parameters are held against each model")
	}
}

func TestTheModelOfTheBodyIsNotRegarded(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	want := compareOf(t, h, "?models=kimi-k2.6", anyModel)
	require.Equal(t, "kimi-k2.6", want.Cheapest)
	for _, body := range []string{hello, strings.Replace(hello, "kimi-k2.5", "nobody-knows-it", 1)} {
		got := compareOf(t, h, "?models=kimi-k2.6", body)
		require.Equal(t, want.ContentHash, got.ContentHash)
		require.Equal(t, want.Data[0].Estimate.ContentHash, got.Data[0].Estimate.ContentHash)
	}
}

func TestWithoutNamesEveryCurrentModelIsCompared(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	require.Equal(t, []string{
		"kimi-k2.6", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed",
	}, modelsOf(compareOf(t, h, "", anyModel)))
	past := modelsOf(compareOf(t, h, "?at=2026-03-01", anyModel))
	require.Contains(t, past, "kimi-k2.5")
	require.NotContains(t, past, "kimi-k2.6", "was not released")
	require.NotContains(t, past, "kimi-latest", "was retired")
}

func TestAModelWithAProblemDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	c := compareOf(t, h, "?models=kimi-k99,kimi-k2.6,kimi-k3&cached_tokens=50&currency=CNY", anyModel)
	p := c.Data[0].Problem
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	require.Equal(t, "unknown_model", p.Code)
	require.Equal(t, "test-1", p.Instance)
	require.NotContains(t, p.Detail, "kimi-k99")
	require.Equal(t, "parameter_invalid", c.Data[1].Problem.Code, "its prompt has fewer tokens than that")
	require.Equal(t, "cached_tokens", c.Data[1].Problem.Errors[0].Parameter)
	require.NotNil(t, c.Data[2].Estimate)
	require.Equal(t, "kimi-k3", c.Cheapest)

	c = compareOf(t, h, "?models=kimi-k99", anyModel)
	require.Nil(t, c.Currency)
	require.Empty(t, c.Cheapest)
}

func TestWhatCanNotBeComparedIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	many := strings.Repeat("m,", 32) + "m"
	for _, tt := range []struct {
		name, query, body string
		status            int
		code, about       string
	}{
		{"a model twice", "?models=kimi-k3,kimi-k2.6,kimi-k3", anyModel, 422, "parameter_invalid", "entries 1 and 3"},
		{"an unknown model twice", "?models=a,a", anyModel, 422, "parameter_invalid", "entries 1 and 2"},
		{"no name between commas", "?models=kimi-k3,,kimi-k2.6", anyModel, 422, "parameter_invalid", "entry 2"},
		{"no names", "?models=", anyModel, 422, "parameter_invalid", "entry 1"},
		{"what is no name", "?models=kimi%20k3", anyModel, 422, "parameter_invalid", "entry 1"},
		{"a name that is too long", "?models=" + strings.Repeat("k", 65), anyModel, 422, "parameter_invalid", "entry 1"},
		{"too many", "?models=" + many, anyModel, 422, "parameter_invalid", "more than 32"},
		{"models given twice", "?models=a&models=b", anyModel, 400, "parameter_invalid", "more than once"},
		{"another budget", "?max_costs=1", anyModel, 400, "parameter_invalid", "max_cost"},
		{"no messages", "", `{"model":"kimi-k3"}`, 422, "body_incomplete", "messages"},
		{"no JSON", "", `{`, 400, "body_malformed", "early"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, h, http.MethodPost, comparePath+tt.query, tt.body)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			p := problemOf(t, rec)
			require.Equal(t, tt.code, p.Code)
			require.Contains(t, p.Detail, tt.about)
		})
	}
}

func TestAnEnforcedBudgetThatNoModelKeepsIsADenial(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	const dear = "?models=kimi-k2.6,kimi-k3,kimi-k99&max_cost=0.000001"
	require.Empty(t, compareOf(t, h, dear, anyModel).Cheapest)
	rec := call(t, h, http.MethodPost, comparePath+dear+"&enforce=true", anyModel)
	require.Equal(t, http.StatusPaymentRequired, rec.Code)
	p := problemOf(t, rec)
	require.Equal(t, "denied", p.Code)
	require.Len(t, p.Comparison.Data, 3)
	require.Equal(t, "deny", p.Comparison.Data[1].Estimate.Verdict.Decision)
	require.Nil(t, p.Estimate)

	const fair = "?models=kimi-k99,kimi-k2.6,kimi-k3&max_cost=1&enforce=true"
	require.Equal(t, "kimi-k2.6", compareOf(t, h, fair, anyModel).Cheapest, "one that is allowed is enough")
}

func TestTheVendorIsAskedAboutAllModelsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 3
	together := make(chan struct{})
	arrived := make(chan struct{}, n)
	e := &meeting{arrived: arrived, together: together, estimate: contractEstimate(t)}
	go func() {
		for range n {
			<-arrived
		}
		close(together)
	}()
	h := service(t, e, func(o *api.Options) { o.KeepBody = true })
	c := compareOf(t, h, "?models=kimi-k3,kimi-k2.6,kimi-k2.5", anyModel)
	require.Len(t, c.Data, n)
}

// meeting answers nobody before all have asked.
type meeting struct {
	fake
	arrived  chan<- struct{}
	together <-chan struct{}
	estimate *estimator.Estimate
}

func (m *meeting) Estimate(ctx context.Context, req *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	if req.Model == "kimi-k2.7-code" {
		panic("a bug")
	}
	m.arrived <- struct{}{}
	select {
	case <-m.together:
		return m.estimate, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestAPanicOverOneModelIsAnAnswerAndNoCrash(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		seen := &recorder{}
		h := service(t, &meeting{}, func(o *api.Options) { o.KeepBody, o.Metrics = keep, seen })
		rec := call(t, h, http.MethodPost, comparePath+"?models=kimi-k2.7-code", anyModel)
		require.Equal(t, http.StatusInternalServerError, rec.Code)
		require.NotContains(t, rec.Body.String(), "a bug")
		require.True(t, seen.events[0].Panicked)
	}
}

func TestACallerWhoLeavesEndsTheComparison(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	arrived := make(chan struct{}, 2)
	h := service(t, &meeting{arrived: arrived}, func(o *api.Options) { o.KeepBody = true })
	rec := call(t, h, http.MethodPost, comparePath+"?models=kimi-k3,kimi-k2.6", anyModel,
		func(r *http.Request) { *r = *r.WithContext(ctx) })
	require.Equal(t, http.StatusGatewayTimeout, rec.Code)
}

func TestEveryEstimateOfAComparisonIsObserved(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	h := service(t, realEstimator(t), func(o *api.Options) { o.Metrics = seen })
	compareOf(t, h, "?models=kimi-k99,kimi-k2.6,kimi-k3", anyModel)
	require.Len(t, seen.events[0].Compared, 2)
	require.Equal(t, comparePath, seen.events[0].Route)
}
