package openapi_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"github.com/swaggo/swag"
	"sigs.k8s.io/yaml"

	"tollgate/api"
	_ "tollgate/docs" // registers the Swagger 2.0 document
	"tollgate/openapi"
)

// load reads the published document.
func load(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.JSON())
	require.NoError(t, err)
	return doc
}

func TestTheDocumentKeepsTheRulesOfOpenAPI(t *testing.T) {
	t.Parallel()
	doc := load(t)
	require.NoError(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
	require.Equal(t, "3.0.3", doc.OpenAPI)
}

func TestJSONAndYAMLSayTheSame(t *testing.T) {
	t.Parallel()
	fromYAML, err := yaml.YAMLToJSON(openapi.YAML())
	require.NoError(t, err)
	require.JSONEq(t, string(openapi.JSON()), string(fromYAML))
}

func TestWhoGetsTheDocumentMayChangeIt(t *testing.T) {
	t.Parallel()
	mine := openapi.JSON()
	mine[0] = 'x'
	require.True(t, json.Valid(openapi.JSON()))
}

// operations returns "METHOD /path" of every operation, sorted.
func operations(doc *openapi3.T) []string {
	var ops []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			ops = append(ops, method+" "+path)
		}
	}
	slices.Sort(ops)
	return ops
}

// undocumented is routes that are not part of the API: pages for people.
var undocumented = []string{"GET /", "GET /swagger/*any", "GET /playground", "GET /playground/:file"}

func TestRoutesAndDocumentNameTheSameOperations(t *testing.T) {
	t.Parallel()
	parameter := regexp.MustCompile(`[:*](\w+)`)
	var routes []string
	for _, r := range api.New(options(t)).Routes() {
		method, path, _ := strings.Cut(r, " ")
		if method == http.MethodHead || slices.Contains(undocumented, r) {
			continue // HEAD is GET without a body
		}
		routes = append(routes, method+" "+parameter.ReplaceAllString(path, "{$1}"))
	}
	slices.Sort(routes)
	require.Equal(t, routes, operations(load(t)))
}

func TestEveryRouteToReadAnswersHEADToo(t *testing.T) {
	t.Parallel()
	routes := api.New(options(t)).Routes()
	for _, r := range routes {
		if path, ok := strings.CutPrefix(r, "GET "); ok {
			require.Contains(t, routes, "HEAD "+path)
		}
	}
}

// v2 is the part of a Swagger 2.0 document that is compared.
type v2 struct {
	Paths map[string]map[string]struct {
		OperationID string         `json:"operationId"`
		Responses   map[string]any `json:"responses"`
		Parameters  []struct {
			Name string `json:"name"`
			In   string `json:"in"`
		} `json:"parameters"`
	} `json:"paths"`
	Definitions map[string]struct {
		Properties map[string]any `json:"properties"`
	} `json:"definitions"`
}

func readV2(t *testing.T) v2 {
	t.Helper()
	raw, err := swag.ReadDoc()
	require.NoError(t, err)
	var doc v2
	require.NoError(t, json.Unmarshal([]byte(raw), &doc))
	return doc
}

func TestDocsAndDocumentNameTheSameOperations(t *testing.T) {
	t.Parallel()
	doc, old := load(t), readV2(t)
	var ops []string
	for path, methods := range old.Paths {
		for method, was := range methods {
			method = strings.ToUpper(method)
			ops = append(ops, method+" "+path)
			op := doc.Paths.Value(path).GetOperation(method)
			require.NotNil(t, op, path)
			require.Equal(t, was.OperationID, op.OperationID)
			require.NotEmpty(t, op.OperationID, path)
			require.Equal(t, len(was.Responses), op.Responses.Len(), path)
			for status := range was.Responses {
				require.NotNil(t, op.Responses.Value(status), "%s %s", path, status)
			}
			for _, p := range was.Parameters {
				if p.In != "body" {
					require.NotNil(t, op.Parameters.GetByInAndName(p.In, p.Name), "%s %s", path, p.Name)
				}
			}
		}
	}
	slices.Sort(ops)
	require.Equal(t, ops, operations(doc))
}

// swag writes a type it cannot resolve as an object without properties, and
// succeeds.
func TestEveryModelHasItsProperties(t *testing.T) {
	t.Parallel()
	doc, old := load(t), readV2(t)
	require.Greater(t, len(old.Definitions), 30)
	require.Contains(t, old.Definitions, "BatchAnswer", "names the models of lines, and is none itself")
	delete(old.Definitions, "BatchAnswer")
	require.Len(t, doc.Components.Schemas, len(old.Definitions))
	for name, def := range old.Definitions {
		require.NotEmpty(t, def.Properties, name)
		got := doc.Components.Schemas[name]
		require.NotNil(t, got, name)
		require.Len(t, got.Value.Properties, len(def.Properties), name)
		for member, p := range got.Value.Properties {
			v := p.Value
			require.True(t, v.Type != nil || len(v.AllOf) > 0 || len(v.OneOf) > 0, "%s.%s has no type", name, member)
			require.Empty(t, v.Extensions, "%s.%s has a hint that nothing replaced", name, member)
		}
	}
}

func TestEveryAnswerNamesItsMediaType(t *testing.T) {
	t.Parallel()
	for path, item := range load(t).Paths.Map() {
		for _, op := range item.Operations() {
			for status, r := range op.Responses.Map() {
				if status == "304" {
					require.Empty(t, r.Value.Content)
					continue
				}
				require.Len(t, r.Value.Content, 1, "%s %s", path, status)
				own := !slices.Contains([]string{
					"/v1/tokenizers/estimate-token-count", "/v1/messages/count_tokens", "/v1/responses/input_tokens",
				}, path)
				_, problem := r.Value.Content["application/problem+json"]
				require.Equal(t, own && status >= "400", problem, "%s %s", path, status)
				require.Contains(t, r.Value.Headers, "X-Request-Id")
			}
		}
	}
}

func TestRoutesOfV1TakeAKeyAndTheOthersNone(t *testing.T) {
	t.Parallel()
	doc := load(t)
	require.Equal(t, "bearer", doc.Components.SecuritySchemes["BearerKey"].Value.Scheme)
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			keyed := strings.HasPrefix(path, "/v1/") || path == "/playground/tokens" // it counts
			require.Equal(t, keyed, op.Security != nil, path)
			if op.Security != nil {
				require.NotNil(t, op.Responses.Value("401"), path)
				require.NotNil(t, op.Responses.Value("403"), path)
			}
		}
	}
}
