package prompt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/prompt"
)

// declared is the text that declares tools, a JSON list.
func declared(t testing.TB, family, tools string) string {
	t.Helper()
	got := render(t, family, request(t, `{"messages":[{"role":"user"}],"tools":`+tools+`}`))
	got, found := strings.CutPrefix(got, "<|im_system|>tool_declare<|im_middle|>")
	require.True(t, found)
	got, _, found = strings.Cut(got, "<|im_end|>")
	require.True(t, found)
	return got
}

// parametersOf is a list of one tool, f, with the given parameters.
func parametersOf(schema string) string {
	return `[{"type":"function","function":{"name":"f","parameters":` + schema + `}}]`
}

// typed is the type that a schema is declared as in the place of a parameter.
func typed(t testing.TB, schema string) string {
	t.Helper()
	got := declared(t, "kimi-k2.5", parametersOf(`{"properties":{"p":`+schema+`},"required":["p"]}`))
	got, found := strings.CutPrefix(got, "# Tools\n\n## functions\nnamespace functions {\ntype f = (_: {\n")
	if !found {
		return "fallback"
	}
	got, found = strings.CutSuffix(got, "\n}) => any;\n}\n")
	require.True(t, found, got)
	return got
}

func TestSchemasAreDeclaredAsTypes(t *testing.T) {
	t.Parallel()
	const fallback = "fallback"
	for _, tt := range []struct{ schema, want string }{
		// Scalars.
		{`{"type":"string"}`, "  p: string"},
		{`{"type":"integer"}`, "  p: number"},
		{`{"type":"whatever"}`, "  p: whatever"},
		{`{}`, "  p: any"},
		{`true`, "  p: any"},
		{`false`, "  p: null"},
		{`null`, fallback},
		{`"string"`, fallback},
		{`[]`, fallback},
		{`{"title":"T"}`, fallback},
		// Comments.
		{`{"type":"string","description":"one\n\ntwo"}`, "  // one\n\n  // two\n  p: string"},
		{`{"type":"string","description":""}`, "  p: string"},
		{`{"type":"string","description":null}`, "  p: string"},
		{`{"type":"string","description":0.0}`, "  p: string"},
		{`{"type":"string","description":7}`, fallback},
		{`{"type":"string","pattern":"^a$","minLength":1,"maxLength":2.50,"minimum":3}`, "  // maxLength: 2.5, minLength: 1, pattern: ^a$\n  p: string"},
		{`{"type":"number","minimum":1e-5,"maximum":1E16,"minLength":1}`, "  // maximum: 1e+16, minimum: 1e-05\n  p: number"},
		{`{"type":"boolean","minimum":1}`, "  p: boolean"},
		{`{"type":"string","format":"date","title":"T"}`, "  p: string"},
		// Defaults.
		{`{"type":"string","default":"a\"é"}`, "  // Default: \"a\\\"é\"\n  p: string"},
		{`{"type":"boolean","default":true}`, "  // Default: True\n  p: boolean"},
		{`{"type":"boolean","default":false}`, "  // Default: False\n  p: boolean"},
		{`{"type":"number","default":0.250}`, "  // Default: 0.25\n  p: number"},
		{`{"type":"number","default":1e400}`, "  // Default: inf\n  p: number"},
		{`{"type":"array","default":[1,{"b":null,"a":-1e400}]}`, "  // Default: [1, {\"a\": -Infinity, \"b\": null}]\n  p: Array<any>"},
		{`{"type":"string","default":null}`, "  p: string"},
		{`{"type":"string","description":"d","default":""}`, "  // d\n  // Default: \"\"\n  p: string"},
		// Enumerations.
		{`{"enum":["a",1,1.0,-0,1e22,0.0001,0.00001,true,false,null]}`, `  p: "a" | 1 | 1.0 | 0 | 1e+22 | 0.0001 | 1e-05 | True | False | None`},
		{`{"type":"string","enum":["a\"b\\"]}`, `  p: "a"b\"`},
		{`{"type":"string","enum":["a",1]}`, fallback},
		{`{"type":"string","enum":["a",null]}`, `  p: "a" | None`},
		{`{"type":"number","enum":[1,2.5,true]}`, `  p: 1 | 2.5 | True`},
		{`{"type":"integer","enum":[1,2.0]}`, fallback},
		{`{"type":"boolean","enum":[1]}`, fallback},
		{`{"type":["integer"],"enum":[1]}`, `  p: 1`},
		{`{"type":["null","integer"],"enum":[1,null]}`, `  p: 1 | None`},
		{`{"type":["string","integer"],"enum":[1]}`, fallback},
		{`{"type":["string","integer","null"],"enum":[1]}`, fallback},
		{`{"type":"string","enum":[]}`, `  p: `},
		{`{"type":"string","enum":"ab"}`, `  p: "a" | "b"`},
		{`{"enum":5}`, fallback},
		{`{"enum":[["it's",{"a":"\"'\n\u0007\u00a0\ue000\u4e2d"}]]}`, `  p: ["it's", {'a': '"\'\n\x07\xa0\ue000中'}]`},
		// Unions.
		{`{"type":["string","integer","object","array","null","boolean","number"]}`, "  p: string | number | {} | Array<any> | null | boolean | number"},
		{`{"type":["string","date"]}`, fallback},
		{`{"type":[1]}`, fallback},
		{`{"anyOf":[{"type":"string","description":"unseen"},{"type":"null"}],"description":"d"}`, "  // d\n  p: string | null"},
		{`{"anyOf":[{"title":"T"}]}`, fallback},
		{`{"anyOf":{"type":"string"}}`, fallback},
		// The order of the tests.
		{`{"anyOf":[true],"enum":["a"],"type":"string"}`, "  p: any"},
		{`{"enum":["a"],"type":"string"}`, `  p: "a"`},
		// Arrays.
		{`{"type":"array","items":{"type":"array","items":{"type":"integer"}}}`, "  p: Array<Array<number>>"},
		{`{"type":"array","minItems":1,"maxItems":2,"items":{}}`, "  // maxItems: 2, minItems: 1\n  p: Array<any>"},
		{`{"type":"array","items":false}`, "  p: Array<any>"},
		{`{"type":"array","items":[{"type":"string"}]}`, fallback},
		{`{"type":"array","items":{"type":"string","description":"d","maxLength":3}}`, "  p: Array<\n    // d\n    // maxLength: 3\n    string\n  >"},
		{
			`{"type":"array","items":{"type":"object","description":"d","properties":{"a":{"type":"string"}}}}`,
			"  p: Array<\n    // d\n    {\n      a?: string\n    }\n  >",
		},
		// Objects.
		{`{"type":"object"}`, "  p: {}"},
		{`{"type":"object","properties":{}}`, "  p: {}"},
		{`{"type":"object","additionalProperties":true}`, "  p: {\n    [k: string]: any\n  }"},
		{`{"type":"object","additionalProperties":false}`, "  p: {\n    [k: string]: never\n  }"},
		{`{"type":"object","additionalProperties":null}`, "  p: {}"},
		{`{"type":"object","additionalProperties":1}`, fallback},
		{
			`{"type":"object","additionalProperties":{"type":"object","properties":{"a":true}}}`,
			"  p: {\n    [k: string]: {\n      a?: any\n    }\n  }",
		},
		{
			`{"type":"object","properties":{"b":true,"é":true,"a":true,"Z":true},"required":["b","a","x",1]}`,
			"  p: {\n    a: any,\n    b: any,\n    Z?: any,\n    é?: any\n  }",
		},
		{`{"type":"object","properties":{"a":true,"bc":true},"required":"abc"}`, "  p: {\n    a: any,\n    bc?: any\n  }"},
		{`{"type":"object","properties":{"a":true},"required":{"a":1}}`, "  p: {\n    a: any\n  }"},
		{`{"type":"object","properties":{"a":true},"required":null}`, fallback},
		{`{"type":"object","properties":{"a":true},"required":[[]]}`, fallback},
		{`{"type":"object","properties":null}`, fallback},
		{`{"type":"object","properties":[]}`, fallback},
		// References.
		{`{"$ref":"#/$defs/No"}`, fallback},
		{`{"$ref":"#/definitions/A"}`, fallback},
		{`{"$ref":5}`, fallback},
	} {
		t.Run(tt.schema, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, typed(t, tt.schema))
		})
	}
}

