package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

const tokenCountPath = "/v1/tokenizers/estimate-token-count"

// keep is what a service with a vendor key needs.
func keep(o *api.Options) { o.KeepBody = true }

func TestAClientOfTheVendorGetsTheVendorsOwnNumber(t *testing.T) {
	t.Parallel()
	est, vendor := withVendor(t, 5*time.Second)
	vendor.Set(func(o *fakevendor.Options) {
		o.Count = func(string, []byte) int64 { return 80 }
	})
	h := service(t, est, keep)
	for range 3 {
		rec := call(t, h, http.MethodPost, tokenCountPath, hello)
		require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
		require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
		require.Equal(t, `{"data":{"total_tokens":80}}`+"\n", rec.Body.String())
	}
	before := vendor.Estimates()
	call(t, h, http.MethodPost, tokenCountPath, strings.ReplaceAll(hello, ":", " : "))
	require.Equal(t, before, vendor.Estimates(), "the number is cached")
}

func TestWithoutAKeyTheCountLeavesOutTheGenerationPrompt(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	e := checkIdentities(t, call(t, h, http.MethodPost, "/v1/estimate", hello).Body.Bytes())
	var want int64
	for _, p := range e.Count.Parts {
		if p.Part != "generation_prompt" {
			want += p.Tokens
		}
	}
	require.Less(t, want, e.Usage.PromptTokens)
	rec := call(t, h, http.MethodPost, tokenCountPath, hello)
	require.Equal(t, http.StatusOK, rec.Code)
	var got api.TokenCount
	decode(t, rec, &got)
	require.Equal(t, want, got.Data.TotalTokens)
}

func TestFailuresOfTheVendorKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault      fakevendor.Fault
		own        int // status of /v1/estimate?method=vendor
		code       string
		vendor     int // status of the vendor's own path
		vendorType string
		retryAfter bool
	}{
		{fakevendor.Fault401, 502, "vendor_refused", 502, "server_error", false},
		{fakevendor.Fault404, 502, "vendor_refused", 404, "resource_not_found_error", false},
		{fakevendor.Fault429Overloaded, 503, "vendor_overloaded", 429, "engine_overloaded_error", true},
		{fakevendor.Fault429RetryAfter, 503, "vendor_overloaded", 429, "rate_limit_reached_error", true},
		{fakevendor.FaultHTML, 502, "vendor_failed", 502, "server_error", false},
		{fakevendor.FaultHang, 504, "vendor_timeout", 504, "server_error", false},
		{fakevendor.FaultNegative, 502, "vendor_failed", 502, "server_error", false},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			est, vendor := withVendor(t, time.Second)
			vendor.Set(func(o *fakevendor.Options) { o.Fault = tt.fault })
			h := service(t, est, keep)

			rec := call(t, h, http.MethodPost, "/v1/estimate?method=vendor", hello)
			require.Equal(t, tt.own, rec.Code, rec.Body.String())
			require.Equal(t, tt.code, problemOf(t, rec).Code)
			require.Equal(t, tt.retryAfter, rec.Header().Get("Retry-After") != "")
			require.NotContains(t, rec.Body.String(), "127.0.0.1")

			rec = call(t, h, http.MethodPost, tokenCountPath, hello)
			require.Equal(t, tt.vendor, rec.Code, rec.Body.String())
			require.Equal(t, tt.vendorType, vendorErrorOf(t, rec).Type)

			rec = call(t, h, http.MethodPost, "/v1/estimate", hello)
			require.Equal(t, http.StatusOK, rec.Code, "auto falls back: %s", rec.Body)
			require.Contains(t, rec.Body.String(), `"vendor_unavailable"`)
		})
	}
}

func TestManyEqualRequestsReachTheVendorOnce(t *testing.T) {
	t.Parallel()
	est, vendor := withVendor(t, 5*time.Second)
	h := service(t, est, keep)
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", strings.Replace(hello, "Hello", "calibrate", 1)).Code)
	vendor.Set(func(o *fakevendor.Options) { o.Delay = 50 * time.Millisecond })
	before := vendor.Estimates()
	var wg sync.WaitGroup
	codes := make([]int, 200)
	for i := range codes {
		wg.Go(func() { codes[i] = call(t, h, http.MethodPost, "/v1/estimate", hello).Code })
	}
	wg.Wait()
	for _, code := range codes {
		require.Equal(t, http.StatusOK, code)
	}
	require.Equal(t, 1, vendor.Estimates()-before)
}

func TestErrorsOfTheVendorsPathHaveItsShape(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t), func(o *api.Options) { o.MaxBodyBytes = 1000 })
	for _, tt := range []struct {
		name   string
		body   string
		edit   func(*http.Request)
		status int
		kind   string
	}{
		{"not JSON", "{", nil, 400, "invalid_request_error"},
		{"no messages", `{"model":"kimi-k2.5"}`, nil, 400, "invalid_request_error"},
		{"an unknown model", strings.Replace(hello, "k2.5", "k9", 1), nil, 404, "resource_not_found_error"},
		{"a form", hello, header("Content-Type", "application/x-www-form-urlencoded"), 415, "invalid_request_error"},
		{"too large", strings.Replace(hello, "Hello", strings.Repeat("x", 1000), 1), nil, 413, "invalid_request_error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			edit := tt.edit
			if edit == nil {
				edit = func(*http.Request) {}
			}
			rec := call(t, h, http.MethodPost, tokenCountPath, tt.body, edit)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			require.Equal(t, tt.kind, vendorErrorOf(t, rec).Type)
		})
	}
}

func TestWhatNobodyCanCountIsNoNumber(t *testing.T) {
	t.Parallel()
	body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ms://abc"}}]}]}`
	rec := call(t, service(t, realEstimator(t)), http.MethodPost, tokenCountPath, body)
	require.Equal(t, http.StatusBadRequest, rec.Code, rec.Body.String())
	require.Contains(t, rec.Body.String(), `"type":"invalid_request_error"`)
	require.Contains(t, rec.Body.String(), "vendor's key")
}
