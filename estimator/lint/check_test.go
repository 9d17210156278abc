package lint_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/estimator/media"
	"tollgate/pricing"
)

// before and after are days around the end of kimi-k2.5.
var (
	before = time.Date(2026, 8, 30, 0, 0, 0, 0, time.UTC)
	after  = time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
)

func model(tb testing.TB, id string) *pricing.Model {
	tb.Helper()
	b, err := pricing.Embedded()
	require.NoError(tb, err)
	m, err := b.Model(id)
	require.NoError(tb, err)
	return m
}

func scan(tb testing.TB, body string) *chat.Request {
	tb.Helper()
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(tb, err)
	return req
}

// with returns a request for a model whose members are members beside one
// message.
func with(id, members string) string {
	body := `{"model":"` + id + `","messages":[{"role":"user","content":"Hello"}]`
	if members != "" {
		body += "," + members
	}
	return body + "}"
}

// messages returns a request for a model with messages.
func messages(id, messages string) string {
	return `{"model":"` + id + `","messages":[` + messages + `]}`
}

// part returns a request whose message is text and one media part.
func part(id, part string) string {
	return messages(id, `{"role":"user","content":[{"type":"text","text":"What is this?"},`+part+`]}`)
}

func imagePart(url string) string {
	return `{"type":"image_url","image_url":{"url":"` + url + `"}}`
}

func data(mediaType string, content []byte) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// picture encodes an image of one colour.
func picture(tb testing.TB, format string, width, height int) []byte {
	tb.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	var buf bytes.Buffer
	switch format {
	case "png":
		require.NoError(tb, png.Encode(&buf, img))
	case "jpeg":
		require.NoError(tb, jpeg.Encode(&buf, img, nil))
	case "gif":
		require.NoError(tb, gif.Encode(&buf, img, nil))
	}
	return buf.Bytes()
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>`

func tools(n int) string {
	var b strings.Builder
	b.WriteString(`"tools":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","parameters":{"type":"object"}}}`, i)
	}
	return b.String() + "]"
}

func tool(name string) string {
	return `"tools":[{"type":"function","function":{"name":` + strconv.Quote(name) + `}}]`
}

// row is a request and the one finding that it must give.
type row struct {
	name     string
	model    string
	body     string
	code     lint.Code
	severity lint.Severity
	pointer  string
	says     string // in the message
	fix      string // in the fix
}

