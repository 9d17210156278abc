package prompt_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/prompt"
)

func TestJSONThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "nul", "tru", "x", "-", ".", "{", "[", `"`, `"\`, `"\u12`, `"\u12g4"`, `"\x"`, `"\ud800\u"`, "[1", "[1,", "[1,]", "[,]", "[1 2]",
		"{1:2}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{"a":1 "b":2}`, "1 2", "[]]", "]", strings.Repeat("[", 1<<20),
		strings.Repeat("[", prompt.MaxDepth+2) + strings.Repeat("]", prompt.MaxDepth+2),
	} {
		_, err := prompt.Reformat(text)
		require.Error(t, err, text[:min(len(text), 20)])
	}
}

func TestJSONIsPrintedAsPythonPrintsIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{" { \"b\" : [ 1 , 2 ] ,\n\"a\" : { } , \"c\":[ ] } ", `{"b": [1, 2], "a": {}, "c": []}`},
		{`"\u0000\u001f\u007f\u2028\b\f\n\r\t\"\\\/"`, `"\u0000\u001f` + "\x7f\u2028" + `\b\f\n\r\t\"\\/"`},
		{`"\ud83d\ude00\ud83d\ud83dx\ude00"`, "\"😀\ufffd\ufffdx\ufffd\""},
		{"123456789012345678901234567890", "123456789012345678901234567890"},
		{"[-0,-0.0,0e5,1E2,1e+2,12e-1]", "[0, -0.0, 0.0, 100.0, 100.0, 1.2]"},
		{
			"[1e15,1e16,123456789012345680000.0,1e-4,1e-5,5e-324,1.7976931348623157e308,1e309,-1e309,1e-400]",
			"[1000000000000000.0, 1e+16, 1.2345678901234568e+20, 0.0001, 1e-05, 5e-324, 1.7976931348623157e+308, Infinity, -Infinity, 0.0]",
		},
		{"[true,false,null]", "[true, false, null]"},
	} {
		got, err := prompt.Reformat(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, got)
	}
}

