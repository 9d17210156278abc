package prompt_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
	"tollgate/estimator/prompt"
)

// writer is a sink that spells the prompt out. Vision tokens are one pad.
type writer struct {
	strings.Builder
	vision []prompt.Vision
}

func (w *writer) Section(prompt.Section, int) {}
func (w *writer) Special(t prompt.Special)    { w.WriteString(t.String()) }
func (w *writer) Text(text string, _ bool)    { w.WriteString(text) }
func (w *writer) Media(v prompt.Vision) {
	w.WriteString("<|media_pad|>")
	w.vision = append(w.vision, v)
}

func profile(t testing.TB, family string) *prompt.Profile {
	t.Helper()
	p, ok := prompt.For(family)
	require.True(t, ok, "no profile for %s", family)
	return p
}

func render(t testing.TB, family string, req *chat.Request) string {
	t.Helper()
	var w writer
	profile(t, family).Render(req, &w)
	return w.String()
}

// wire is the fields of a chat request that a template reads.
type wire struct {
	Messages       []wireMessage     `json:"messages"`
	Tools          []json.RawMessage `json:"tools"`
	Thinking       chat.Thinking     `json:"thinking"`
	ToolChoice     json.RawMessage   `json:"tool_choice"`
	ResponseFormat json.RawMessage   `json:"response_format"`
	Effort         string            `json:"reasoning_effort"`
}

type wireMessage struct {
	Role       string            `json:"role"`
	Name       string            `json:"name"`
	Content    json.RawMessage   `json:"content"`
	Reasoning  string            `json:"reasoning_content"`
	ToolCalls  []wireCall        `json:"tool_calls"`
	ToolCallID string            `json:"tool_call_id"`
	Partial    bool              `json:"partial"`
	Tools      []json.RawMessage `json:"tools"`
}

type wireCall struct {
	ID       string `json:"id"`
	Function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"function"`
}

// request reads a chat request. Images are sizes, "WxH", in place of their url.
func request(t testing.TB, body string) *chat.Request {
	t.Helper()
	var in wire
	require.NoError(t, json.Unmarshal([]byte(body), &in))
	req := &chat.Request{Tools: tools(t, in.Tools), Thinking: in.Thinking, ReasoningEffort: in.Effort}
	if len(in.ResponseFormat) > 0 {
		req.ResponseFormat = compact(t, in.ResponseFormat)
	}
	if len(in.ToolChoice) > 0 {
		require.NoError(t, json.Unmarshal(in.ToolChoice, &req.ToolChoice.Mode))
	}
	for _, m := range in.Messages {
		out := chat.Message{
			Role: m.Role, Name: m.Name, Content: content(t, m.Content), ReasoningContent: m.Reasoning,
			ToolCallID: m.ToolCallID, Partial: m.Partial, Tools: tools(t, m.Tools),
		}
		for _, c := range m.ToolCalls {
			call := chat.ToolCall{ID: c.ID, Name: c.Function.Name}
			if json.Unmarshal(c.Function.Arguments, &call.Arguments) != nil {
				call.Arguments, call.ArgumentsRaw = string(compact(t, c.Function.Arguments)), true
			}
			out.ToolCalls = append(out.ToolCalls, call)
		}
		req.Messages = append(req.Messages, out)
	}
	return req
}

func compact(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, raw))
	return b.Bytes()
}

func tools(t testing.TB, raw []json.RawMessage) []chat.Tool {
	t.Helper()
	var out []chat.Tool
	for _, r := range raw {
		out = append(out, chat.Tool{JSON: compact(t, r)})
	}
	return out
}

func content(t testing.TB, raw json.RawMessage) chat.Content {
	t.Helper()
	switch {
	case len(raw) == 0:
		return chat.Content{}
	case string(raw) == "null":
		return chat.Content{Kind: chat.ContentNull}
	case raw[0] == '"':
		c := chat.Content{Kind: chat.ContentText}
		require.NoError(t, json.Unmarshal(raw, &c.Text))
		return c
	}
	var parts []struct {
		Type  string
		Text  string
		Image struct{ URL string } `json:"image_url"`
	}
	require.NoError(t, json.Unmarshal(raw, &parts))
	c := chat.Content{Kind: chat.ContentParts}
	for _, p := range parts {
		part := chat.Part{Type: p.Type, Text: p.Text}
		if p.Type != "text" {
			part.Media = image(p.Image.URL)
		}
		c.Parts = append(c.Parts, part)
	}
	return c
}

// image is an image of the size in url, or one whose size is not known.
func image(url string) *chat.Media {
	m := &chat.Media{Kind: media.Image, Source: chat.SourceFile}
	var w, h int
	if n, _ := fmt.Sscanf(url, "%dx%d", &w, &h); n == 2 {
		m.Source = chat.SourceData
		m.Info = media.Info{Kind: media.Image, Width: w, Height: h}
	}
	return m
}

// vectors reads a file of the recorded vectors, a value a line. They are not
// part of the repository: without them the test is skipped, in CI it fails.
func vectors[T any](t *testing.T, name string) []T {
	t.Helper()
	dir := os.Getenv("TOLLGATE_TEST_KIMI")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "kimi")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("recorded vectors are not here (set TOLLGATE_TEST_KIMI to their directory): %v", err)
	}
	require.NoError(t, err)
	var out []T
	for line := range bytes.Lines(data) {
		var v T
		require.NoError(t, json.Unmarshal(line, &v))
		out = append(out, v)
	}
	require.NotEmpty(t, out)
	return out
}