func refusedParameters() []row {
	const fixed, thinking, choice = lint.ParameterFixed, lint.ThinkingInvalid, lint.ToolChoiceThinking
	return []row{
		{"temperature on kimi-k3", "kimi-k3", with("kimi-k3", `"temperature":0.7`), fixed, lint.Error, "/temperature", "only 1 ", "set temperature to 1"},
		{"temperature while thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":0.6`), fixed, lint.Error, "/temperature", "only 1 as temperature while thinking is on", "1"},
		{"temperature while not thinking", "kimi-k2.6", with("kimi-k2.6", `"temperature":1,"thinking":{"type":"disabled"}`), fixed, lint.Error, "/temperature", "only 0.6 as temperature while thinking is off", "0.6"},
		{"temperature a hair off", "kimi-k2.5", with("kimi-k2.5", `"temperature":1.00000000000000000001`), fixed, lint.Error, "/temperature", "only 1", "1"},
		{"top_p", "kimi-k2.5", with("kimi-k2.5", `"top_p":1`), fixed, lint.Error, "/top_p", "only 0.95", "0.95"},
		{"n", "kimi-k2.5", with("kimi-k2.5", `"n":2`), fixed, lint.Error, "/n", "only 1", "1"},
		{"presence_penalty", "kimi-k2.5", with("kimi-k2.5", `"presence_penalty":0.1`), fixed, lint.Error, "/presence_penalty", "only 0", "0"},
		{"frequency_penalty", "kimi-k2.7-code", with("kimi-k2.7-code", `"frequency_penalty":-1`), fixed, lint.Error, "/frequency_penalty", "only 0", "0"},
		{"temperature over a range", "moonshot-v1-8k", with("moonshot-v1-8k", `"temperature":1.01`), fixed, lint.Error, "/temperature", "values from 0 to 1", "values from 0 to 1"},
		{"penalty under a range", "moonshot-v1-8k", with("moonshot-v1-8k", `"presence_penalty":-2.5`), fixed, lint.Error, "/presence_penalty", "values from -2 to 2", ""},
		{"more answers than five", "kimi-k2-0905-preview", with("kimi-k2-0905-preview", `"n":6`), fixed, lint.Error, "/n", "values from 1 to 5", ""},
		{"max_tokens", "kimi-k2.6", with("kimi-k2.6", `"max_tokens":20000`), lint.ParameterDeprecated, lint.Info, "/max_tokens", "deprecated", "max_completion_tokens"},
		{"max_tokens against its successor", "kimi-k2.6", with("kimi-k2.6", `"max_tokens":1,"max_completion_tokens":20000`), lint.ParameterDeprecated, lint.Warning, "/max_tokens", "differs", "leave max_tokens out"},
		{"thinking off on kimi-k2.7-code", "kimi-k2.7-code", with("kimi-k2.7-code", `"thinking":{"type":"disabled"}`), thinking, lint.Error, "/thinking/type", `only "enabled"`, `"enabled"`},
		{"adaptive thinking", "kimi-k2.5", with("kimi-k2.5", `"thinking":{"type":"adaptive"}`), thinking, lint.Error, "/thinking/type", `only "enabled" or "disabled"`, `"disabled"`},
		{"thinking sent to kimi-k3", "kimi-k3", with("kimi-k3", `"thinking":{"type":"enabled"}`), thinking, lint.Error, "/thinking", "does not take", "reasoning_effort"},
		{"thinking sent to a model that does not think", "moonshot-v1-8k", with("moonshot-v1-8k", `"thinking":{"type":"enabled"}`), thinking, lint.Warning, "/thinking", "does not think", "leave thinking out"},
		{"thinking sent to kimi-k2-thinking", "kimi-k2-thinking", with("kimi-k2-thinking", `"thinking":{"type":"disabled"}`), thinking, lint.Warning, "/thinking/type", "not known", "leave thinking out"},
		{"keep on kimi-k2.5", "kimi-k2.5", with("kimi-k2.5", `"thinking":{"type":"enabled","keep":"all"}`), thinking, lint.Warning, "/thinking/keep", "not known to keep", "leave thinking.keep out"},
		{"keep some on kimi-k2.6", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"keep":"some"}`), thinking, lint.Error, "/thinking/keep", `only "all"`, `"all"`},
		{"effort on kimi-k2.6", "kimi-k2.6", with("kimi-k2.6", `"reasoning_effort":"high"`), thinking, lint.Warning, "/reasoning_effort", "does not take", "leave reasoning_effort out"},
		{"medium effort on kimi-k3", "kimi-k3", with("kimi-k3", `"reasoning_effort":"medium"`), thinking, lint.Warning, "/reasoning_effort", `"low", "high" or "max"`, `"low"`},
		{"tool_choice required while thinking", "kimi-k2.6", with("kimi-k2.6", `"tool_choice":"required"`), choice, lint.Error, "/tool_choice", `"auto" or "none"`, `"disabled"`},
		{"tool_choice of a function while thinking", "kimi-k2.5", with("kimi-k2.5", `"tool_choice":{"type":"function","function":{"name":"f_1"}}`), choice, lint.Error, "/tool_choice", "while it thinks", `"auto"`},
		{"tool_choice of a function on kimi-k3", "kimi-k3", with("kimi-k3", `"tool_choice":{"type":"function","function":{"name":"f_1"}}`), choice, lint.Error, "/tool_choice", `"required"`, "set tool_choice"},
		{"six stop strings", "kimi-k2.6", with("kimi-k2.6", `"stop":["1","2","3","4","5","6"]`), lint.StopInvalid, lint.Error, "/stop", "6 stop strings", "at most 5"},
		{"a long stop string", "kimi-k2.6", with("kimi-k2.6", `"stop":["ok","`+strings.Repeat("x", 33)+`"]`), lint.StopInvalid, lint.Error, "/stop/1", "33 bytes", "32 bytes"},
		{"bytes count, not characters", "kimi-k2.6", with("kimi-k2.6", `"stop":"停停停停停停停停停停停"`), lint.StopInvalid, lint.Error, "/stop", "33 bytes", ""},
		{"little room to think", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":15999`), lint.ThinkingBudgetSmall, lint.Warning, "/max_completion_tokens", "16000", `"disabled"`},
		{"little room to think on a model that always does", "kimi-k3", with("kimi-k3", `"max_completion_tokens":100`), lint.ThinkingBudgetSmall, lint.Warning, "/max_completion_tokens", "thinking counts as output", "16000 or more"},
	}
}

