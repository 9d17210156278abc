package local_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/local"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/pricing"
)

func exactCounter(t testing.TB) *local.Counter {
	t.Helper()
	tok, err := tokenizer.Open(kimidata.File(t, tokenizer.FileName))
	require.NoError(t, err)
	return local.NewTokenizer(tok)
}

func approximation(t testing.TB) *local.Counter {
	t.Helper()
	c, err := local.NewApproximation()
	require.NoError(t, err)
	return c
}

func model(t testing.TB, id string) *pricing.Model {
	t.Helper()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	m, err := book.Model(id)
	require.NoError(t, err)
	return m
}

func count(t *testing.T, c *local.Counter, id, body string) estimator.Count {
	t.Helper()
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(t, err)
	n, err := c.Count(t.Context(), req, model(t, id))
	require.NoError(t, err)
	var sum int64
	for _, p := range n.Parts {
		sum += p.Tokens
		require.Equal(t, c.Method(), p.Method)
	}
	require.Equal(t, n.Tokens, sum, "the parts are the whole")
	require.LessOrEqual(t, n.Low, n.Tokens)
	if n.High != estimator.Unbounded {
		require.GreaterOrEqual(t, n.High, n.Tokens)
	}
	return n
}

// recorded is a line of chat_k25.jsonl.
type recorded struct {
	Name     string
	Messages json.RawMessage
	Tools    json.RawMessage
	Images   []json.RawMessage
	Thinking bool
	Count    int64
}

// body is the request that was recorded.
func (r *recorded) body() string {
	b := `{"model":"kimi-k2.5","messages":` + string(r.Messages)
	if string(r.Tools) != "null" && len(r.Tools) > 0 {
		b += `,"tools":` + string(r.Tools)
	}
	if !r.Thinking {
		b += `,"thinking":{"type":"disabled"}`
	}
	return b + "}"
}

func TestRecordedConversationsAreCountedExactlyAndWithinTheBounds(t *testing.T) {
	t.Parallel()
	exact, approx := exactCounter(t), approximation(t)
	f, err := os.Open(kimidata.File(t, "chat_k25.jsonl"))
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	seen, within := 0, 0
	for lines.Scan() {
		var r recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		if len(r.Images) > 0 {
			continue // of those only the size is recorded; the prompt's own tests have them
		}
		seen++
		n := count(t, exact, "kimi-k2.5", r.body())
		require.Equal(t, r.Count, n.Tokens, "%s, thinking %t", r.Name, r.Thinking)
		if len(n.Gaps) == 0 {
			require.Equal(t, []int64{r.Count, r.Count}, []int64{n.Low, n.High}, "what is believed exact has no bounds")
		}
		a := count(t, approx, "kimi-k2.5", r.body())
		if a.Low <= r.Count && r.Count <= a.High {
			within++
		}
	}
	require.NoError(t, lines.Err())
	require.Greater(t, seen, 10)
	require.GreaterOrEqual(t, 100*within, 99*seen, "%d of %d within the bounds", within, seen)
	t.Logf("%d conversations: all exact with the vocabulary, %d within the bounds without it", seen, within)
}

// The vendor documents 80 tokens for this request, which leaves out the
// generation prompt (https://platform.kimi.com/docs/api/estimate).
const documented = `{"model":"kimi-k2.5","messages":[
{"role":"system","content":"你是 Kimi，由 Moonshot AI 提供的人工智能助手，你更擅长中文和英文的对话。你会为用户提供安全，有帮助，准确的回答。同时，你会拒绝一切涉及恐怖主义，种族歧视，黄色暴力等问题的回答。Moonshot AI 为专有名词，不可翻译成其他语言。"},
{"role":"user","content":"你好，我叫李雷，1+1等于多少？"}]}`

