package openapi_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/pricing"
)

func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// parts is shared: none of it ever changes, and to unpack it takes a while.
var (
	embedded      = sync.OnceValues(pricing.Embedded)
	approximation = sync.OnceValues(local.NewApproximation)
)

// options is the service as it runs without a vendor and without a vocabulary.
func options(t testing.TB) api.Options {
	t.Helper()
	book, err := embedded()
	require.NoError(t, err)
	counter, err := approximation()
	require.NoError(t, err)
	table := func() *pricing.Book { return book }
	return api.Options{
		Estimator: estimator.New(estimator.Options{
			Prices:        func() estimator.Prices { return book },
			Cache:         countcache.New(countcache.Options{Entries: 1000}),
			Approximation: counter,
			Currency:      pricing.CNY,
			Now:           now,
		}),
		Book:    table,
		Now:     now,
		Metrics: metrics.New(metrics.Options{Book: table, Now: now}),
	}
}

// contract checks requests and answers against the document, and more strictly
// than the document asks: an answer may have no member it does not name.
type contract struct {
	router  routers.Router
	handler http.Handler
}

func newContract(t testing.TB, opts api.Options) contract {
	t.Helper()
	doc := load(t)
	doc.Servers = nil
	for name, s := range doc.Components.Schemas {
		if !strings.HasPrefix(name, "Chat") {
			s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(false)}
		}
	}
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	return contract{router: router, handler: api.New(opts)}
}

// exchange sends a request, fails if the answer is not as documented, and
// returns it with what the document says against the request.
func (c contract) exchange(
	t testing.TB, method, target, body string, edit ...func(*http.Request),
) (*httptest.ResponseRecorder, error) {
	t.Helper()
	request := func() *http.Request {
		r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for _, f := range edit {
			f(r)
		}
		return r
	}
	r := request()
	route, params, err := c.router.FindRoute(r)
	require.NoError(t, err)
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
			IncludeResponseStatus: true,
			MultiError:            true,
		},
	}
	against := openapi3filter.ValidateRequest(t.Context(), in)
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, request())
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.Code, Header: rec.Header(),
		Body: io.NopCloser(bytes.NewReader(rec.Body.Bytes())), Options: in.Options,
	}
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), out), "%s %s: %d %s", method, target, rec.Code, rec.Body)
	return rec, against
}