// FuzzReformat compares the reader and the printer with encoding/json: both
// must see the same value in the text and in what is printed.
func FuzzReformat(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,-0,1e400,"\u00e9\ud83d\ude00\n",null,true,{}]}`, `[[[]]]`, `"\ud800"`, `{"a":1,"a":2}`, `1E+5`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		printed, err := prompt.Reformat(text)
		if !utf8.ValidString(text) || strings.Contains(printed, "Infinity") {
			return // encoding/json replaces bad bytes and refuses such numbers
		}
		var want, got any
		if wantErr := json.Unmarshal([]byte(text), &want); wantErr != nil {
			return
		}
		if err != nil {
			require.Greater(t, strings.Count(text, "[")+strings.Count(text, "{"), prompt.MaxDepth, "refused %q", text)
			return
		}
		require.NoError(t, json.Unmarshal([]byte(printed), &got), printed)
		require.Equal(t, want, got)
		again, err := prompt.Reformat(printed)
		require.NoError(t, err)
		require.Equal(t, printed, again)
	})
}

// FuzzRender renders whatever is a request for every family. It must not panic,
// every guess must widen the bounds, and K2 prompts must have their control
// tokens in pairs.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"$defs":{"A":{"$ref":"#"}},"properties":{"a":{"anyOf":[{"enum":[1]}]}}}}}]}`,
		`{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a:0","function":{"name":"f","arguments":"{\"a\":[1]}"}}]},{"role":"tool","tool_call_id":"a:0","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":"data:image/gif;base64,R0lGODlhAQABAAAAACw="}]}]}`,
		`{"model":"m","messages":[{"role":"system","tools":[{"type":"function"}]},{"role":"assistant","partial":true}],"response_format":{"type":"json_schema","json_schema":{"schema":{}}},"tool_choice":"required","reasoning_effort":"low"}`,
	} {
		f.Add(seed)
	}
	families := []string{"kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code", "kimi-k2-thinking", "kimi-k2", "kimi-k2/2025-09", "kimi-k3", "kimi-vl", "moonshot-v1"}
	f.Add(`{"model":"m","thinking":{"type":"disabled"},"messages":[{"role":"user","content":[{"type":"image_url","image_url":"data:image/gif;base64,R0lGODlhAQABAAAAACw="}]},{"role":"assistant","content":"<|im_end|>","tool_calls":[{"id":"?","function":{"name":"f","arguments":"{}"}}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		req, err := chat.Scan(strings.NewReader(body), chat.Options{})
		if err != nil {
			return
		}
		for _, family := range families {
			p := profile(t, family)
			var first, second balance
			p.Render(req, &first)
			p.Render(req, &second)
			require.Equal(t, first, second, "two renderings of one request differ")
			require.Zero(t, first.calls, "%s: tool calls that do not end", family)
			for _, v := range first.vision {
				require.True(t, v.Low >= 1 && v.Low <= v.Tokens && (v.Tokens <= v.High || v.High == prompt.Unbounded), "%+v", v)
			}
			for _, g := range p.Gaps(req) {
				require.True(t, g.Other != nil || g.Less > 0 || g.More != 0)
				if g.Other != nil {
					g.Other.Render(req, &second)
				}
			}
		}
	})
}

// balance is a sink that watches what opens and what closes.
type balance struct {
	tokens, bytes, calls int
	vision               []prompt.Vision
}

func (b *balance) Section(prompt.Section, int) {}
func (b *balance) Text(text string, _ bool)    { b.bytes += len(text) }
func (b *balance) Media(v prompt.Vision)       { b.vision = append(b.vision, v) }
func (b *balance) Special(t prompt.Special) {
	b.tokens++
	switch t {
	case prompt.ToolCallsBegin, prompt.ToolCallBegin, prompt.MediaBegin:
		b.calls++
	case prompt.ToolCallsEnd, prompt.ToolCallEnd, prompt.MediaEnd:
		b.calls--
	default:
	}
}

// tally is a sink that allocates nothing.
type tally struct{ tokens, bytes int }

func (s *tally) Section(prompt.Section, int) {}
func (s *tally) Special(prompt.Special)      { s.tokens++ }
func (s *tally) Media(prompt.Vision)         {}
func (s *tally) Text(text string, _ bool)    { s.bytes += len(text) }

func conversationOf(turns int) string {
	var b strings.Builder
	b.WriteString(`{"messages":[{"role":"system","content":"s"}`)
	for range turns {
		b.WriteString(`,{"role":"user","content":"question"},{"role":"assistant","content":"answer","reasoning_content":"why"}`)
	}
	return b.String() + `]}`
}

func TestPlainTextRendersWithoutAllocation(t *testing.T) {
	req := request(t, conversationOf(20))
	for _, family := range []string{"kimi-k2.5", "kimi-k2.6", "kimi-k2", "kimi-k2-thinking"} {
		p := profile(t, family)
		s := &tally{}
		require.Zero(t, testing.AllocsPerRun(100, func() { p.Render(req, s) }), family)
		require.Positive(t, s.tokens)
	}
}

func BenchmarkRenderPlain(b *testing.B) {
	req, p, s := request(b, conversationOf(100)), profile(b, "kimi-k2.5"), &tally{}
	b.ReportAllocs()
	for b.Loop() {
		p.Render(req, s)
	}
}

func BenchmarkDeclareTools(b *testing.B) {
	const tool = `{"type":"function","function":{"name":"search_flights","description":"Find flights between two airports.","parameters":{"type":"object",
		"properties":{"from":{"type":"string","description":"IATA code"},"to":{"type":"string","description":"IATA code"},
		"cabin":{"type":"string","enum":["economy","business","first"]},"stops":{"type":"integer","minimum":0,"maximum":3},
		"dates":{"type":"array","items":{"type":"string","description":"ISO 8601"}}},"required":["from","to"]}}}`
	req := request(b, `{"messages":[{"role":"user"}],"tools":[`+strings.Repeat(tool+",", 31)+tool+`]}`)
	p, s := profile(b, "kimi-k2.5"), &tally{}
	size := 0
	for i := range req.Tools {
		size += len(req.Tools[i].JSON)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		p.Render(req, s)
	}
}

func TestHugeResultsRenderInProportion(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"messages":[{"role":"assistant","tool_calls":[{"id":"0","function":{"name":"f","arguments":"{}"}}`)
	const n = 15_000
	for i := range n {
		b.WriteString(`,{"id":"i` + strings.Repeat("x", i%7) + `","function":{"name":"f","arguments":"{}"}}`)
	}
	b.WriteString(`]}`)
	for range n {
		b.WriteString(`,{"role":"tool","tool_call_id":"nowhere","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`)
	}
	req := request(t, b.String()+`]}`)
	for _, family := range []string{"kimi-k2.5", "kimi-k2", "kimi-k3"} {
		s := &tally{}
		profile(t, family).Render(req, s)
		require.Greater(t, s.bytes, n)
		require.Less(t, s.bytes, math.MaxInt32)
	}
}
