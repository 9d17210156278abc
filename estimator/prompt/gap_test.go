package prompt_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/prompt"
)

func TestAFamilyThatIsNotKnownHasNoProfile(t *testing.T) {
	t.Parallel()
	for _, family := range []string{"", "kimi", "kimi-k2.5 ", "gpt-4", "kimi-k2-thinking/served"} {
		p, ok := prompt.For(family)
		require.False(t, ok, family)
		require.Nil(t, p)
	}
}

func TestGuessesAreNamed(t *testing.T) {
	t.Parallel()
	const (
		hi    = `{"role":"user","content":"hi"}`
		tools = `"tools":[{"type":"function","function":{"name":"f"}}]`
		call  = `{"role":"assistant","tool_calls":[{"id":"functions.f:0","function":{"name":"f","arguments":"{}"}},{"id":"ID","function":{"name":"f","arguments":"{}"}}]}`
	)
	for _, tt := range []struct {
		family, body string
		pointers     string // of the gaps, each followed by a blank
	}{
		{"kimi-k2.5", `{"messages":[` + hi + `],` + tools + `}`, ""},
		{"kimi-k2.6", `{"messages":[` + hi + `],"thinking":{"type":"enabled","keep":"all"}}`, ""},
		{"kimi-k2", `{"messages":[` + hi + `],` + tools + `}`, ""},
		{"kimi-k2.5", `{"messages":[` + strings.Replace(call, "ID", "functions.f:1", 1) + `]}`, ""},
		{"kimi-k2.5", `{"messages":[` + strings.Replace(call, "ID", "f:1", 1) + `]}`, "/messages/0/tool_calls/1/id "},
		{"kimi-k2", `{"messages":[` + strings.Replace(call, "ID", "f:1", 1) + `]}`, ""},
		{"kimi-k2", `{"messages":[` + strings.Replace(call, "ID", "f_1", 1) + `]}`, "/messages/0/tool_calls/1/id "},
		{"kimi-k2.5", `{"messages":[` + hi + `,{"role":"tool","tool_call_id":"x","content":""}]}`, "/messages/1/tool_call_id "},
		{"kimi-k2.5", `{"messages":[` + hi + `],"tools":[{"type":"function","function":{"name":"f"}},{"type":"builtin_function","function":{"name":"$web_search"}}]}`, "/tools/1 "},
		{"kimi-k2.5", `{"messages":[` + hi + `,{"role":"assistant","content":"a","partial":true}]}`, "/messages/1/partial "},
		{"kimi-k2.5", `{"messages":[{"role":"assistant","content":"a","partial":true},` + hi + `]}`, ""},
		{"kimi-k2.5", `{"messages":[{"role":"user","content":"a <|im_end|> b"}]}`, "/messages/0/content "},
		{"kimi-k2.5", `{"messages":[{"role":"user","content":[{"type":"text","text":"a <| b <|> |> x"},{"type":"text","text":"</think>"}]}]}`, "/messages/0/content/1 "},
		{"kimi-k2.5", `{"messages":[{"role":"user","content":"f <| g |> <|A|> <| im_end |> [bos] think >"}]}`, ""},
		{"kimi-k2.5", `{"messages":[` + hi + `],"tools":[{"type":"function","function":{"name":"f","description":"[EOS]"}}]}`, "/tools/0 "},
		{"kimi-k2", `{"messages":[` + strings.Replace(call, `"{}"`, `"{\"a\":\"<|reserved_token_163700|>\"}"`, 1) + `,` + hi + `]}`, "/messages/0/tool_calls/1/id /messages/0/tool_calls/0 "},
		{"kimi-k2.5", `{"messages":[{"role":"user","content":"` + strings.Repeat("é", 399_000) + `"}]}`, ""},
		{"kimi-k2.5", `{"messages":[{"role":"user","content":"` + strings.Repeat("a", 400_000) + `"}]}`, " "},
		{"kimi-k3", `{"messages":[{"role":"user","content":"` + strings.Repeat("a", 400_000) + `"}]}`, ""},
		{"kimi-k3", `{"messages":[{"role":"user","content":"a <|end_of_msg|> b"}]}`, ""},
		{"kimi-k2-thinking", `{"messages":[{"role":"system","content":"s"},` + hi + `]}`, ""},
		{"kimi-k2-thinking", `{"messages":[` + hi + `]}`, " "},
		{"kimi-k2-thinking", `{"messages":[{"role":"system","content":"s"}],` + tools + `}`, " /tools "},
		{"moonshot-v1", `{"messages":[` + hi + `]}`, " "},
		{"kimi-vl", `{"messages":[` + hi + `]}`, " "},
		{"kimi-k3", `{"messages":[` + hi + `],"reasoning_effort":"low"}`, ""},
		{"kimi-k3", `{"messages":[` + hi + `],"reasoning_effort":"medium"}`, "/reasoning_effort "},
		{"kimi-k3", `{"messages":[` + hi + `],` + tools + `,"response_format":{"type":"json_object"}}`, "/tools /response_format "},
		{"kimi-k3", `{"messages":[` + hi + `],"thinking":{"type":"disabled"}}`, "/thinking "},
		{"kimi-k3", `{"messages":[` + hi + `,{"role":"developer","content":"d"}]}`, "/messages/1/role "},
		{"kimi-k3", `{"messages":[{"role":"user","content":[{"type":"video_url","video_url":"ms://x"}]}]}`, "/messages/0/content/0 "},
		{"kimi-k3", `{"messages":[` + call + `]}`, ""},
	} {
		t.Run(tt.family+" "+tt.body[:min(len(tt.body), 200)], func(t *testing.T) {
			t.Parallel()
			var pointers strings.Builder
			for _, g := range profile(t, tt.family).Gaps(request(t, tt.body)) {
				pointers.WriteString(g.Pointer + " ")
				require.NotEmpty(t, g.Reason)
				require.True(t, g.Other != nil || g.Less > 0 || g.More > 0, "a gap that widens nothing")
			}
			require.Equal(t, tt.pointers, pointers.String())
		})
	}
}

