package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"tollgate/gate/report"
)

// compiled is the published schema.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("schema.json", document))
	s, err := c.Compile("schema.json") // which holds it against the meta-schema it names
	require.NoError(t, err)
	return s
}

// parsed is a JSON document as the validator wants it.
func parsed(t *testing.T, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return v
}

func TestEveryJSONReportKeepsToTheSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	for name, r := range samples() {
		require.NoError(t, schema.Validate(parsed(t, write(t, report.JSON, r, report.Options{}))), name)
	}
	require.NoError(t, schema.Validate(parsed(t, write(t, report.JSON, base("pass"), report.Options{}))), "without cases")
}

func TestTheSchemaRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	good := write(t, report.JSON, failed(), report.Options{})
	for _, wrong := range []struct{ name, old, replacement string }{
		{"another object", `"object": "gate.report"`, `"object": "estimate"`},
		{"another version", `"version": 1,`, `"version": 2,`},
		{"another outcome", `"outcome": "fail"`, `"outcome": "FAIL"`},
		{"another exit code", `"exit_code": 1`, `"exit_code": 2`},
		{"another currency", `"currency": "CNY"`, `"currency": "EUR"`},
		{"money as a number", `"cost_per_call":"0.0111705"`, `"cost_per_call":0.0111705`},
		{"money with an exponent", `"cost_per_call":"0.0111705"`, `"cost_per_call":"1e-2"`},
		{"money with leading zeros", `"cost_per_call":"0.0111705"`, `"cost_per_call":"00.1"`},
		{"money with a currency", `"cost_per_call":"0.0111705"`, `"cost_per_call":"CNY 1"`},
		{"a part of a token", `"lost_tokens":3385`, `"lost_tokens":3385.5`},
		{"less than no tokens", `"lost_tokens":3385`, `"lost_tokens":-1`},
		{"a line before the first", `"line":3,`, `"line":0,`},
		{"an unknown member", `"object": "gate.report"`, `"object": "gate.report", "prompt": "text"`},
		{"a member that is missing", `"currency": "CNY",`, ``},
		{"a missing member of a case", `"state":"unchanged",`, ``},
		{"another state", `"state":"unchanged"`, `"state":"removed"`},
		{"another kind of break", `"kind":"volatile_text"`, `"kind":"other"`},
		{"another severity", `"severity":"warning"`, `"severity":"fatal"`},
		{"a moment that is none", `"prices_at": "2026-11-25T08:30:00Z"`, `"prices_at": "yesterday"`},
		{"an empty text in place of null", `"source": "in process"`, `"source": ""`},
	} {
		bad := strings.Replace(good, wrong.old, wrong.replacement, 1)
		require.NotEqual(t, good, bad, wrong.name)
		require.Error(t, schema.Validate(parsed(t, bad)), wrong.name)
	}
}

// Every object says what it has, all of it, and nothing else.
func TestTheSchemaIsClosedEverywhere(t *testing.T) {
	t.Parallel()
	var document any
	require.NoError(t, json.Unmarshal(report.Schema(), &document))
	objects := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i := range v {
				walk(fmt.Sprintf("%s/%d", at, i), v[i])
			}
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok && v["type"] == "object" {
				objects++
				require.Equal(t, false, v["additionalProperties"], at)
				names := make([]any, 0, len(properties))
				for name := range properties {
					names = append(names, name)
				}
				require.ElementsMatch(t, names, v["required"], at)
			}
			require.True(t, v["type"] != "object" || v["properties"] != nil, at)
			for name := range v {
				walk(at+"/"+name, v[name])
			}
		}
	}
	walk("", document)
	require.Greater(t, objects, 12)
}

func TestTheSchemaIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	clear(report.Schema())
	require.True(t, json.Valid(report.Schema()))
}

// What is not known is null, and money is never a number.
func TestJSONKeepsWhatIsNotKnownApart(t *testing.T) {
	t.Parallel()
	var got struct {
		Totals struct {
			Cost   map[string]*string
			Change *string `json:"cost_change"`
		}
		Cases []struct {
			ID    string
			Now   *struct{ Count map[string]any }
			Break *struct {
				Once    bool
				Message *int
				PerCall *string `json:"cost_per_call"`
			}
			Change *struct {
				Tokens   int64
				Growth   json.Number        `json:"tokens_growth_percent"`
				ByPrompt *int64             `json:"tokens_by_prompt"`
				By       map[string]*string `json:"cost_by"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, failed(), report.Options{})), &got))
	require.Equal(t, map[string]*string{"expected": nil, "low": nil, "high": nil}, got.Totals.Cost)
	require.Nil(t, got.Totals.Change)

	triage, review, image := got.Cases[0], got.Cases[2], got.Cases[3]
	require.Equal(t, json.Number("183.3333"), triage.Change.Growth)
	require.Equal(t, "0.0008", *triage.Change.By["price"])
	require.False(t, triage.Break.Once)
	require.Equal(t, 0, *triage.Break.Message)

	require.Equal(t, int64(-100), review.Change.Tokens)
	require.Equal(t, json.Number("-1.9607"), review.Change.Growth)
	require.Nil(t, review.Change.ByPrompt)
	require.Nil(t, review.Now.Count["high"])
	require.True(t, review.Break.Once)
	require.Nil(t, review.Break.Message)
	require.Nil(t, review.Break.PerCall)
	require.Nil(t, image.Now)
}
