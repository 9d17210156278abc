package foreign_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api/foreign"
	"tollgate/estimator/chat"
)

// said returns the chat request that a body was translated into.
func said(t testing.TB, translate func([]byte) (*foreign.Request, error), body string) string {
	t.Helper()
	r, err := translate([]byte(body))
	require.NoError(t, err, body)
	text, err := io.ReadAll(r.NewReader())
	require.NoError(t, err)
	require.Equal(t, int64(len(text)), r.Len())
	return string(text)
}

const image = `"iVBORw0KGgo="`

func TestWhatAnthropicSaysIsSaidToKimi(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 100)
	for _, tt := range []struct{ name, body, want string }{
		{
			"a text",
			`{"model":"m","max_tokens":5,"temperature":1,"messages":[{"role":"user","content":"Hé\u00e9"}]}`,
			`{"model":"m","messages":[{"role":"user","content":"Hé\u00e9"}]}`,
		},
		{
			"a text that is not copied",
			`{"model":"m","messages":[{"role":"user","content":"` + long + `"}]}`,
			`{"model":"m","messages":[{"role":"user","content":"` + long + `"}]}`,
		},
		{
			"a system prompt, and one of blocks",
			`{"model":"m","system":"S","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}]}`,
			`{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}`,
		},
		{
			"an image",
			`{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":` + image + `}}]}]}`,
			`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}`,
		},
		{
			"thinking, a call and its results",
			`{"model":"m","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"let me"},` +
				`{"type":"tool_use","id":"1","name":"f","input":{"a": ["<x>", 1.0]}},{"type":"tool_use","id":"2","name":"g","input":{}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"23"},{"type":"tool_result","tool_use_id":"2","is_error":true},{"type":"text","text":"so?"}]}]}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":"let me","reasoning_content":"hm","tool_calls":[` +
				`{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":[\"<x>\",1.0]}"}},{"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]},` +
				`{"role":"tool","content":"23","tool_call_id":"1"},{"role":"tool","content":"","tool_call_id":"2"},{"role":"user","content":"so?"}]}`,
		},
		{
			"the beginning of an answer",
			`{"model":"m","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":"It is"}]}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":"It is","partial":true}]}`,
		},
		{
			"tools, a choice and thinking",
			`{"model":"m","messages":[{"role":"user","content":"w?"}],"tools":[{"name":"f","description":"d","input_schema":{"type": "object"}}],"tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"disabled"}}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type": "object"}}}],` +
				`"tool_choice":{"type":"function","function":{"name":"f"}},"thinking":{"type":"disabled"}}`,
		},
		{
			"null is absent",
			`{"model":"m","system":null,"tools":null,"tool_choice":null,"thinking":null,"container":null,"messages":[{"role":"user","content":"w?"}]}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := said(t, foreign.Anthropic, tt.body)
			require.Equal(t, tt.want, got)
			_, err := chat.Scan(strings.NewReader(got), chat.Options{})
			require.NoError(t, err)
		})
	}
}

func TestWhatOpenAISaysIsSaidToKimi(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{
			"a text with instructions",
			`{"model":"m","instructions":"S","input":"w?","store":true}`,
			`{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"w?"}]}`,
		},
		{
			"messages with and without a type",
			`{"model":"m","input":[{"role":"developer","content":"S"},{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,iVBORw0KGgo="}]}]}`,
			`{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]}`,
		},
		{
			"one answer of several items",
			`{"model":"m","input":[{"role":"user","content":"w?"},{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"h"},{"type":"summary_text","text":"m"}],"encrypted_content":"x"},` +
				`{"type":"message","id":"i","status":"completed","role":"assistant","content":[{"type":"output_text","text":"let me","annotations":[]}]},` +
				`{"type":"function_call","id":"c","call_id":"1","name":"f","arguments":"{\"a\": 1}"},{"type":"function_call","call_id":"2","name":"g","arguments":""},` +
				`{"type":"function_call_output","call_id":"1","output":"23"},{"type":"function_call_output","call_id":"2","output":[{"type":"input_text","text":"24"}]},` +
				`{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}]}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"},{"role":"assistant","content":"let me","reasoning_content":"hm","tool_calls":[` +
				`{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"2","type":"function","function":{"name":"g","arguments":""}}]},` +
				`{"role":"tool","content":"23","tool_call_id":"1"},{"role":"tool","content":"24","tool_call_id":"2"},{"role":"assistant","content":"no"}]}`,
		},
		{
			"two answers",
			`{"model":"m","input":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"},{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"c"}]},{"type":"reasoning","summary":[]}]}`,
			`{"model":"m","messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"},{"role":"assistant","content":"","reasoning_content":"c"}]}`,
		},
		{
			"tools, a choice, an effort and a format",
			`{"model":"m","input":"w?","tools":[{"type":"function","name":"f","description":null,"parameters":{"type":"object"},"strict":true}],"tool_choice":{"type":"function","name":"f"},` +
				`"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":false},"verbosity":"low"}}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}}],` +
				`"tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":false}}}`,
		},
		{
			"plain text as a format is none",
			`{"model":"m","input":"w?","tool_choice":"required","text":{"format":{"type":"text"}}}`,
			`{"model":"m","messages":[{"role":"user","content":"w?"}],"tool_choice":"required"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := said(t, foreign.OpenAI, tt.body)
			require.Equal(t, tt.want, got)
			_, err := chat.Scan(strings.NewReader(got), chat.Options{})
			require.NoError(t, err)
		})
	}
}

func TestWhatHasNoCounterpartIsRefusedByName(t *testing.T) {
	t.Parallel()
	block := func(b string) string { return `{"model":"m","messages":[{"role":"user","content":[` + b + `]}]}` }
	with := func(m string) string { return `{"model":"m","messages":[{"role":"user","content":"a"}],` + m + `}` }
	item := func(i string) string { return `{"model":"m","input":[` + i + `]}` }
	input := func(m string) string { return `{"model":"m","input":"a",` + m + `}` }
	for _, tt := range []struct {
		body, pointer, about string
	}{
		{block(`{"type":"document","source":{}}`), "/messages/0/content/0", "document"},
		{block(`{"type":"secret words"}`), "/messages/0/content/0/type", "must be text"},
		{block(`{"type":"tool_use","id":"1","name":"f","input":{}}`), "/messages/0/content/0", "tool_use"},
		{block(`{"type":"image","source":{"type":"url","url":"https://secret.example"}}`), "/messages/0/content/0/source/type", "base64"},
		{block(`{"type":"text","text":"a","citations":[{}]}`), "/messages/0/content/0/citations", "citations"},
		{block(`{"type":"text","text":5}`), "/messages/0/content/0/text", "string"},
		{block(``), "/messages/0/content", "empty"},
		{`{"model":"m","messages":[]}`, "/messages", "must have a message"},
		{`{"model":"m"}`, "/messages", "array"},
		{`{"messages":[]}`, "/model", "string"},
		{with(`"mcp_servers":[]`), "/mcp_servers", "mcp_servers"},
		{with(`"secret words":1`), "", "no counterpart"},
		{with(`"tools":[{"type":"web_search_20250305","name":"web_search"}]`), "/tools/0/type", "vendor runs"},
		{with(`"tools":[{"name":"f"}]`), "/tools/0/input_schema", "object"},
		{with(`"tool_choice":{"type":"secret"}`), "/tool_choice/type", "auto"},
		{with(`"thinking":{"type":"secret"}`), "/thinking/type", "adaptive"},
		{with(`"model":"n"`), "", "twice"},
		{`[]`, "", "object"},
		{`{`, "", "JSON"},
		{"{\"a\":\"\xff\"}", "", "UTF-8"},
		{``, "", "JSON"},
		{item(`{"type":"item_reference","id":"secret"}`), "/input/0/type", "function_call"},
		{item(`{"type":"web_search_call","id":"secret"}`), "/input/0/type", "tools"},
		{item(`{"role":"user","content":[{"type":"input_file","file_id":"secret"}]}`), "/input/0/content/0/type", "files"},
		{item(`{"role":"user","content":[{"type":"input_image","file_id":"secret"}]}`), "/input/0/content/0/file_id", "file id"},
		{item(`{"role":"user","content":[{"type":"input_image","image_url":"https://secret.example"}]}`), "/input/0/content/0/image_url", "data:"},
		{item(`{"role":"secret","content":"a"}`), "/input/0/role", "developer"},
		{item(`{"role":"user","content":[]}`), "/input/0/content", "empty"},
		{item(`{"type":"reasoning","summary":[],"encrypted_content":"secret"}`), "/input/0/encrypted_content", "encrypted"},
		{item(``), "/input", "item"},
		{input(`"previous_response_id":"secret"`), "/previous_response_id", "send its items"},
		{input(`"conversation":"secret"`), "/conversation", "stored"},
		{input(`"prompt":{"id":"secret"}`), "/prompt", "stored"},
		{input(`"tools":[{"type":"web_search"}]`), "/tools/0/type", "function"},
		{input(`"tool_choice":"secret"`), "/tool_choice", "required"},
		{input(`"tool_choice":{"type":"file_search"}`), "/tool_choice/type", "function"},
		{input(`"text":{"format":{"type":"secret"}}`), "/text/format/type", "json_schema"},
		{`{"model":"m","input":7}`, "/input", "array"},
	} {
		translate := foreign.Anthropic
		if strings.Contains(tt.body, `"input":`) && !strings.Contains(tt.body, "tool_use") {
			translate = foreign.OpenAI
		}
		_, err := translate([]byte(tt.body))
		e, ok := errors.AsType[*foreign.Error](err)
		require.True(t, ok, tt.body)
		require.Equal(t, tt.pointer, e.Pointer, tt.body)
		require.Contains(t, e.Detail, tt.about, tt.body)
		require.NotContains(t, e.Error(), "secret")
	}
}

func TestAHostileBodyMakesNoMoreOfItself(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{},`, 1<<16) + `{}`
	_, err := foreign.OpenAI([]byte(`{"model":"m","input":[` + strings.ReplaceAll(many, "{}", `{"type":"reasoning"}`) + `]}`))
	require.ErrorContains(t, err, "more than 65536 messages")
	half := strings.Repeat(`{"type":"text","text":""},`, 1<<15) + `{"type":"text","text":""}`
	_, err = foreign.Anthropic([]byte(`{"model":"m","messages":[{"role":"user","content":[` + half + `]},{"role":"user","content":[` + half + `]}]}`))
	require.ErrorContains(t, err, "more than 65536 messages")
	var b strings.Builder
	for i := range 200 {
		b.WriteString(`,"` + strings.Repeat("k", i+1) + `":1`)
	}
	_, err = foreign.OpenAI([]byte(`{"model":"m"` + b.String() + `}`))
	require.ErrorContains(t, err, "at most 128 members")
}

// FuzzTranslate holds both translators to their promise: an error of theirs
// that repeats nothing, or a request that is one.
func FuzzTranslate(f *testing.F) {
	f.Add(`{"model":"m","system":"S","messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"tools":[{"name":"f","input_schema":{}}]}`)
	f.Add(`{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"a":[1,"\\\"]}"]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1"}]}]}`)
	f.Add(`{"model":"m","instructions":"S","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"x"},{"type":"reasoning","summary":[{"text":"t"}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, translate := range []func([]byte) (*foreign.Request, error){foreign.Anthropic, foreign.OpenAI} {
			r, err := translate([]byte(body))
			if err != nil {
				_, ok := errors.AsType[*foreign.Error](err)
				require.True(t, ok)
				continue
			}
			_, err = chat.Scan(r.NewReader(), chat.Options{})
			if e, ok := errors.AsType[*chat.Error](err); ok && refusedLater(e.Detail, body) {
				continue
			}
			require.NoError(t, err, body)
		}
	})
}

// refusedLater reports whether an error of the request is one that only who
// reads all of it can find: in a schema, the spelling of a text, or a model
// without a name.
func refusedLater(detail, body string) bool {
	return strings.Contains(body, `\u`) || strings.Contains(detail, "model is required") ||
		strings.Contains(detail, "twice") || strings.Contains(detail, "nest") || strings.Contains(detail, "must")
}
