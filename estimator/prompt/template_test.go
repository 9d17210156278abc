package prompt_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// short spells control tokens in a few letters, so that a prompt fits a line.
var short = strings.NewReplacer(
	"SYS ", "<|im_system|>", "USR ", "<|im_user|>", "AST ", "<|im_assistant|>", " MID ", "<|im_middle|>",
	"CALLS ", "<|tool_calls_section_begin|>", " ENDCALLS", "<|tool_calls_section_end|>",
	"CALL ", "<|tool_call_begin|>", " ARG ", "<|tool_call_argument_begin|>", " ENDCALL", "<|tool_call_end|>",
	" END", "<|im_end|>", // behind the longer ones: the first that fits is taken
	"IMG", "<|media_begin|>image<|media_content|><|media_pad|><|media_end|>\n",
	"«", "<|open|>", "‹", "<|close|>", "»", "<|sep|>", "¶", "<|end_of_msg|>",
)

// pixels is the data URL of a picture of w by h pixels.
func pixels(t testing.TB, w, h int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))))
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestChatsRenderByTheRulesOfTheirFamily(t *testing.T) {
	t.Parallel()
	const (
		generation = `AST assistant MID <think>`
		round      = `{"role":"user","content":"a"},
			{"role":"assistant","content":"b","reasoning_content":"r1","tool_calls":[{"id":"functions.f:0","function":{"name":"f","arguments":"{}"}}]},
			{"role":"tool","tool_call_id":"functions.f:0","content":"c"}`
		clientIDs = `{"role":"assistant","tool_calls":[{"id":"f:3","function":{"name":"f","arguments":"{}"}},{"id":"call_x","function":{"name":"g","arguments":"{}"}}]},
			{"role":"tool","tool_call_id":"call_x","content":"1"},{"role":"tool","tool_call_id":"f:3","content":"2"}`
	)
	picture := `{"type":"image_url","image_url":{"url":"` + pixels(t, 30, 20) + `"}}`
	for _, tt := range []struct{ name, family, body, want string }{
		{
			"a user speaks", "kimi-k2.5",
			`{"messages":[{"role":"user","content":"Hello"}]}`,
			`USR user MID Hello END` + generation,
		},
		{
			"thinking that is off is an empty thought", "kimi-k2.5",
			`{"messages":[{"role":"user","content":"Hello"}],"thinking":{"type":"disabled"}}`,
			`USR user MID Hello END` + generation + `</think>`,
		},
		{
			"no system message is added and any order is kept", "kimi-k2.5",
			`{"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"},{"role":"developer","content":"c"}]}`,
			`USR user MID a ENDSYS system MID b ENDSYS developer MID c END` + generation,
		},
		{
			"a name takes the place of the role", "kimi-k2.5",
			`{"messages":[{"role":"user","name":"Ann","content":"a"},{"role":"assistant","name":"","content":"b"}]}`,
			`USR Ann MID a ENDAST assistant MID <think></think>b END` + generation,
		},
		{
			"null and absent content are nothing", "kimi-k2.5",
			`{"messages":[{"role":"user","content":null},{"role":"user"},{"role":"user","content":[]}]}`,
			`USR user MID  ENDUSR user MID  ENDUSR user MID  END` + generation,
		},
		{
			"calls after the last answer keep their reasoning", "kimi-k2.5",
			`{"messages":[` + round + `]}`,
			`USR user MID a ENDAST assistant MID <think>r1</think>bCALLS CALL functions.f:0 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.f:0\nc END" + generation,
		},
		{
			"calls before the last answer lose their reasoning", "kimi-k2.5",
			`{"messages":[` + round + `,{"role":"assistant","content":"d","reasoning_content":"r2"},{"role":"user","content":"e"}]}`,
			`USR user MID a ENDAST assistant MID <think></think>bCALLS CALL functions.f:0 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.f:0\nc ENDAST assistant MID <think></think>d ENDUSR user MID e END" + generation,
		},
		{
			"thinking that is off drops the reasoning of calls", "kimi-k2.5",
			`{"messages":[` + round + `],"thinking":{"type":"disabled"}}`,
			`USR user MID a ENDAST assistant MID <think></think>bCALLS CALL functions.f:0 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.f:0\nc END" + generation + "</think>",
		},
		{
			"a result may carry the name of its tool", "kimi-k2.5",
			`{"messages":[{"role":"tool","name":"f","tool_call_id":"x","content":[{"type":"text","text":"c"}]}]}`,
			"SYS f MID ## Return of x\nc END" + generation,
		},
		{
			"arguments that are an object are printed as Python does", "kimi-k2.5",
			`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f","arguments":{"é":[1,2.50,1e3,-0.0,true,null],"b":{"c\u0001":"\n\u4e2d/"}}}}]}]}`,
			`AST assistant MID <think></think>CALLS CALL x ARG {"é": [1, 2.5, 1000.0, -0.0, true, null], "b": {"c\u0001": "\n中/"}} ENDCALL ENDCALLS END` + generation,
		},
		{
			"arguments that are a string are left alone", "kimi-k2.5",
			`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f","arguments":"{\"a\":  1}"}}]}]}`,
			`AST assistant MID <think></think>CALLS CALL x ARG {"a":  1} ENDCALL ENDCALLS END` + generation,
		},
		{
			"a newline follows each image and nothing the texts", "kimi-k2.5",
			`{"messages":[{"role":"user","content":[{"type":"text","text":"a"},` + picture + `,` + picture + `,{"type":"text","text":"b"},{"type":"text","text":"c"}]}]}`,
			"USR user MID aIMGIMGbc END" + generation,
		},
		{
			"the model goes on with a partial answer", "kimi-k2.5",
			`{"messages":[{"role":"user","content":"a"},{"role":"assistant","name":"Bob","content":"{","partial":true}]}`,
			`USR user MID a ENDAST Bob MID <think></think>{`,
		},
		{
			"arguments that are not JSON to Python either are left alone", "kimi-k2.5",
			`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f","arguments":"{"}}]}]}`,
			`AST assistant MID <think></think>CALLS CALL x ARG { ENDCALL ENDCALLS END` + generation,
		},
		{
			"a partial message that is not the last is like any other", "kimi-k2.5",
			`{"messages":[{"role":"assistant","content":"{","partial":true},{"role":"user","content":"a","partial":true}]}`,
			`AST assistant MID <think></think>{ ENDUSR user MID a END` + generation,
		},
		{
			"keep all keeps reasoning of answers too", "kimi-k2.6",
			`{"messages":[{"role":"assistant","content":"d","reasoning_content":"r2"}],"thinking":{"type":"enabled","keep":"all"}}`,
			`AST assistant MID <think>r2</think>d END` + generation,
		},
		{
			"without keep reasoning of answers is dropped", "kimi-k2.6",
			`{"messages":[{"role":"assistant","content":"d","reasoning_content":"r2"}]}`,
			`AST assistant MID <think></think>d END` + generation,
		},
		{
			"keep means nothing to K2.5", "kimi-k2.5",
			`{"messages":[{"role":"assistant","content":"d","reasoning_content":"r2"}],"thinking":{"type":"enabled","keep":"all"}}`,
			`AST assistant MID <think></think>d END` + generation,
		},
		{
			"reasoning goes before reasoning_content", "kimi-k2.6",
			`{"messages":[{"role":"assistant","content":"d","reasoning":"r1","reasoning_content":"r2"}],"thinking":{"type":"enabled","keep":"all"}}`,
			`AST assistant MID <think>r1</think>d END` + generation,
		},
		{
			"K2.7 always thinks and always keeps", "kimi-k2.7-code",
			`{"messages":[{"role":"assistant","content":"d","reasoning_content":"r2"}],"thinking":{"type":"disabled"}}`,
			`AST assistant MID <think>r2</think>d END` + generation,
		},
		{
			"K2 Thinking introduces itself and opens no thought", "kimi-k2-thinking",
			`{"messages":[{"role":"user","content":"a"}]}`,
			`SYS system MID You are Kimi, an AI assistant created by Moonshot AI. ENDUSR user MID a ENDAST assistant MID `,
		},
		{
			"K2 Thinking leaves the system message to the caller", "kimi-k2-thinking",
			`{"messages":[{"role":"system","content":"s"},` + round + `]}`,
			`SYS system MID s ENDUSR user MID a ENDAST assistant MID <think>r1</think>bCALLS CALL functions.f:0 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.f:0\nc ENDAST assistant MID ",
		},
		{
			"K2 has no thoughts", "kimi-k2",
			`{"messages":[` + round + `]}`,
			`USR user MID a ENDAST assistant MID bCALLS CALL functions.f:0 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.f:0\nc ENDAST assistant MID ",
		},
		{
			"K2 renames the ids of calls and of their results", "kimi-k2",
			`{"messages":[` + clientIDs + `]}`,
			`AST assistant MID CALLS CALL functions.f:3 ARG {} ENDCALLCALL functions.g:1 ARG {} ENDCALL ENDCALLS END` +
				"SYS tool MID ## Return of functions.g:1\n1 ENDSYS tool MID ## Return of functions.f:3\n2 ENDAST assistant MID ",
		},
		{
			"K2 renames the id of a result whose call is gone", "kimi-k2",
			`{"messages":[{"role":"tool","tool_call_id":"f:2","content":"1"},{"role":"tool","tool_call_id":"what","content":"2"}]}`,
			"SYS tool MID ## Return of functions.f:2\n1 ENDSYS tool MID ## Return of what\n2 ENDAST assistant MID ",
		},
		{
			"the older models are rendered like K2", "moonshot-v1",
			`{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]}`,
			`SYS system MID s ENDUSR user MID a ENDAST assistant MID `,
		},
	} {
		t.Run(tt.family+": "+tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, short.Replace(tt.want), render(t, tt.family, request(t, tt.body)))
		})
	}
}