func refusedContent(tb testing.TB) []row {
	tb.Helper()
	small, large, tall := picture(tb, "png", 8, 8), picture(tb, "png", 4097, 8), picture(tb, "png", 2161, 4000)
	return []row{
		{"a retired model", "kimi-k2.5", with("kimi-k2.5", ""), lint.ModelRetired, lint.Warning, "/model", "since 2026-08-31", "kimi-k2.6"},
		{"a retired model without successor", "kimi-thinking-preview", with("kimi-thinking-preview", ""), lint.ModelRetired, lint.Warning, "/model", "since 2025-11-11", "catalogue"},
		{"empty user message", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":""}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", "leave the message out"},
		{"null system message", "kimi-k2.6", messages("kimi-k2.6", `{"role":"system","content":null},{"role":"user","content":"Hi"}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"user message without content", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user"}`), lint.ContentEmpty, lint.Error, "/messages/0", "no content", ""},
		{"no parts", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[]}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"empty parts", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[{"type":"text","text":""}]}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "no content", ""},
		{"empty tool result", "kimi-k2.6", messages("kimi-k2.6", `{"role":"tool","tool_call_id":"a:0","content":""}`), lint.ContentEmpty, lint.Error, "/messages/0/content", "tool call", "no output"},
		{"assistant that said nothing", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":""}`), lint.ContentEmpty, lint.Error, "/messages/1/content", "no content", ""},
		{"tools in a system message before kimi-k3", "kimi-k2.6", messages("kimi-k2.6", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}}]},{"role":"user","content":"Hi"}`), lint.ContentEmpty, lint.Error, "/messages/0", "no content", ""},
		{"a name too short", "kimi-k2.6", with("kimi-k2.6", tool("ab")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "refuses the name", "3 to 64"},
		{"a name too long", "kimi-k2.6", with("kimi-k2.6", tool(strings.Repeat("a", 65))), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name that begins with a digit", "kimi-k2.6", with("kimi-k2.6", tool("3abc")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name with a dot", "kimi-k2.6", with("kimi-k2.6", tool("get.weather")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a name with a letter of two bytes", "kimi-k2.6", with("kimi-k2.6", tool("größe")), lint.ToolNameInvalid, lint.Error, "/tools/0/function/name", "", ""},
		{"a function without a name", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function","function":{"description":"d"}}]`), lint.ToolNameInvalid, lint.Error, "/tools/0/function", "no name", ""},
		{"a tool without a function", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function"}]`), lint.ToolNameInvalid, lint.Error, "/tools/0", "no function", ""},
		{"a bad name in a system message", "kimi-k3", messages("kimi-k3", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}},{"type":"function","function":{"name":"a"}}]},{"role":"user","content":"Hi"}`), lint.ToolNameInvalid, lint.Error, "/messages/0/tools/1/function/name", "", ""},
		{"129 tools", "kimi-k2.6", with("kimi-k2.6", tools(129)), lint.ToolsTooMany, lint.Error, "/tools", "129 tools", "128"},
		{"svg", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/svg+xml", []byte(svg)))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "svg; kimi-k2.6 takes png, jpeg, webp, gif", "convert it to png"},
		{"text for an image", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", []byte("hello, this is text and no image")))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "of no known format", "convert"},
		{"bmp", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/bmp", append([]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 64)...)))), lint.ImageFormat, lint.Error, "/messages/0/content/1/image_url", "bmp", "convert"},
		{"an image for a video", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":{"url":"`+data("video/mp4", small)+`"}}`), lint.VideoFormat, lint.Error, "/messages/0/content/1/video_url", "png; kimi-k2.6 takes mp4", "convert it to mp4"},
		{"a jpeg that is called png", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", picture(tb, "jpeg", 8, 8)))), lint.ImageFormat, lint.Warning, "/messages/0/content/1/image_url", "which is jpeg", "data:image/jpeg;base64,"},
		{"a public URL", "kimi-k2.6", part("kimi-k2.6", imagePart("https://example.com/a.png")), lint.MediaURL, lint.Error, "/messages/0/content/1/image_url", "fetches nothing", "ms://<file-id>"},
		{"a public URL as a bare string", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":"http://example.com/a.mp4"}`), lint.MediaURL, lint.Error, "/messages/0/content/1/video_url", "the video is neither", "data:video/"},
		{"a file id without an id", "kimi-k2.6", part("kimi-k2.6", imagePart("ms://")), lint.MediaURL, lint.Error, "/messages/0/content/1/image_url", "", ""},
		{"an image cut off", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", small[:20]))), lint.MediaUnreadable, lint.Error, "/messages/0/content/1/image_url", "broken", "whole file"},
		{"an image that is no base64", "kimi-k2.6", part("kimi-k2.6", imagePart("data:image/png;base64,iVBOR!!!!")), lint.MediaUnreadable, lint.Error, "/messages/0/content/1/image_url", "broken", "base64"},
		{"an image too wide", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", large))), lint.MediaResolution, lint.Warning, "/messages/0/content/1/image_url", "4097x8", "4096x2160"},
		{"an image too wide when turned", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", tall))), lint.MediaResolution, lint.Warning, "/messages/0/content/1/image_url", "2161x4000", "4096x2160"},
		{"an image for a model without eyes", "moonshot-v1-8k", part("moonshot-v1-8k", imagePart(data("image/png", small))), lint.MediaUnsupported, lint.Error, "/messages/0/content/1", "no image input", "catalogue"},
		{"a video for a model that sees images", "moonshot-v1-8k-vision-preview", part("moonshot-v1-8k-vision-preview", `{"type":"video_url","video_url":{"url":"ms://abc"}}`), lint.MediaUnsupported, lint.Error, "/messages/0/content/1", "no video input", "single frames"},
	}
}

// TestWhatTheVendorRefusesIsFound has a request for every way to be refused,
// and each must give its finding and no other.
func TestWhatTheVendorRefusesIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range append(refusedParameters(), refusedContent(t)...) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := before
			if tt.code == lint.ModelRetired {
				at = after
			}
			m := *model(t, tt.model)
			if tt.code != lint.ModelRetired {
				m.Retired = time.Time{} // one finding a row
			}
			found := lint.Check(scan(t, tt.body), &m, at)
			require.Len(t, found, 1, "%+v", found)
			f := found[0]
			require.Equal(t, tt.code, f.Code)
			require.Equal(t, tt.severity, f.Severity)
			require.Equal(t, tt.pointer, f.Pointer)
			require.Contains(t, f.Message, tt.says)
			require.Contains(t, f.Fix, tt.fix)
			requireWellMade(t, f, tt.body)
		})
	}
}