func TestDefinitionsAreDeclaredAsInterfaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, schema, want string }{
		{
			"in the order of their names, with their comments",
			`{"properties":{"x":{"$ref":"#/$defs/B","description":"of x"}},"$defs":{"B":{"type":"object","description":"b"},"A":{"enum":[1]}}}`,
			"interface A 1\n// b\ninterface B {}\ntype f = (_: {\n  // of x\n  x?: B\n}) => any;",
		},
		{
			"after the root if something refers to it",
			`{"properties":{"x":{"$ref":"#"},"a":{"type":"string"}},"required":["x"],"additionalProperties":false,"$defs":{"D":{}}}`,
			"interface parameters {\n  a?: string,\n  x: parameters\n}\ninterface D any\ntype f = (_: parameters) => any;",
		},
		{
			"but a definition can not bring the root",
			`{"$defs":{"D":{"type":"array","items":{"$ref":"#"}}}}`,
			"interface D Array<parameters>\ntype f = (_: {}) => any;",
		},
		{
			"nor other definitions",
			`{"$defs":{"D":{"type":"object","properties":{"e":{"$ref":"#/$defs/E"}},"$defs":{"E":{"type":"string"}}}}}`,
			"interface D {\n  e?: E\n}\ntype f = (_: {}) => any;",
		},
		{
			"wherever an object brings them",
			`{"properties":{"o":{"type":"object","$defs":{"E":{"type":"string"}}},"z":{"$ref":"#/$defs/E"}}}`,
			"interface E string\ntype f = (_: {\n  o?: {},\n  z?: E\n}) => any;",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := "# Tools\n\n## functions\nnamespace functions {\n" + tt.want + "\n}\n"
			require.Equal(t, want, declared(t, "kimi-k2.5", parametersOf(tt.schema)))
		})
	}
	for _, schema := range []string{
		`{"$defs":{"D":true}}`, `{"$defs":[1]}`, `{"$defs":{"D":{"title":"T"}}}`, `{"$defs":{"D":{"type":"string","description":5}}}`,
		`[1]`, `"s"`, `5`, `true`,
	} {
		require.Equal(t, "[", declared(t, "kimi-k2.5", parametersOf(schema))[:1], schema)
	}
}

