package chat_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
)

// png1x1 is a picture of one pixel.
const png1x1 = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

// hello is the smallest request there is.
const hello = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`

// scan scans a body that must be good.
func scan(t testing.TB, body string) *chat.Request {
	t.Helper()
	req, err := chat.Scan(strings.NewReader(body), chat.Options{SizeHint: int64(len(body))})
	require.NoError(t, err, "%.300s", body)
	return req
}

// withMessage is a request with one message.
func withMessage(message string) string {
	return `{"model":"kimi-k2.5","messages":[` + message + `]}`
}

// with is a request with one more member.
func with(member string) string {
	return hello[:len(hello)-1] + `,` + member + `}`
}

func TestScanReadsEveryShapeTheAPIAccepts(t *testing.T) {
	t.Parallel()
	one := func(f func(*require.Assertions, *chat.Message)) func(*require.Assertions, *chat.Request) {
		return func(r *require.Assertions, req *chat.Request) {
			r.Len(req.Messages, 1)
			f(r, &req.Messages[0])
		}
	}
	for _, tt := range []struct {
		name, body string
		check      func(*require.Assertions, *chat.Request)
	}{
		{"string content", hello, one(func(r *require.Assertions, m *chat.Message) {
			r.Equal("user", m.Role)
			r.Equal(chat.Content{Kind: chat.ContentText, Text: "Hello"}, m.Content)
		})},
		{
			"escapes and surrogate pairs", withMessage(`{"role":"user","content":"a\"\\\/\b\f\n\r\t\u4f60\ud83d\ude00é"}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal("a\"\\/\b\f\n\r\t你😀é", m.Content.Text)
			}),
		},
		{
			"text part", withMessage(`{"role":"user","content":[{"type":"text","text":"Hi"}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal(chat.ContentParts, m.Content.Kind)
				r.Equal("Hi", m.Content.Parts[0].Text)
				r.Equal("text", m.Content.Parts[0].Type)
			}),
		},
		{
			"image object", withMessage(`{"role":"user","content":[{"image_url":{"url":"` + png1x1 + `"},"type":"image_url"}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				p := m.Content.Parts[0]
				r.Equal(media.Image, p.Media.Kind)
				r.Equal(chat.SourceData, p.Media.Source)
				r.Equal("image/png", p.Media.MediaType)
				r.NoError(p.Media.Info.Err)
				r.Equal([]int{1, 1}, []int{p.Media.Info.Width, p.Media.Info.Height})
				r.EqualValues(len(png1x1), p.Media.Bytes)
			}),
		},
		{
			"image as a bare string with escaped slashes",
			withMessage(`{"role":"user","content":[{"type":"image_url","image_url":"` + strings.ReplaceAll(png1x1, "/", `\/`) + `"}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal("png", m.Content.Parts[0].Media.Info.Format)
			}),
		},
		{
			"uploaded video", withMessage(`{"role":"user","content":[{"type":"video_url","video_url":{"url":"ms://abc"}}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal(media.Video, m.Content.Parts[0].Media.Kind)
				r.Equal(chat.SourceFile, m.Content.Parts[0].Media.Source)
			}),
		},
		{
			"public URL", withMessage(`{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a,b.png"}}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal(chat.SourceOther, m.Content.Parts[0].Media.Source)
			}),
		},
		{
			"data URL without base64", withMessage(`{"role":"user","content":[{"type":"image_url","image_url":"data:image/svg+xml,%3Csvg%3E"}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal(chat.SourceOther, m.Content.Parts[0].Media.Source)
			}),
		},
		{
			"assistant with tool calls and null content", withMessage(`{"role":"assistant","content":null,"reasoning_content":"hm",
			"tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},
			{"id":"x","function":{"arguments":{"b" : [1.50, 1e2, -0, true, null]}}}]}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal(chat.ContentNull, m.Content.Kind)
				r.Equal("hm", m.ReasoningContent())
				r.Len(m.ToolCalls(), 2)
				r.Equal("functions.f:0", m.ToolCalls()[0].ID)
				r.Equal("f", m.ToolCalls()[0].Name)
				r.Equal(`{"a": 1}`, m.ToolCalls()[0].Arguments)
				r.False(m.ToolCalls()[0].ArgumentsRaw)
				r.Equal(`{"b":[1.5,100.0,0,true,null]}`, m.ToolCalls()[1].Arguments)
				r.True(m.ToolCalls()[1].ArgumentsRaw)
			}),
		},
		{
			"tool result, name and partial",
			withMessage(`{"role":"tool","tool_call_id":"functions.f:0","name":"f","content":"42","partial":true}`),
			one(func(r *require.Assertions, m *chat.Message) {
				r.Equal("functions.f:0", m.ToolCallID())
				r.Equal("f", m.Name())
				r.True(m.Partial())
			}),
		},
		{
			"tools", with(`"tools":[{"function":{"strict":true,"parameters":{"z":1,"a":{"minimum":1.00}},"name":"f","description":"d"},"type":"function"}]`),
			func(r *require.Assertions, req *chat.Request) {
				r.Len(req.Tools, 1)
				r.Equal("function", req.Tools[0].Type)
				r.Equal("f", req.Tools[0].Function.Name)
				r.Equal("d", req.Tools[0].Function.Description)
				r.Equal(`{"z":1,"a":{"minimum":1.0}}`, req.Tools[0].Function.Parameters)
				r.Equal(`{"type":"function","function":{"name":"f","description":"d","parameters":{"z":1,"a":{"minimum":1.0}},"strict":true}}`,
					req.Tools[0].JSON)
			},
		},
		{
			"sampling, limits and stop", with(`"temperature":0.60,"top_p":1,"n":1,"presence_penalty":0,"frequency_penalty":-0.5,
			"stream":true,"max_tokens":7,"max_completion_tokens":9,"stop":["a","b"]`),
			func(r *require.Assertions, req *chat.Request) {
				r.EqualValues("0.60", *req.Sampling.Temperature)
				r.EqualValues("-0.5", *req.Sampling.FrequencyPenalty)
				r.EqualValues("1", *req.Sampling.N)
				r.True(req.Sampling.Stream)
				r.EqualValues(7, *req.MaxTokens)
				r.EqualValues(9, *req.MaxCompletionTokens)
				r.Equal([]string{"a", "b"}, req.Stop)
			},
		},
		{"one stop string", with(`"stop":"x"`), func(r *require.Assertions, req *chat.Request) {
			r.Equal([]string{"x"}, req.Stop)
		}},
		{
			"thinking, tool choice, response format", with(`"thinking":{"type":"disabled","keep":"all"},
			"tool_choice":{"type":"function","function":{"name":"f"}},"response_format":{"type": "json_object"},"reasoning_effort":"low"`),
			func(r *require.Assertions, req *chat.Request) {
				r.True(req.Thinking.Disabled())
				r.Equal("all", req.Thinking.Keep)
				r.Equal("specified", req.ToolChoice.Mode)
				r.Equal("f", req.ToolChoice.Function)
				r.Equal(`{"type":"json_object"}`, req.ResponseFormat)
				r.Equal("low", req.ReasoningEffort)
			},
		},
		{
			"nulls as if absent", with(`"tools":null,"thinking":null,"temperature":null,"stop":null,"max_tokens":null,"tool_choice":null`),
			func(r *require.Assertions, req *chat.Request) {
				r.Nil(req.Tools)
				r.Nil(req.Sampling.Temperature)
				r.False(req.Thinking.Set)
			},
		},
		{
			"unknown members everywhere", `{"model":"m","x":{"y":[1,{"z":null}]},"messages":[{"role":"user","q":1,"content":[{"type":"text","text":"t","cache_control":{}}]}]}`,
			func(r *require.Assertions, req *chat.Request) { r.Equal("m", req.Model) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req := scan(t, tt.body)
			tt.check(require.New(t), req)
			require.EqualValues(t, len(tt.body), req.Size)

			// However the bytes arrive, and whether they are kept, it is the
			// same request.
			for _, r := range []io.Reader{
				iotest.OneByteReader(strings.NewReader(tt.body)),
				iotest.DataErrReader(iotest.HalfReader(strings.NewReader(tt.body))),
			} {
				again, err := chat.Scan(r, chat.Options{Keep: true})
				require.NoError(t, err)
				require.Equal(t, req.Hash, again.Hash)
				require.Equal(t, req.Messages, again.Messages)
			}
		})
	}
}

func TestScanRefusesWhatReadersWouldReadDifferently(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 63) + strings.Repeat(`]`, 63)
	for _, tt := range []struct {
		name, body string // the mark ¦ stands where the error is
		kind       chat.ErrorKind
		pointer    string
	}{
		{"empty body", ``, chat.Malformed, ""},
		{"byte order mark", "¦\ufeff" + hello, chat.WrongType, ""},
		{"array", `¦[]`, chat.WrongType, ""},
		{"trailing bytes", hello + ` ¦x`, chat.Malformed, ""},
		{"second object", hello + `¦` + hello, chat.Malformed, ""},
		{"cut off", hello[:40] + `¦`, chat.Malformed, "/messages/0"},
		{"duplicate key", `{"model":"a","model":¦"b"}`, chat.Malformed, "/model"},
		{"duplicate key spelled with an escape", `{"model":"a","mod\u0065l":¦"b"}`, chat.Malformed, "/model"},
		{"duplicate unknown key", `{"a/b":1,"a/b":¦2}`, chat.Malformed, "/a~1b"},
		{
			"duplicate key in a schema", with(`"tools":[{"type":"function","function":{"name":"fun","parameters":{"p":1,"p":¦2}}}]`),
			chat.Malformed, "/tools/0/function/parameters/p",
		},
		{"invalid UTF-8", withMessage("{\"role\":\"user\",\"content\":\"ab¦\xff\"}"), chat.Malformed, "/messages/0/content"},
		{"cut off UTF-8", withMessage("{\"role\":\"user\",\"content\":\"ab¦\xe4\xbd\"}"), chat.Malformed, "/messages/0/content"},
		{"UTF-8 encoded surrogate", withMessage("{\"role\":\"user\",\"content\":\"ab¦\xed\xa0\x80\"}"), chat.Malformed, "/messages/0/content"},
		{"overlong UTF-8", withMessage("{\"role\":\"user\",\"content\":\"ab¦\xc0\x80\"}"), chat.Malformed, "/messages/0/content"},
		{"invalid UTF-8 in a key", "{\"¦\xff\":1}", chat.Malformed, ""},
		{"lone high surrogate", withMessage(`{"role":"user","content":"¦\ud83d"}`), chat.Malformed, "/messages/0/content"},
		{"lone low surrogate", withMessage(`{"role":"user","content":"¦\ude00 and more"}`), chat.Malformed, "/messages/0/content"},
		{"surrogate with a letter behind", withMessage(`{"role":"user","content":"¦\ud83dx\ude00"}`), chat.Malformed, "/messages/0/content"},
		{"raw newline in a string", withMessage("{\"role\":\"user\",\"content\":\"¦\n\"}"), chat.Malformed, "/messages/0/content"},
		{"unknown escape", withMessage(`{"role":"user","content":"¦\x"}`), chat.Malformed, "/messages/0/content"},
		{"nesting of 65", with(`"x":` + `[` + deep + `]`), chat.Malformed, "/x" + strings.Repeat("/0", 63)},
		{"comma at the end", `{"model":"m",¦}`, chat.Malformed, ""},
		{"no comma", `{"model":"m" ¦"x":1}`, chat.Malformed, ""},
		{"no colon", `{"model" ¦"m"}`, chat.Malformed, ""},
		{"number with a leading zero", with(`"seed":¦01`), chat.Malformed, "/seed"},
		{"number with a plus", with(`"seed":¦+1`), chat.Malformed, "/seed"},
		{"number that ends in a point", with(`"temperature":¦1.`), chat.Malformed, "/temperature"},
		{"not a number", with(`"temperature":¦NaN`), chat.WrongType, "/temperature"},
		{"long number", with(`"seed":¦` + strings.Repeat("1", 600)), chat.Malformed, "/seed"},
		{"misspelt literal", with(`"seed":¦nul`), chat.Malformed, "/seed"},

		{"model as a number", `{"model":¦1}`, chat.WrongType, "/model"},
		{"messages as an object", `{"messages":¦{}}`, chat.WrongType, "/messages"},
		{"message as a string", `{"messages":[¦"x"]}`, chat.WrongType, "/messages/0"},
		{"content as a number", withMessage(`{"role":"user","content":¦1}`), chat.WrongType, "/messages/0/content"},
		{"content as an object", withMessage(`{"role":"user","content":¦{}}`), chat.WrongType, "/messages/0/content"},
		{"temperature as a string", with(`"temperature":¦"hot"`), chat.WrongType, "/temperature"},
		{"stream as a number", with(`"stream":¦1`), chat.WrongType, "/stream"},
		{"max_tokens as a fraction", with(`"max_tokens":¦1.5`), chat.WrongType, "/max_tokens"},
		{"thinking as a boolean", with(`"thinking":¦true`), chat.WrongType, "/thinking"},
		{"both media", withMessage(`{"role":"user","content":[{"image_url":"ms://a","video_url":¦"ms://b"}]}`), chat.WrongType, "/messages/0/content/0/video_url"},

		{"max_tokens of 0", with(`"max_tokens":¦0`), chat.OutOfRange, "/max_tokens"},
		{"negative max_completion_tokens", with(`"max_completion_tokens":¦-5`), chat.OutOfRange, "/max_completion_tokens"},
		{"max_tokens beyond reason", with(`"max_tokens": ¦9000000000000000000`), chat.OutOfRange, "/max_tokens"},
		{
			"too many messages", `{"model":"m","messages":[` + strings.Repeat(`{"role":"user","content":"Hi"},`, chat.MaxElements) + `{"role":"user"}]}`,
			chat.OutOfRange, "/messages/65536",
		},

		{"no model", `{"messages":[{"role":"user"}]}`, chat.Missing, "/model"},
		{"no messages", `{"model":"m"}`, chat.Missing, "/messages"},
		{"empty messages", `{"model":"m","messages":[]}`, chat.Missing, "/messages"},
		{"no role", withMessage(`{"content":"x"}`), chat.Missing, "/messages/0/role"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before, after, marked := strings.Cut(tt.body, "¦")
			body := before + after
			for _, r := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body))} {
				_, err := chat.Scan(r, chat.Options{})
				refused, ok := errors.AsType[*chat.Error](err)
				require.True(t, ok, "error is %v", err)
				require.Equal(t, tt.kind, refused.Kind, refused.Error())
				require.Equal(t, tt.pointer, refused.Pointer, refused.Error())
				if marked {
					require.EqualValues(t, len(before), refused.Offset, refused.Error())
				}
			}
		})
	}
}

func TestScanAcceptsNestingUpToTheLimit(t *testing.T) {
	t.Parallel()
	scan(t, with(`"x":`+strings.Repeat(`[`, 63)+strings.Repeat(`]`, 63)))
}

func TestScanReturnsTheReadersError(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for n := range len(hello) {
		r := io.MultiReader(strings.NewReader(hello[:n]), iotest.ErrReader(broken))
		_, err := chat.Scan(r, chat.Options{})
		require.ErrorIs(t, err, broken, "after %d bytes", n)
	}
}

func TestErrorsRepeatNoContent(t *testing.T) {
	t.Parallel()
	const secret = "canary-7f3a"
	for _, body := range []string{
		withMessage(`{"role":"user","content":"` + secret + "\n" + `"}`),
		withMessage(`{"role":"user","content":"` + secret + `","content":""}`),
		with(`"temperature":"` + secret + `"`),
		with(`"tools":"` + secret + `"`),
		`{"model":"` + secret + `"`,
	} {
		_, err := chat.Scan(strings.NewReader(body), chat.Options{})
		require.Error(t, err)
		require.NotContains(t, err.Error(), secret)
	}
}
