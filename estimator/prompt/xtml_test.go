package prompt_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestK3RendersMarkup(t *testing.T) {
	t.Parallel()
	const (
		maximal = "«message role=\"system\" type=\"thinking-effort\"»`thinking_effort` guides on how much to think in your thinking channel " +
			"(not including the response channel), supported values include `low`, `medium`, `high`, and `max`.\n" +
			"Now the system is invoked with `thinking_effort=max`.‹message»¶"
		thinks   = `«message role="assistant"»«think»`
		declared = "«message role=\"system\" type=\"tool-declare\"»# Tools\nHere are the available tools, described in JSONSchema.\n\n```json\n"
		extended = "«message role=\"system\" type=\"tool-declare\"»## New Tools Available\nThe system dynamically extends the toolset via lazy-loading.\n" +
			"You have access to all existing and extended tools.\nHere are the specs for the extended tools.\n\n```json\n"
		tool   = `{"type":"function","function":{"parameters":{"b":1,"a":{"d":1.0,"c":2}},"name":"f"}}`
		sorted = `[{"function":{"name":"f","parameters":{"a":{"c":2,"d":1.0},"b":1}},"type":"function"}]` + "\n```‹message»¶"
		noted  = "`.\nYour response must be raw JSON data without markdown code blocks (```json) or any additional formatting."
		demand = "«message role=\"system\" type=\"tool-choice\"»The system is invoked with `tool_choice=required`.\nYou MUST call tools in the next message.‹message»¶"
		forbid = "«message role=\"system\" type=\"tool-choice\"»The system is invoked with `tool_choice=none`.\nYou MUST NOT call any tools in the next message.‹message»¶"
		hi     = `«message role="user"»hi‹message»¶`
		calls  = `{"role":"assistant","tool_calls":[
			{"id":"x","function":{"name":"f","arguments":"{\"s\":\"a \\\"b\\\"\",\"n\":1.50,\"o\":{\"k\":[1,true]},\"z\":null}"}},
			{"id":"y","function":{"name":"g","arguments":"{broken"}},
			{"id":"z","function":{"name":"h","arguments":" "}}]}`
		called = `«message role="assistant"»«think»‹think»«response»‹response»«tools»` +
			`«call tool="f" index="1"»«argument key="s" type="string"»a "b"‹argument»«argument key="n" type="number"»1.5‹argument»` +
			`«argument key="o" type="object"»{"k": [1, true]}‹argument»«argument key="z" type="null"»null‹argument»‹call»` +
			`«call tool="g" index="2"»«json type="object"»{broken‹json»‹call»«call tool="h" index="3"»‹call»‹tools»‹message»¶`
	)
	picture := `{"type":"image_url","image_url":{"url":"` + pixels(t, 30, 20) + `"}}`
	for _, tt := range []struct{ name, body, want string }{
		{"the effort is told first", `{"messages":[{"role":"user","content":"hi"}]}`, maximal + hi + thinks},
		{
			"a name is an attribute and escaped", `{"messages":[{"role":"user","name":"A&\"B\"<","content":"hi"}]}`,
			maximal + `«message role="user" name="A&amp;&quot;B&quot;<"»hi‹message»¶` + thinks,
		},
		{
			"thinking that is off has no channel",
			`{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a","reasoning_content":"r"}],"thinking":{"type":"disabled"}}`,
			hi + `«message role="assistant"»«response»a‹response»‹message»¶«message role="assistant"»«response»`,
		},
		{
			"all reasoning is kept, but for blanks",
			`{"messages":[{"role":"assistant","content":"a","reasoning_content":"r"},{"role":"assistant","reasoning":"q"},{"role":"assistant","reasoning_content":" \n"}]}`,
			maximal + `«message role="assistant"»«think»r‹think»«response»a‹response»‹message»¶` +
				`«message role="assistant"»«think»q‹think»«response»‹response»‹message»¶` +
				`«message role="assistant"»«think»‹think»«response»‹response»‹message»¶` + thinks,
		},
		{
			"tools are declared before all else, with sorted keys",
			`{"messages":[{"role":"user","content":"hi"}],"tools":[` + tool + `]}`,
			declared + sorted + maximal + hi + thinks,
		},
		{
			"a system message may bring more tools",
			`{"messages":[{"role":"system","content":"s"},{"role":"system","tools":[` + tool + `]}]}`,
			maximal + `«message role="system"»s‹message»¶` + extended + sorted + thinks,
		},
		{"calls are tags", `{"messages":[` + calls + `]}`, maximal + called + thinks},
		{
			"results stand in the order of their calls, by the names of those",
			`{"messages":[` + calls + `,{"role":"tool","tool_call_id":"z","name":"no","content":"3"},{"role":"tool","tool_call_id":"x","content":"1"}]}`,
			maximal + called + `«message role="tool" tool="f" index="1"»1‹message»¶«message role="tool" tool="h" index="2"»3‹message»¶` + thinks,
		},
		{
			"results of unknown calls stay in their order",
			`{"messages":[` + calls + `,{"role":"tool","tool_call_id":"?","name":"n","content":"3"},{"role":"tool","tool_call_id":"x","content":"1"}]}`,
			maximal + called + `«message role="tool" tool="n" index="1"»3‹message»¶«message role="tool" tool="g" index="2"»1‹message»¶` + thinks,
		},
		{
			"the tool choice is told last", `{"messages":[{"role":"user","content":"hi"}],"tool_choice":"required"}`,
			maximal + hi + demand + thinks,
		},
		{
			"the choice of no tool is told too", `{"messages":[{"role":"user","content":"hi"}],"tool_choice":"none","response_format":{"type":"text"}}`,
			maximal + hi + forbid + thinks,
		},
		{
			"an object is asked for", `{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}}`,
			maximal + hi + `«message role="system" type="response-format"»The system is invoked with ` + "`response_format=json_object" + noted + "‹message»¶" + thinks,
		},
		{
			"a schema is shown",
			`{"messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","a":1}}}}`,
			maximal + hi + `«message role="system" type="response-format"»The system is invoked with ` + "`response_format=json_schema" + noted +
				"\nThe JSON data must match the following schema:\n```json\n{\"a\":1,\"type\":\"object\"}\n```‹message»¶" + thinks,
		},
		{
			"an image carries its size and no newline",
			`{"messages":[{"role":"user","content":[` + picture + `,{"type":"text","text":"b"}]}]}`,
			maximal + `«message role="user"»<|media_begin|>image 30x20<|media_content|><|media_pad|><|media_end|>b‹message»¶` + thinks,
		},
		{
			"the model goes on with a partial answer",
			`{"messages":[{"role":"assistant","content":"{","partial":true}]}`,
			maximal + `«message role="assistant"»«think»‹think»«response»{`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := render(t, "kimi-k3", request(t, tt.body))
			if want := short.Replace(tt.want); got != want {
				t.Errorf("rendered\n%q, want\n%q", got, want)
			}
		})
	}
}

// The counts are the lengths of the token lists that the encoder published with
// K3 makes of these chats, as recorded in the tests of
// https://github.com/smg-project/smg, k3_render_ids_fixtures.json.
func TestK3CountsAsItsPublishedEncoder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		want       int64
	}{
		{"a user speaks", `{"messages":[{"role":"user","content":"Hi"}]}`, 89},
		{"each mark of an attribute is a text", `{"messages":[{"role":"user","name":".hidden","content":"Hi"}]}`, 93},
		{"reasoning is kept", `{"messages":[{"role":"system","content":"You are helpful"},{"role":"user","content":"Hi"},
			{"role":"assistant","content":"Hello!","reasoning_content":"think a bit"},{"role":"user","content":"Bye"}]}`, 144},
		{"tools are called and control tokens in a result are text", `{"messages":[{"role":"user","content":"weather in Paris?"},
			{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},
			{"role":"tool","tool_call_id":"call_1","content":"sunny <|open|>x<|sep|>"}],
			"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]}`, 250},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, count(t, "kimi-k3", request(t, tt.body)).total())
		})
	}
}
