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
	Name         string          `json:"name"`
	Messages     json.RawMessage `json:"messages"`
	Tools        json.RawMessage `json:"tools"`
	Images       [][2]int        `json:"images"`
	Thinking     bool            `json:"thinking"`
	Rendered     string          `json:"rendered"`
	Count        int64           `json:"count"`
	CountWithout int64           `json:"count_without_generation_prompt"`
}

func (c *conversation) request(t *testing.T) *chat.Request {
	t.Helper()
	thinking := "enabled"
	if !c.Thinking {
		thinking = "disabled"
	}
	return size(request(t, fmt.Sprintf(`{"messages":%s,"tools":%s,"thinking":{"type":%q}}`, c.Messages, c.Tools, thinking)), c.Images...)
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
