package openapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/stretchr/testify/require"

	"tollgate/api"
)

const batchPath = "/v1/estimate/batch"

// batch sends a body to the batch route, checks that the answer is documented,
// and returns its lines by the model that each of them is.
func batch(t testing.TB, query, body string) (status int, lines, models []string) {
	t.Helper()
	doc := load(t)
	op := doc.Paths.Value(batchPath).Post
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+batchPath+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-ndjson")
	rec := httptest.NewRecorder()
	api.New(options(t)).ServeHTTP(rec, r)
	answer := op.Responses.Status(rec.Code)
	require.NotNil(t, answer, "%d is not documented", rec.Code)
	require.NotNil(t, answer.Value.Content.Get(rec.Header().Get("Content-Type")), rec.Header().Get("Content-Type"))
	if rec.Code != http.StatusOK {
		return rec.Code, []string{rec.Body.String()}, []string{modelOf(t, doc, rec.Body.String(), "Problem")}
	}
	for line := range strings.Lines(rec.Body.String()) {
		lines = append(lines, line)
		models = append(models, modelOf(t, doc, line, "BatchEstimate", "BatchProblem", "BatchSummary"))
	}
	return rec.Code, lines, models
}

// modelOf returns which one of the models a value is, and fails if it has a
// member that the model does not name.
func modelOf(t testing.TB, doc *openapi3.T, value string, models ...string) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(value), &v))
	var found []string
	for _, name := range models {
		schema := doc.Components.Schemas[name].Value
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: new(false)}
		if schema.VisitJSON(v) == nil {
			found = append(found, name)
		}
	}
	require.Len(t, found, 1, "%s", value)
	return found[0]
}

func TestEveryLineOfABatchIsOneOfTheDocumentedModels(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(hello, "k2.5", "k9", 1)
	for _, tt := range []struct {
		name, query, body string
		models            []string
	}{
		{"nothing", "", "", []string{"BatchSummary"}},
		{"a request", "", hello, []string{"BatchEstimate", "BatchSummary"}},
		{"a batch line", "?currency=USD", `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":` + hello + `}`, []string{"BatchEstimate", "BatchSummary"}},
		{"all there is", "?completion_tokens=600&cached_share=0.5&max_cost=1.5&breakdown=messages", hello + "\n" + bad + "\n\n[\n" + hello, []string{"BatchEstimate", "BatchProblem", "BatchProblem", "BatchEstimate", "BatchSummary"}},
		{"no price", "?at=2020-01-01", hello, []string{"BatchEstimate", "BatchSummary"}},
		{"denied", "?max_cost=0.000001&enforce=true", hello, []string{"BatchProblem", "BatchSummary"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, _, models := batch(t, tt.query, tt.body)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, tt.models, models)
		})
	}
	for query, want := range map[string]int{"?max_cots=1": 400, "?currency=EUR": 422, "?completion_tokens=9999999999": 422} {
		status, _, models := batch(t, query, hello)
		require.Equal(t, want, status)
		require.Equal(t, []string{"Problem"}, models)
	}
}

func TestBatchLinesAreDocumentedAsTheyAreAccepted(t *testing.T) {
	t.Parallel()
	schema := load(t).Components.Schemas["BatchLine"].Value
	for line, sound := range map[string]bool{
		`{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":` + hello + `}`: true,
		`{"body":` + hello + `}`:                   true,
		`{"custom_id":"a"}`:                        false,
		`{"method":"GET","body":` + hello + `}`:    false,
		`{"custom_id":5,"body":` + hello + `}`:     false,
		`{"custom_id":"a","body":{"model":"kim"}}`: false,
	} {
		var v any
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		require.Equal(t, sound, schema.VisitJSON(v) == nil, line)
		_, _, models := batch(t, "", line)
		require.Equal(t, sound, models[0] == "BatchEstimate", line)
	}
}

func TestEveryBatchExampleIsSentAsItIsWritten(t *testing.T) {
	t.Parallel()
	content := load(t).Paths.Value(batchPath).Post.RequestBody.Value.Content
	require.Len(t, content, 1)
	for name := range content {
		require.NotContains(t, name, "json", "the page would send the example as a JSON string")
	}
	examples := content.Get("application/x-ndjson").Examples
	require.Len(t, examples, 5)
	problems := map[string]int{"with_a_bad_line": 2}
	for name, e := range examples {
		body, ok := e.Value.Value.(string)
		require.True(t, ok)
		status, lines, models := batch(t, "", body)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, strings.Count(body, "\n")+1, len(lines))
		require.Equal(t, problems[name], strings.Count(strings.Join(models, " "), "BatchProblem"), name)
	}
}

func TestTheBatchRouteTakesTheParametersOfAnEstimate(t *testing.T) {
	t.Parallel()
	doc := load(t)
	type parameter struct {
		name   string
		schema openapi3.Schema
	}
	list := func(path string) (out []parameter) {
		for _, p := range doc.Paths.Value(path).Post.Parameters {
			out = append(out, parameter{name: p.Value.Name, schema: *p.Value.Schema.Value})
		}
		return out
	}
	require.NotEmpty(t, list(batchPath))
	require.Equal(t, list("/v1/estimate"), list(batchPath))
}

// Not parallel: the decoders of the validator are shared by all tests.
func TestARequestOfTheDocumentsKindIsValidByTheDocument(t *testing.T) {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.PlainBodyDecoder)
	c := newContract(t, options(t))
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+batchPath, strings.NewReader(hello+"\n"))
	r.Header.Set("Content-Type", "application/x-ndjson")
	route, params, err := c.router.FindRoute(r)
	require.NoError(t, err)
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	require.NoError(t, openapi3filter.ValidateRequest(t.Context(), in))
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: rec.Code, Header: rec.Header(),
		Body: io.NopCloser(bytes.NewReader(rec.Body.Bytes())), Options: in.Options,
	}))
}