func TestTheVendorsDocumentedExample(t *testing.T) {
	t.Parallel()
	t.Run("with the vocabulary it is exact", func(t *testing.T) {
		t.Parallel()
		n := count(t, exactCounter(t), "kimi-k2.5", documented)
		require.EqualValues(t, 84, n.Tokens)
		require.Equal(t, []estimator.PartCount{
			{Part: estimator.PartSystem, Tokens: 64, Method: estimator.MethodTokenizer},
			{Part: estimator.PartMessages, Tokens: 16, Method: estimator.MethodTokenizer},
			{Part: estimator.PartGenerationPrompt, Tokens: 4, Method: estimator.MethodTokenizer},
		}, n.Parts)
	})
	t.Run("without it the truth is within the bounds", func(t *testing.T) {
		t.Parallel()
		n := count(t, approximation(t), "kimi-k2.5", documented)
		require.LessOrEqual(t, n.Low, int64(84))
		require.GreaterOrEqual(t, n.High, int64(84))
		require.InDelta(t, 84, n.Tokens, 12)
		t.Logf("approximation: %d tokens, %d to %d; the truth is 84", n.Tokens, n.Low, n.High)
	})
}

func TestEveryModelOfTheCatalogueCanBeCounted(t *testing.T) {
	t.Parallel()
	book, err := pricing.Embedded()
	require.NoError(t, err)
	c := approximation(t)
	for _, m := range book.Models() {
		n := count(t, c, m.ID, `{"model":"x","messages":[{"role":"user","content":"Hello, how are you?"}]}`)
		require.Greater(t, n.Low, int64(5), m.ID)
		require.Less(t, n.High, int64(200), m.ID)
	}
}

func TestWhatNobodyCanCountIsBoundedAndNamed(t *testing.T) {
	t.Parallel()
	part := func(part string) string {
		return `{"model":"kimi-k2.5","messages":[{"role":"user","content":[{"type":"text","text":"Look:"},` + part + `]}]}`
	}
	for _, tt := range []struct {
		name, part string
		unbounded  bool
		atLeast    int64
	}{
		{"an uploaded image", `{"type":"image_url","image_url":{"url":"ms://abc"}}`, false, 15},
		{"an unreadable image", `{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}`, false, 15},
		{"a public address", `{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}`, false, 15},
		{"an uploaded video", `{"type":"video_url","video_url":{"url":"ms://abc"}}`, true, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := count(t, approximation(t), "kimi-k2.5", part(tt.part))
			require.NotEmpty(t, n.Gaps)
			require.Equal(t, "/messages/0/content/1", n.Gaps[0].Pointer)
			require.NotEmpty(t, n.Gaps[0].Reason)
			require.Equal(t, tt.unbounded, n.High == estimator.Unbounded, "high is %d", n.High)
			require.GreaterOrEqual(t, n.Tokens, tt.atLeast, "it is never counted as nothing")
			if !tt.unbounded {
				require.Greater(t, n.High, n.Low+4000, "an image can have over 4,000 tokens")
			}
		})
	}
}

func TestAnImageIsCountedFromItsHeader(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 1920, 1080))))
	url := "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.Bytes())
	n := count(t, approximation(t), "kimi-k2.5",
		`{"model":"kimi-k2.5","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"`+url+`"}}]}]}`)
	require.Empty(t, n.Gaps)
	require.Equal(t, estimator.PartMedia, n.Parts[1].Part)
	require.EqualValues(t, 2691+4, n.Parts[1].Tokens)
}

func TestAFamilyWithoutATemplateIsAnError(t *testing.T) {
	t.Parallel()
	req, err := chat.Scan(strings.NewReader(documented), chat.Options{})
	require.NoError(t, err)
	_, err = approximation(t).Count(t.Context(), req, &pricing.Model{ID: "m", Family: "unheard-of"})
	require.ErrorIs(t, err, local.ErrNoTemplate)
}

func TestACallerWhoLeftIsNotCountedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := chat.Scan(strings.NewReader(documented), chat.Options{})
	require.NoError(t, err)
	_, err = approximation(t).Count(ctx, req, model(t, "kimi-k2.5"))
	require.ErrorIs(t, err, context.Canceled)
}
