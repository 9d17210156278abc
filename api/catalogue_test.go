package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/pricing"
)

func TestTheModelListHasTheVendorsShapeAndEveryModel(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, &fake{}), http.MethodGet, "/v1/models", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	var vendor struct {
		Object string `json:"object"`
		Data   []struct {
			ID                string `json:"id"`
			Object            string `json:"object"`
			OwnedBy           string `json:"owned_by"`
			ContextLength     int64  `json:"context_length"`
			SupportsImageIn   *bool  `json:"supports_image_in"`
			SupportsVideoIn   *bool  `json:"supports_video_in"`
			SupportsReasoning *bool  `json:"supports_reasoning"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &vendor))
	require.Equal(t, "list", vendor.Object)
	models := book(t).Models()
	require.Len(t, vendor.Data, len(models))
	for i, m := range models {
		got := vendor.Data[i]
		require.Equal(t, m.ID, got.ID)
		require.Equal(t, "model", got.Object)
		require.Equal(t, m.ContextLength, got.ContextLength)
		require.Equal(t, &m.SupportsImageIn, got.SupportsImageIn)
		require.Equal(t, &m.SupportsVideoIn, got.SupportsVideoIn)
		require.Equal(t, &m.SupportsReasoning, got.SupportsReasoning)
	}
	require.NotContains(t, rec.Body.String(), `:null,"data"`)
}

func TestOneModelIsShownWithItsPricesAndLifeCycle(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, &fake{}), http.MethodGet, "/v1/models/kimi-k2.5", "")
	require.Equal(t, http.StatusOK, rec.Code)
	var m api.Model
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &m))
	require.Equal(t, "2026-08-31", *m.Retired)
	require.Equal(t, "kimi-k2.6", *m.Successor)
	require.Equal(t, &api.Range{Min: "0.95", Max: "0.95"}, m.FixedParameters.TopP)
	require.Equal(t, "optional", m.FixedParameters.Thinking)
	var cny *api.ModelPrice
	for i := range m.Prices {
		if m.Prices[i].Currency == "CNY" {
			cny = &m.Prices[i]
		}
	}
	require.NotNil(t, cny)
	require.Equal(t, []api.PriceTier{{InputCacheHit: "0.7", InputCacheMiss: "4", Output: "21"}}, cny.Tiers)
}

func TestAnAliasShowsItsModelAndAnUnknownIDTheNearest(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	aliased := 0
	for _, m := range book(t).Models() {
		for _, alias := range m.Aliases {
			for _, spelt := range []string{alias, url.PathEscape(alias)} {
				rec := call(t, h, http.MethodGet, "/v1/models/"+spelt, "")
				require.Equal(t, http.StatusOK, rec.Code, spelt)
				require.Contains(t, rec.Body.String(), `{"id":"`+m.ID+`"`)
			}
			aliased++
		}
	}
	require.Positive(t, aliased)

	rec := call(t, h, http.MethodGet, "/v1/models/kimi-k25", "")
	require.Equal(t, http.StatusNotFound, rec.Code)
	p := problemOf(t, rec)
	require.Equal(t, "model_not_found", p.Code)
	require.Contains(t, p.Detail, "kimi-k2.5")
	require.Equal(t, "resource_not_found_error", p.Error.Type)
}

func TestThePriceTableSaysWhereEveryFigureIsFrom(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, &fake{}), http.MethodGet, "/v1/prices", "")
	require.Equal(t, http.StatusOK, rec.Code)
	var table api.PriceTable
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &table))
	require.Equal(t, "price_table", table.Object)
	require.Equal(t, book(t).Hash(), table.Hash)
	priced := 0
	for _, m := range table.Data {
		require.NotNil(t, m.Prices, m.Model)
		for _, p := range m.Prices {
			require.Contains(t, p.Source, "https://", m.Model)
			require.Regexp(t, `^\d{4}-\d\d-\d\d$`, p.Checked)
			require.Regexp(t, `^\d{4}-\d\d-\d\d$`, p.EffectiveFrom)
			require.NotEmpty(t, p.Tiers, m.Model)
			for _, tier := range p.Tiers {
				require.Regexp(t, `^\d+(\.\d*[1-9])?$`, tier.Output, m.Model)
				priced++
			}
		}
	}
	require.Greater(t, priced, 20)
}

func TestTheCatalogueIsNotSentTwice(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, path := range []string{"/v1/models", "/v1/models/kimi-k2.5", "/v1/prices"} {
		tag := call(t, h, http.MethodGet, path, "").Header().Get("ETag")
		require.Equal(t, `"`+book(t).Hash()+`"`, tag)
		for _, given := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			rec := call(t, h, http.MethodGet, path, "", header("If-None-Match", given))
			require.Equal(t, http.StatusNotModified, rec.Code, given)
			require.Empty(t, rec.Body.String())
		}
		require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, path, "", header("If-None-Match", `"other"`)).Code)
	}
}

func TestWithoutAPriceTableTheServiceLivesAndIsNotReady(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{}, func(o *api.Options) { o.Book = func() *pricing.Book { return nil } })
	for _, path := range []string{"/readyz", "/v1/models", "/v1/models/kimi-k2.5", "/v1/prices"} {
		rec := call(t, h, http.MethodGet, path, "")
		require.Equal(t, http.StatusServiceUnavailable, rec.Code, path)
		require.Equal(t, "price_table_missing", problemOf(t, rec).Code)
	}
	rec := call(t, h, http.MethodGet, "/healthz", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.JSONEq(t, `{"status":"ok"}`, rec.Body.String())
}