const hello = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`

func TestDocumentAndHandlersAgreeOnRequestsAndAnswers(t *testing.T) {
	t.Parallel()
	c := newContract(t, options(t))
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		sound                      bool // the document has nothing against the request
	}{
		{"an estimate", "POST", "/v1/estimate", hello, 200, true},
		{"an estimate with every parameter", "POST", "/v1/estimate?completion_tokens=600&cached_share=0.5&currency=USD&at=2026-03-01&method=approximation&max_cost=1.5&max_prompt_tokens=9000&min_headroom=5&basis=expected&enforce=false", hello, 200, true},
		{"a denied one", "POST", "/v1/estimate?max_cost=0.000001&max_prompt_tokens=1&enforce=true", hello, 402, true},
		{"a denied one, not enforced", "POST", "/v1/estimate?max_cost=0.000001&min_headroom=262144", hello, 200, true},
		{"one with a cap", "POST", "/v1/estimate?max_cost=0.01", hello, 200, true},
		{"one without a price", "POST", "/v1/estimate?at=2020-01-01", hello, 200, true},
		{"content parts", "POST", "/v1/estimate", `{"model":"kimi-k2.5","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"stop":["a"]}`, 200, true},
		{"content null, one stop, a named tool", "POST", "/v1/estimate", `{"model":"kimi-k2.5","messages":[{"role":"assistant","content":null}],"stop":"a","tool_choice":{"type":"function","function":{"name":"f"}}}`, 200, true},
		{"a comparison of all", "POST", "/v1/estimate/compare", hello, 200, true},
		{"a comparison of some, one of them unknown", "POST", "/v1/estimate/compare?models=kimi-k2.6,kimi-k99,kimi-k3.1-pro&max_cost=0.5&breakdown=messages", `{"messages":[{"role":"user","content":"Hello"}]}`, 200, true},
		{"a comparison of nothing that is known", "POST", "/v1/estimate/compare?models=kimi-k99", hello, 200, true},
		{"a comparison that is denied", "POST", "/v1/estimate/compare?max_cost=0.000001&enforce=true", hello, 402, true},
		{"a comparison with itself", "POST", "/v1/estimate/compare?models=kimi-k3,kimi-k3", hello, 422, true},
		{"a comparison without messages", "POST", "/v1/estimate/compare", "{}", 422, false},
		{"a number that is a text", "POST", "/v1/estimate?completion_tokens=many", hello, 400, false},
		{"a negative number", "POST", "/v1/estimate?completion_tokens=-1", hello, 422, false},
		{"a share over 1", "POST", "/v1/estimate?cached_share=1.5", hello, 422, false},
		{"an unknown currency", "POST", "/v1/estimate?currency=EUR", hello, 422, false},
		{"an unknown method", "POST", "/v1/estimate?method=guess", hello, 422, false},
		{"no body", "POST", "/v1/estimate", "", 400, false},
		{"no messages", "POST", "/v1/estimate", `{"model":"kimi-k2.5"}`, 422, false},
		{"a model that is a number", "POST", "/v1/estimate", `{"model":5,"messages":[]}`, 400, false},
		{"an unknown model", "POST", "/v1/estimate", strings.Replace(hello, "k2.5", "k9", 1), 422, true},
		{"more cached than there is", "POST", "/v1/estimate?cached_tokens=999999", hello, 422, true},
		{"a lint", "POST", "/v1/lint", strings.Replace(hello, "{", `{"temperature":0.3,`, 1), 200, true},
		{"a lint of nothing", "POST", "/v1/lint", "{}", 422, false},
		{"a token count", "POST", "/v1/tokenizers/estimate-token-count", hello, 200, true},
		{"a token count of an unknown model", "POST", "/v1/tokenizers/estimate-token-count", strings.Replace(hello, "k2.5", "k9", 1), 404, true},
		{"a token count of nothing", "POST", "/v1/tokenizers/estimate-token-count", "{}", 400, false},
		{"a count for Anthropic's clients", "POST", "/v1/messages/count_tokens", hello, 200, true},
		{"one of nothing", "POST", "/v1/messages/count_tokens", "{}", 400, false},
		{"a count for OpenAI's clients", "POST", "/v1/responses/input_tokens", `{"model":"kimi-k2.6","input":"Hello","tool_choice":"auto"}`, 200, true},
		{"one of a number", "POST", "/v1/responses/input_tokens", `{"model":"kimi-k2.6","input":7}`, 400, false},
		{"models", "GET", "/v1/models", "", 200, true},
		{"a model", "GET", "/v1/models/kimi-k3", "", 200, true},
		{"no such model", "GET", "/v1/models/kimi-k9", "", 404, true},
		{"prices", "GET", "/v1/prices", "", 200, true},
		{"alive", "GET", "/healthz", "", 200, true},
		{"ready", "GET", "/readyz", "", 200, true},
		{"metrics", "GET", "/metrics", "", 200, true},
		{"the document", "GET", "/openapi.json", "", 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec, against := c.exchange(t, tt.method, tt.target, tt.body)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			if tt.sound {
				require.NoError(t, against)
			} else {
				require.Error(t, against)
			}
		})
	}
}

func TestAnswersOfAServiceThatCannotAreDocumentedToo(t *testing.T) {
	t.Parallel()
	opts := options(t)
	opts.Book = func() *pricing.Book { return nil }
	opts.APIKeys = api.NewKeyring("key")
	c := newContract(t, opts)
	for target, status := range map[string]int{"/readyz": 503, "/v1/models": 401, "/v1/prices": 401} {
		rec, _ := c.exchange(t, http.MethodGet, target, "")
		require.Equal(t, status, rec.Code, target)
	}
	rec, _ := c.exchange(t, http.MethodPost, "/v1/tokenizers/estimate-token-count", hello)
	require.Equal(t, 401, rec.Code)
}