func TestToolsAreDeclaredOneAfterAnother(t *testing.T) {
	t.Parallel()
	const begin, end = "# Tools\n\n## functions\nnamespace functions {\n", "}\n"
	for _, tt := range []struct{ name, tools, want string }{
		{
			"a function with a comment and one without",
			`[{"type":"function","function":{"name":"b","description":"one\ntwo"}},{"type":"function","function":{"name":"a","parameters":{}}}]`,
			begin + "// one\n// two\ntype b = (_: {}) => any;\ntype a = (_: {}) => any;\n" + end,
		},
		{
			"what is not a function is left out",
			`[{"type":"builtin_function","function":{"name":"$web_search"}},{"type":"function","function":{"name":"a"}},{"type":"function","function":{}},{"type":"function"}]`,
			begin + "type a = (_: {}) => any;\n" + end,
		},
		{
			"without any function all is JSON, sorted and compact",
			`[{"type":"builtin_function","function":{"name":"$web_search"}, "z":[1, 2.0, "\u00e9\/\u007f"], "é":1e2}]`,
			`[{"function":{"name":"$web_search"},"type":"builtin_function","z":[1,2.0,"é/` + "\x7f" + `"],"é":100.0}]`,
		},
		{
			"one bad schema makes all of them JSON",
			`[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b","parameters":{"properties":{"x":null}}}}]`,
			`[{"function":{"name":"a"},"type":"function"},{"function":{"name":"b","parameters":{"properties":{"x":null}}},"type":"function"}]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, declared(t, "kimi-k2.5", tt.tools))
		})
	}
	const two = `[{"function":{"strict":true,"parameters":{"b":1,"a":2.50},"name":"f"},"type":"function"}]`
	require.Equal(t, `[{"type": "function", "function": {"name": "f", "parameters": {"b": 1, "a": 2.5}, "strict": true}}]`,
		declared(t, "kimi-k2-thinking", two))
	require.Equal(t, `[{"function":{"name":"f","parameters":{"b":1,"a":2.5}},"type":"function"}]`, declared(t, "kimi-k2/2025-09", two))
}

func TestDeclaringTakesTimeInProportionToTheSchema(t *testing.T) {
	t.Parallel()
	wide := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"properties":{"a":{}`)
		for i := range n {
			fmt.Fprintf(&b, `,"p%d":{"$ref":"#/$defs/d%d"}`, i, i)
		}
		b.WriteString(`},"required":["a"`)
		for i := range n {
			fmt.Fprintf(&b, `,"p%d"`, i)
		}
		b.WriteString(`],"$defs":{"d":{}`)
		for i := range n {
			fmt.Fprintf(&b, `,"d%d":{"enum":["x"]}`, i)
		}
		return parametersOf(b.String() + `}}`)
	}
	// The shortest times of both, taken in turn until they agree: a busy machine
	// only ever adds to one.
	few, many := best(t, wide(1_000)), best(t, wide(8_000))
	for try := 0; many >= 40*few && try < 20; try++ {
		few, many = min(few, best(t, wide(1_000))), min(many, best(t, wide(8_000)))
	}
	require.Less(t, many, 40*few, "eight times the schema must not take 64 times as long")
}

// best is the shortest of a few times that declaring tools takes.
func best(t testing.TB, tools string) time.Duration {
	t.Helper()
	req := request(t, `{"messages":[{"role":"user"}],"tools":`+tools+`}`)
	p, s := profile(t, "kimi-k2.5"), &tally{}
	shortest := time.Hour
	for range 5 {
		start := time.Now()
		p.Render(req, s)
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}

func TestToolsTooLargeForAnyContextStandAsSent(t *testing.T) {
	t.Parallel()
	req := request(t, `{"messages":[{"role":"user"}],"tools":`+
		parametersOf(`{"description":"`+strings.Repeat("x", 4<<20)+`"}`)+`}`)
	require.Contains(t, render(t, "kimi-k2.5", req), `<|im_middle|>[{"type":"function",`)
	gaps := profile(t, "kimi-k2.5").Gaps(req)
	require.NotEmpty(t, gaps)
	require.Equal(t, "/tools", gaps[0].Pointer)
	require.Equal(t, prompt.Unbounded, gaps[0].More)
}