// requireWellMade holds what every finding must keep.
func requireWellMade(t *testing.T, f lint.Finding, body string) {
	t.Helper()
	require.NotEmpty(t, f.Message)
	require.NotEmpty(t, f.Fix, "every finding says what to do")
	require.Contains(t, []lint.Severity{lint.Error, lint.Warning, lint.Info}, f.Severity)
	require.NotContains(t, f.Message+f.Fix, "Hello", "no text of the prompt")
	require.NotContains(t, f.Message+f.Fix, "What is this?")
	require.True(t, resolves(t, body, f.Pointer), "%s is not in the request", f.Pointer)
}

// resolves reports whether an RFC 6901 pointer names something in a body.
func resolves(t *testing.T, body, pointer string) bool {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	if pointer == "" {
		return true
	}
	for _, key := range strings.Split(pointer, "/")[1:] {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[key]
			if !ok {
				return false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(at) {
				return false
			}
			v = at[i]
		default:
			return false
		}
	}
	return true
}

// TestEveryCodeHasAWayToBeFound fails when a code is added that no row of this
// package's tests produces.
func TestEveryCodeHasAWayToBeFound(t *testing.T) {
	t.Parallel()
	seen := map[lint.Code]bool{
		// Found by the functions that take counts, and by a literal request.
		lint.ContextWindowExceeded: true, lint.CountIncomplete: true, lint.VendorUnavailable: true, lint.BodyTooLarge: true,
	}
	for _, r := range append(refusedParameters(), refusedContent(t)...) {
		seen[r.code] = true
	}
	for _, code := range []lint.Code{
		lint.ParameterFixed, lint.ParameterDeprecated, lint.ThinkingInvalid, lint.ImageFormat, lint.VideoFormat, lint.MediaURL,
		lint.MediaUnreadable, lint.MediaResolution, lint.MediaUnsupported, lint.BodyTooLarge, lint.ContentEmpty,
		lint.ToolNameInvalid, lint.ToolsTooMany, lint.StopInvalid, lint.ToolChoiceThinking, lint.ContextWindowExceeded,
		lint.ThinkingBudgetSmall, lint.ModelRetired, lint.CountIncomplete, lint.VendorUnavailable,
	} {
		require.True(t, seen[code], code)
	}
}

