package prompt_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// conversation is a line of chat_k25.jsonl.
type conversation struct {
	Name     string          `json:"name"`
	Messages json.RawMessage `json:"messages"`
	Tools    json.RawMessage `json:"tools"`
	Images   [][2]int        `json:"images"`
	Thinking bool            `json:"thinking"`
	Rendered string          `json:"rendered"`
	Count    int64           `json:"count"`
}

func (c *conversation) request(t *testing.T) *chat.Request {
	t.Helper()
	thinking := "enabled"
	if !c.Thinking {
		thinking = "disabled"
	}
	req := request(t, fmt.Sprintf(`{"messages":%s,"tools":%s,"thinking":{"type":%q}}`, c.Messages, c.Tools, thinking))
	sizes := c.Images
	for _, m := range req.Messages {
		for i := range m.Content.Parts {
			if p := &m.Content.Parts[i]; p.Media != nil {
				p.Media = image(fmt.Sprintf("%dx%d", sizes[0][0], sizes[0][1]))
				sizes = sizes[1:]
			}
		}
	}
	return req
}

func TestRecordedConversationsRenderAsTheOfficialTemplateDoes(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[conversation](t, "chat_k25.jsonl") {
		t.Run(fmt.Sprintf("%s thinking=%v", c.Name, c.Thinking), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.Rendered, render(t, "kimi-k2.5", c.request(t)))
		})
	}
}

func TestRecordedToolsAreDeclaredAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[struct {
		Name     string
		Tools    json.RawMessage
		Declared string
	}](t, "tools_ts.jsonl") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.Declared, declared(t, "kimi-k2.5", string(c.Tools)))
		})
	}
}