func TestAnotherRenderingIsTheOtherWay(t *testing.T) {
	t.Parallel()
	req := request(t, `{"messages":[{"role":"user","content":"a"},
		{"role":"assistant","tool_calls":[{"id":"call_9","function":{"name":"f","arguments":"{}"}}]}],
		"tools":[{"type":"function","function":{"name":"f"}}]}`)
	for family, want := range map[string][2]string{ // what stands in the rendering, and in the other
		"kimi-k2.5":        {"CALL call_9 ARG ", "CALL functions.f:0 ARG "},
		"kimi-k2":          {"CALL functions.f:0 ARG ", "CALL call_9 ARG "},
		"kimi-k2-thinking": {"SYS system MID You are Kimi", "SYS tool_declare MID # Tools"},
		"moonshot-v1":      {"SYS tool_declare MID # Tools", `SYS tool_declare MID [{"function":`},
	} {
		p := profile(t, family)
		require.Contains(t, render(t, family, req), short.Replace(want[0]))
		var w writer
		p.Gaps(req)[0].Other.Render(req, &w)
		require.Contains(t, w.String(), short.Replace(want[1]))
		require.NotContains(t, w.String(), short.Replace(want[0]))
	}
}

func TestSpelledOutTokensAreTextInTheOtherRendering(t *testing.T) {
	t.Parallel()
	req := request(t, `{"messages":[{"role":"user","content":"<|im_end|>"}]}`)
	p := profile(t, "kimi-k2.5")
	var marks specials
	p.Render(req, &marks)
	require.Equal(t, specials{on: 3}, marks)
	marks = specials{}
	p.Gaps(req)[0].Other.Render(req, &marks)
	require.Equal(t, specials{off: 3}, marks)
}

// specials is a sink that counts texts by whether control tokens in them count.
type specials struct{ on, off int }

func (s *specials) Section(prompt.Section, int) {}
func (s *specials) Special(prompt.Special)      {}
func (s *specials) Media(prompt.Vision)         {}
func (s *specials) Text(_ string, specials bool) {
	if specials {
		s.on++
	} else {
		s.off++
	}
}
