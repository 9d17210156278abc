package client_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/client"
	"tollgate/openapi"
)

// The client's types are written by hand, and are the service's.
func TestTheTypesHaveEveryMemberThatTheServiceAnswers(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]any{
		{api.Estimate{}, client.Estimate{}},
		{api.Problem{}, client.Problem{}},
		{api.Model{}, client.Model{}},
		{api.PriceTable{}, client.PriceTable{}},
		{api.BatchSummary{}, client.BatchSummary{}},
		{api.BatchLine{}, client.BatchLine{}},
	} {
		same(t, reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1]), reflect.TypeOf(pair[1]).Name())
	}
}

// same holds two types together, as JSON has them.
func same(t *testing.T, service, ours reflect.Type, at string) {
	t.Helper()
	switch {
	case ours == reflect.TypeFor[*client.Quantity]() || at == "BatchLine.body":
		return // any there
	case service.Kind() == reflect.Struct:
		theirs, mine := members(service), members(ours)
		delete(theirs, "error") // of a problem: repeats the detail for OpenAI-style clients
		for _, name := range []string{"estimate", "comparison"} {
			if ours == reflect.TypeFor[client.Problem]() && theirs[name] == nil {
				delete(mine, name) // one type here for problems of all kinds
			}
		}
		for name, typ := range theirs {
			require.Contains(t, mine, name, "%s.%s is answered and not known here", at, name)
			same(t, typ, mine[name], at+"."+name)
			delete(mine, name)
		}
		require.Empty(t, mine, "%s has members that are never answered", at)
	case service.Kind() == reflect.Pointer || service.Kind() == reflect.Slice || service.Kind() == reflect.Map:
		require.Equal(t, service.Kind(), ours.Kind(), at)
		same(t, service.Elem(), ours.Elem(), at)
	default:
		require.Equal(t, service.Kind(), ours.Kind(), at)
	}
}

// members is the members of a struct by their names in JSON.
func members(typ reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for f := range typ.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			out[name] = f.Type
		}
	}
	return out
}

// A Query with everything set asks with every parameter that is published.
func TestAQueryHasEveryParameter(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	require.NoError(t, json.Unmarshal(openapi.JSON(), &document))
	want := map[string]bool{}
	for _, p := range document.Paths["/v1/estimate"]["post"].Parameters {
		if p.In == "query" {
			want[p.Name] = true
		}
	}
	require.NotEmpty(t, want)

	got := map[string]bool{}
	c := wired(t, func(r *http.Request) (*http.Response, error) {
		for name := range r.URL.Query() {
			got[name] = true
		}
		return says(http.StatusUnprocessableEntity, problem(422, "x")), nil
	})
	_, err := c.Estimate(t.Context(), []byte(hello), client.Query{
		CompletionTokens: new(int64(1)), CachedTokens: new(int64(1)), CachedShare: "0.5", Currency: client.USD, At: now(),
		Method: client.MethodAuto, MaxCost: "1", MaxPromptTokens: new(int64(1)), MinHeadroom: new(int64(1)),
		Basis: client.BasisLow, Breakdown: true, Enforce: true,
	})
	require.Error(t, err)
	require.Equal(t, want, got)
}

// A client brings nothing along.
func TestThePackageImportsTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range parsed.Imports {
			first, _, _ := strings.Cut(strings.Trim(i.Path.Value, `"`), "/")
			require.NotContains(t, first, ".", file)
			require.NotEqual(t, "tollgate", first, file)
		}
	}
}