func TestWhatTheVendorAcceptsIsNotFound(t *testing.T) {
	t.Parallel()
	small := picture(t, "png", 8, 8)
	for _, tt := range []struct{ name, model, body string }{
		{"nothing but a message", "kimi-k2.5", with("kimi-k2.5", "")},
		{"fixed values while thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":1,"top_p":0.95,"n":1,"presence_penalty":0,"frequency_penalty":0`)},
		{"other spellings of them", "kimi-k2.5", with("kimi-k2.5", `"temperature":10e-1,"top_p":9.50E-1,"n":1.0,"presence_penalty":-0.0,"frequency_penalty":0e99`)},
		{"fixed values while not thinking", "kimi-k2.5", with("kimi-k2.5", `"temperature":0.60,"thinking":{"type":"disabled"}`)},
		{"null parameters", "kimi-k2.5", with("kimi-k2.5", `"temperature":null,"n":null,"thinking":null,"stop":null,"max_tokens":null`)},
		{"ranges", "moonshot-v1-8k", with("moonshot-v1-8k", `"temperature":0.3,"top_p":1,"n":5,"presence_penalty":-2,"frequency_penalty":2.0`)},
		{"temperature of a model with none fixed", "kimi-k2-0905-preview", with("kimi-k2-0905-preview", `"temperature":0.6`)},
		{"thinking kept", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"type":"enabled","keep":"all"}`)},
		{"thinking kept by default", "kimi-k2.6", with("kimi-k2.6", `"thinking":{"type":"enabled","keep":null}`)},
		{"effort", "kimi-k3", with("kimi-k3", `"reasoning_effort":"low"`)},
		{"effort of unknown values", "kimi-k3.1-pro", with("kimi-k3.1-pro", `"reasoning_effort":"medium"`)},
		{"a required tool on kimi-k3", "kimi-k3", with("kimi-k3", `"tool_choice":"required"`)},
		{"a required tool while not thinking", "kimi-k2.6", with("kimi-k2.6", `"tool_choice":"required","thinking":{"type":"disabled"}`)},
		{"five stop strings of 32 bytes", "kimi-k2.6", with("kimi-k2.6", `"stop":["`+strings.Repeat("x", 32)+`","2","3","4","5"]`)},
		{"room to think", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":16000`)},
		{"little room, but no thinking", "kimi-k2.6", with("kimi-k2.6", `"max_completion_tokens":10,"thinking":{"type":"disabled"}`)},
		{"128 tools", "kimi-k2.6", with("kimi-k2.6", tools(128))},
		{"names at the bounds", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"function","function":{"name":"_a-"}},{"type":"function","function":{"name":"`+strings.Repeat("Z", 64)+`"}}]`)},
		{"web search", "kimi-k2.6", with("kimi-k2.6", `"tools":[{"type":"builtin_function","function":{"name":"$web_search"}}]`)},
		{"assistant that called a tool", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"a:0","type":"function","function":{"name":"abc","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a:0","content":"1"}`)},
		{"assistant to be continued", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","name":"Kim","content":"","partial":true}`)},
		{"assistant that only thought", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":"Hi"},{"role":"assistant","content":"","reasoning_content":"Hm"},{"role":"user","content":"And?"}`)},
		{"tools in a system message", "kimi-k3", messages("kimi-k3", `{"role":"system","tools":[{"type":"function","function":{"name":"abc"}}]},{"role":"user","content":"Hi"}`)},
		{"image", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", small)))},
		{"image as a bare string", "kimi-k2.6", part("kimi-k2.6", `{"type":"image_url","image_url":"`+data("image/gif", picture(t, "gif", 8, 8))+`"}`)},
		{"image called jpg", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/jpg", picture(t, "jpeg", 8, 8))))},
		{"image at the bounds, turned", "kimi-k2.6", part("kimi-k2.6", imagePart(data("image/png", picture(t, "png", 2160, 4096))))},
		{"uploaded file", "kimi-k2.6", part("kimi-k2.6", `{"type":"video_url","video_url":{"url":"ms://d1q2"}}`)},
		{"image alone", "kimi-k2.6", messages("kimi-k2.6", `{"role":"user","content":[`+imagePart(data("image/png", small))+`]}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Nil(t, lint.Check(scan(t, tt.body), model(t, tt.model), before.AddDate(0, -6, 0)))
		})
	}
}

func TestBodySizeIsHeldAgainstTheModel(t *testing.T) {
	t.Parallel()
	req := scan(t, with("kimi-k2.6", ""))
	req.Size = 100_000_000
	require.Nil(t, lint.Check(req, model(t, "kimi-k2.6"), after))
	req.Size++
	require.Equal(t, []lint.Finding{{
		Code: lint.BodyTooLarge, Severity: lint.Error,
		Message: "the body has 100000001 bytes; the vendor takes 100000000",
		Fix:     "upload images and videos as files and refer to them as ms://<file-id>",
	}}, lint.Check(req, model(t, "kimi-k2.6"), after))
}

// TestVideosAreHeldAgainstTheirOwnBounds uses literal requests: what a video's
// header says is not this package's business.
func TestVideosAreHeldAgainstTheirOwnBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		declared string
		info     media.Info
		code     lint.Code
		severity lint.Severity
	}{
		{"at the bounds", "video/mp4", media.Info{Format: "mp4", Width: 2048, Height: 1080}, "", ""},
		{"upright at the bounds", "video/mp4", media.Info{Format: "mp4", Width: 1080, Height: 2048}, "", ""},
		{"over the bounds", "video/mp4", media.Info{Format: "mp4", Width: 1920, Height: 1081}, lint.MediaResolution, lint.Warning},
		{"quicktime by its registered name", "video/quicktime", media.Info{Format: "mov"}, "", ""},
		{"avi by its common name", "video/x-msvideo", media.Info{Format: "avi"}, "", ""},
		{"wmv by its registered name", "video/x-ms-wmv", media.Info{Format: "wmv"}, "", ""},
		{"flash", "video/x-flv", media.Info{Format: "x-flv"}, "", ""},
		{"mpg is mpeg", "video/mpg", media.Info{Format: "mpeg"}, "", ""},
		{"mpeg is mpg", "video/mpeg", media.Info{Format: "mpg"}, "", ""},
		{"phone video", "video/3gpp", media.Info{Format: "3gpp"}, "", ""},
		{"matroska, which the vendor does not list", "video/x-matroska", media.Info{Format: "mkv"}, lint.VideoFormat, lint.Error},
		{"ogg", "video/ogg", media.Info{Format: "ogg", Err: fmt.Errorf("%w: ogg", media.ErrUnsupported)}, lint.VideoFormat, lint.Error},
		{"webm called mp4", "video/mp4", media.Info{Format: "webm"}, lint.VideoFormat, lint.Warning},
		{"video called image", "image/mp4", media.Info{Format: "mp4"}, lint.VideoFormat, lint.Warning},
		{"no length in the header", "video/webm", media.Info{Format: "webm", Err: fmt.Errorf("%w: duration", media.ErrUnknown)}, lint.MediaUnreadable, lint.Warning},
		{"cut off", "video/mp4", media.Info{Format: "mp4", Err: fmt.Errorf("%w: moov", media.ErrTruncated)}, lint.MediaUnreadable, lint.Error},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.info.Kind = media.Video
			req := &chat.Request{Messages: []chat.Message{{Role: "user", Content: chat.Content{
				Kind: chat.ContentParts,
				Parts: []chat.Part{{Type: "video_url", Media: &chat.Media{
					Kind: media.Video, Source: chat.SourceData, MediaType: tt.declared, Info: tt.info,
				}}},
			}}}}
			found := lint.Check(req, model(t, "kimi-k2.6"), after)
			if tt.code == "" {
				require.Nil(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, tt.code, found[0].Code)
			require.Equal(t, tt.severity, found[0].Severity)
			require.Equal(t, "/messages/0/content/0/video_url", found[0].Pointer)
		})
	}
}

func TestPartWithoutURLIsFoundWhereItStands(t *testing.T) {
	t.Parallel()
	req := &chat.Request{Messages: []chat.Message{{Role: "user", Content: chat.Content{
		Kind: chat.ContentParts, Parts: []chat.Part{{Type: "image_url"}},
	}}}}
	found := lint.Check(req, model(t, "kimi-k2.6"), after)
	require.Len(t, found, 1)
	require.Equal(t, lint.MediaURL, found[0].Code)
	require.Equal(t, "/messages/0/content/0", found[0].Pointer)
}

func TestFindingsStandInTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	body := `{"model":"kimi-k2.5","messages":[{"role":"user","content":""},{"role":"user","content":[` + imagePart("http://x/") + `]}],` +
		tool("a") + `,"tool_choice":"required","thinking":{"type":"x","keep":"y"},"reasoning_effort":"low","temperature":2,"n":3,"stop":"` +
		strings.Repeat("x", 40) + `","max_tokens":5}`
	var pointers []string
	for _, f := range lint.Check(scan(t, body), model(t, "kimi-k2.5"), after) {
		pointers = append(pointers, f.Pointer)
		requireWellMade(t, f, body)
	}
	require.Equal(t, []string{
		"/model", "/messages/0/content", "/messages/1/content/0/image_url", "/tools/0/function/name", "/tool_choice",
		"/thinking/type", "/thinking/keep", "/reasoning_effort", "/temperature", "/n", "/stop", "/max_tokens", "/max_tokens",
	}, pointers)
	first := lint.Check(scan(t, body), model(t, "kimi-k2.5"), after)
	require.Equal(t, first, lint.Check(scan(t, body), model(t, "kimi-k2.5"), after))
}

func TestFloodOfFindingsIsBoundedAndHidesNoError(t *testing.T) {
	t.Parallel()
	wrong := imagePart(data("image/png", picture(t, "gif", 8, 8)))
	body := messages("kimi-k2.6", strings.Repeat(`{"role":"user","content":""},`, 1000)+
		`{"role":"user","content":[`+strings.Repeat(wrong+",", 100)+imagePart(data("image/svg+xml", []byte(svg)))+`]}`)
	found := lint.Check(scan(t, body), model(t, "kimi-k2.6"), after)
	require.Len(t, found, 32+32+1)
	require.Contains(t, found[31].Message, "(more of the kind follow and are not listed)")
	require.NotContains(t, found[30].Message, "more of the kind")
	require.Equal(t, "/messages/31/content", found[31].Pointer)
	last := found[len(found)-1]
	require.Equal(t, lint.Error, last.Severity, "an error is not hidden by many warnings of its code")
	require.Equal(t, "/messages/1000/content/100/image_url", last.Pointer)
}

// TestCleanRequestCostsNoAllocation holds the hot path.
func TestCleanRequestCostsNoAllocation(t *testing.T) {
	req, m := scan(t, clean(t)), model(t, "kimi-k2.6")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if lint.Check(req, m, after) != nil {
			t.Fatal("the request is clean")
		}
	}))
}

// clean is a request with something of everything and nothing to find.
func clean(tb testing.TB) string {
	tb.Helper()
	return `{"model":"kimi-k2.6","messages":[{"role":"system","content":"Be brief."},` +
		strings.Repeat(`{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},`, 20) +
		`{"role":"user","content":[{"type":"text","text":"Look"},` + imagePart(data("image/png", picture(tb, "png", 64, 64))) + `]}],` +
		tools(16) + `,"temperature":1.0,"top_p":0.95,"n":1,"stop":["a","b"],"max_completion_tokens":20000,"thinking":{"type":"enabled"}}`
}

func BenchmarkCheckClean(b *testing.B) {
	req, m := scan(b, clean(b)), model(b, "kimi-k2.6")
	b.ReportAllocs()
	for b.Loop() {
		if lint.Check(req, m, after) != nil {
			b.Fatal("the request is clean")
		}
	}
}
