package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
)

const (
	anthropicPath = "/v1/messages/count_tokens"
	openaiPath    = "/v1/responses/input_tokens"

	anthropicHello = `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`
	openaiHello    = `{"model":"kimi-k2.6","input":"Hello"}`
)

func TestAForeignCountIsThatOfTheWholePrompt(t *testing.T) {
	t.Parallel()
	const tool = `"description":"d","%s":{"type":"object","properties":{"a":{"type":"string"}}}`
	function := `{"type":"function","function":{"name":"f",` + strings.Replace(tool, "%s", "parameters", 1) + `}}`
	for _, tt := range []struct{ name, kimi, anthropic, openai string }{
		{"hello", hello, strings.Replace(anthropicHello, "2.6", "2.5", 1), strings.Replace(openaiHello, "2.6", "2.5", 1)},
		{
			"a loop with tools",
			`{"model":"kimi-k2.6","messages":[{"role":"system","content":"S"},{"role":"user","content":"w?"},{"role":"assistant","content":"","reasoning_content":"hm","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":\"b\"}"}}]},{"role":"tool","tool_call_id":"1","content":"23"}],"tools":[` + function + `]}`,
			`{"model":"kimi-k2.6","system":"S","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"tool_use","id":"1","name":"f","input":{"a":"b"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"23"}]}],"tools":[{"name":"f",` + strings.Replace(tool, "%s", "input_schema", 1) + `}]}`,
			`{"model":"kimi-k2.6","instructions":"S","input":[{"role":"user","content":"w?"},{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"function_call","call_id":"1","name":"f","arguments":"{\"a\":\"b\"}"},{"type":"function_call_output","call_id":"1","output":"23"}],"tools":[{"type":"function","name":"f",` + strings.Replace(tool, "%s", "parameters", 1) + `}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := service(t, realEstimator(t))
			var est api.Estimate
			decode(t, call(t, h, http.MethodPost, "/v1/estimate", tt.kimi), &est)
			require.Equal(t, "miss", est.Count.Cache)

			var a api.AnthropicCount
			rec := call(t, h, http.MethodPost, anthropicPath, tt.anthropic)
			require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
			decode(t, rec, &a)
			require.Equal(t, est.Usage.PromptTokens, a.InputTokens)

			var o api.OpenAICount
			rec = call(t, h, http.MethodPost, openaiPath, tt.openai)
			require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
			decode(t, rec, &o)
			require.Equal(t, api.OpenAICount{Object: "response.input_tokens", InputTokens: est.Usage.PromptTokens}, o)
		})
	}
}

func TestAForeignCountIsCachedWithTheOthers(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	h := service(t, realEstimator(t), func(o *api.Options) { o.Metrics = seen })
	call(t, h, http.MethodPost, "/v1/estimate", strings.Replace(hello, "2.5", "2.6", 1))
	call(t, h, http.MethodPost, anthropicPath, anthropicHello)
	call(t, h, http.MethodPost, openaiPath, openaiHello)
	require.Len(t, seen.events, 3)
	for i, want := range []estimator.CacheState{estimator.CacheMiss, estimator.CacheHit, estimator.CacheHit} {
		require.Equal(t, want, seen.events[i].Estimate.Cache)
	}
}

func TestTheVendorSeesTheTranslation(t *testing.T) {
	t.Parallel()
	asked := &fake{estimate: contractEstimate(t)}
	h := service(t, asked, func(o *api.Options) { o.KeepBody = true })
	rec := call(t, h, http.MethodPost, anthropicPath, anthropicHello)
	require.Equal(t, http.StatusOK, rec.Code)
	sent, kept := asked.req.Sent()
	require.True(t, kept)
	require.JSONEq(t, strings.Replace(hello, "2.5", "2.6", 1), string(sent))
}

func TestForeignErrorsHaveTheirVendorsShapes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path, body string
		edit             func(*api.Options)
		status           int
		kind             string
	}{
		{"a bad body", anthropicPath, "{", nil, 400, "invalid_request_error"},
		{"no counterpart", anthropicPath, `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"document"}]}]}`, nil, 400, "invalid_request_error"},
		{"another's model", anthropicPath, strings.Replace(anthropicHello, "kimi-k2.6", "claude-x", 1), nil, 404, "not_found_error"},
		{"what only the scan finds", anthropicPath, strings.Replace(anthropicHello, "Hello", `\ud800`, 1), nil, 400, "invalid_request_error"},
		{"no key", anthropicPath, anthropicHello, func(o *api.Options) { o.APIKeys = api.NewKeyring("k") }, 401, "authentication_error"},
		{"too large", anthropicPath, anthropicHello, func(o *api.Options) { o.MaxBodyBytes = 9 }, 413, "request_too_large"},
		{"a bad body", openaiPath, "{", nil, 400, "invalid_request_error"},
		{"no counterpart", openaiPath, `{"model":"kimi-k2.6","input":"a","conversation":"c"}`, nil, 400, "invalid_request_error"},
		{"another's model", openaiPath, strings.Replace(openaiHello, "kimi-k2.6", "gpt-x", 1), nil, 404, "invalid_request_error"},
		{"no key", openaiPath, openaiHello, func(o *api.Options) { o.APIKeys = api.NewKeyring("k") }, 401, "invalid_request_error"},
		{"a video by an address", openaiPath, strings.Replace(openaiHello, `"Hello"`, `[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]`, 1), nil, 400, "invalid_request_error"},
	} {
		t.Run(tt.path+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.edit == nil {
				tt.edit = func(*api.Options) {}
			}
			rec := call(t, service(t, realEstimator(t), tt.edit), http.MethodPost, tt.path, tt.body)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
			if tt.path == anthropicPath {
				var p api.AnthropicProblem
				decode(t, rec, &p)
				require.Equal(t, "error", p.Type)
				require.Equal(t, tt.kind, p.Error.Type)
				require.Equal(t, "test-1", p.RequestID)
			} else {
				var p api.OpenAIProblem
				decode(t, rec, &p)
				require.Equal(t, tt.kind, p.Error.Type)
				require.NotEmpty(t, p.Error.Code)
			}
			if tt.status == http.StatusNotFound {
				require.Contains(t, rec.Body.String(), "kimi-k2.6, kimi-k2.7-code")
			}
		})
	}
}

func TestTheHeaderOfAnthropicsClientsIsAKeyOnTheirPathAlone(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t), func(o *api.Options) { o.APIKeys = api.NewKeyring("key") })
	right, wrong := header("X-Api-Key", "key"), header("X-Api-Key", "another")
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, anthropicPath, anthropicHello, right).Code)
	require.Equal(t, http.StatusForbidden, call(t, h, http.MethodPost, anthropicPath, anthropicHello, wrong).Code)
	require.Equal(t, http.StatusUnauthorized, call(t, h, http.MethodPost, openaiPath, openaiHello, right).Code)
	bearer := header("Authorization", "Bearer key")
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, anthropicPath, anthropicHello, bearer).Code)
	require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, openaiPath, openaiHello, bearer).Code)
}

func TestWhatCanOnlyBeBoundedIsNoForeignNumber(t *testing.T) {
	t.Parallel()
	est := contractEstimate(t)
	est.Count.High = estimator.Unbounded
	require.Equal(t, http.StatusBadRequest, call(t, service(t, &fake{estimate: est}), http.MethodPost, openaiPath, openaiHello).Code)
	est = contractEstimate(t)
	est.Count.Gaps = []estimator.Gap{{Pointer: "/messages/0", Reason: "nobody knows it", Uncounted: true}}
	rec := call(t, service(t, &fake{estimate: est}), http.MethodPost, openaiPath, openaiHello)
	require.Equal(t, http.StatusBadRequest, rec.Code)
	require.Contains(t, rec.Body.String(), "nobody knows it")
	require.NotContains(t, rec.Body.String(), "/messages/0")
}

func TestALargeForeignBodyIsChargedForAndGivenBack(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t), func(o *api.Options) { o.MemoryBytes = 16 << 20 })
	body := strings.Replace(anthropicHello, "Hello", strings.Repeat("Hello world. ", 100_000), 1)
	for range 30 { // more in all than there is memory
		rec := call(t, h, http.MethodPost, anthropicPath, body)
		require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	}
}

func TestNothingOfAForeignBodyIsInItsErrorOrInTheLog(t *testing.T) {
	t.Parallel()
	const secret = "canary"
	for _, body := range []string{
		`{"model":"canary","messages":[{"role":"user","content":"canary"}]}`,
		`{"model":"kimi-k2.6","canary":1,"messages":[{"role":"canary","content":"canary"}]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"canary","content":"canary"}]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"canary","canary":"canary"}]}]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"text","text":"canary","canary":"canary"}]}]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":"canary\ud800"}]}`,
		`{"model":"kimi-k2.6","messages":[{"role":"user","content":"w"}],"tools":[{"name":"f","input_schema":{"canary":1,"canary":2}}]}`,
		`{"model":"kimi-k2.6","input":[{"type":"canary"}]}`, `{"model":"kimi-k2.6","input":"w","text":{"canary":1}}`,
		`{"model":"kimi-k2.6","input":[{"role":"user","content":[{"type":"input_image","image_url":"https://canary.example/"}]}]}`,
		`canary`, `{"canary":`,
	} {
		for _, path := range []string{anthropicPath, openaiPath} {
			var log bytes.Buffer
			rec := call(t, service(t, realEstimator(t), logged(&log)), http.MethodPost, path, body)
			require.NotContains(t, rec.Body.String(), secret, body)
			require.NotContains(t, log.String(), secret, body)
		}
	}
}

func FuzzForeign(f *testing.F) {
	h := service(f, realEstimator(f))
	f.Add(anthropicHello)
	f.Add(openaiHello)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{anthropicPath, openaiPath} {
			rec := call(t, h, http.MethodPost, path, body, header("Content-Type", "application/json"))
			require.Less(t, rec.Code, http.StatusInternalServerError, rec.Body.String())
			require.True(t, json.Valid(rec.Body.Bytes()))
		}
	})
}
