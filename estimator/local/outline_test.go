package local_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
)

func TestAnOutlineIsThePromptInOrder(t *testing.T) {
	t.Parallel()
	body := `{"model":"kimi-k2.6","tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"messages":[
{"role":"system","content":"Be kind."},
{"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"ms://a"}},{"type":"text","text":"What?"}]},
{"role":"assistant","content":"A gate."},{"role":"user","content":"Sure?"}]}`
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(t, err)
	c := approximation(t)
	outline, err := c.Outline(t.Context(), req, model(t, "kimi-k2.6"))
	require.NoError(t, err)

	type place struct {
		part    estimator.Part
		message int
	}
	var places []place
	var sum int64
	for _, s := range outline {
		places = append(places, place{s.Part, s.Message})
		sum += s.Tokens
		require.Positive(t, s.Tokens)
		require.NotEmpty(t, s.Text)
	}
	require.Equal(t, []place{
		{estimator.PartTools, estimator.NoMessage},
		{estimator.PartSystem, 0},
		{estimator.PartMessages, 1},
		{estimator.PartMedia, 1},
		{estimator.PartMessages, 1},
		{estimator.PartMessages, 2},
		{estimator.PartMessages, 3},
		{estimator.PartGenerationPrompt, estimator.NoMessage},
	}, places)
	require.Equal(t, "<|im_system|>system<|im_middle|>Be kind.<|im_end|>", outline[1].Text)
	count, err := c.Count(t.Context(), req, model(t, "kimi-k2.6"))
	require.NoError(t, err)
	require.InDelta(t, count.Tokens, sum, float64(len(outline)), "but for rounding")
}

func TestAnotherPictureIsAnotherSegment(t *testing.T) {
	t.Parallel()
	outline := func(id string) []estimator.Segment {
		body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ms://` + id + `"}}]}]}`
		req, err := chat.Scan(strings.NewReader(body), chat.Options{})
		require.NoError(t, err)
		segments, err := approximation(t).Outline(t.Context(), req, model(t, "kimi-k2.6"))
		require.NoError(t, err)
		return segments
	}
	require.Equal(t, outline("a"), outline("a"))
	a, b := outline("a"), outline("b")
	require.Len(t, b, len(a))
	different := 0
	for i := range a {
		if a[i].Text != b[i].Text {
			different++
			require.Equal(t, estimator.PartMedia, a[i].Part)
		}
	}
	require.Equal(t, 1, different)
}

func TestAStretchOfTextIsCounted(t *testing.T) {
	t.Parallel()
	c := approximation(t)
	require.Zero(t, c.Tokens(""))
	require.EqualValues(t, 1, c.Tokens("<|im_end|>"))
	require.InDelta(t, 9, c.Tokens("The quick brown fox jumps over the lazy dog"), 2)
}
