package prompt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
	"tollgate/estimator/prompt"
)

// outline is a sink that writes each section with its message and its texts.
type outline struct {
	strings.Builder
	texts int
	flat  strings.Builder
}

func (o *outline) Section(s prompt.Section, message int) { fmt.Fprintf(o, "[%s %d]", s, message) }
func (o *outline) Special(t prompt.Special) {
	o.texts = 0
	o.WriteByte('.')
	o.flat.WriteString(t.String())
}

func (o *outline) Media(v prompt.Vision) {
	o.texts = 0
	fmt.Fprintf(o, "<%d>", v.Tokens)
	o.flat.WriteString("<|media_pad|>")
}

func (o *outline) Text(text string, _ bool) {
	o.texts++
	o.WriteString(text)
	o.flat.WriteString(text)
}

func TestSectionsChangeBetweenTexts(t *testing.T) {
	t.Parallel()
	picture := `{"type":"image_url","image_url":{"url":"` + pixels(t, 30, 20) + `"}}`
	for _, tt := range []struct{ family, body, want string }{
		{
			"kimi-k2.5",
			`{"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},` + picture + `,{"type":"text","text":"b"}]}],
			"tools":[{"type":"builtin_function"}]}`,
			`[tools -1].tool_declare.[{"type":"builtin_function"}].` + "[system 0].system.s.[messages 1].user.a[media 1].image.<2>.[messages 1]\nb." +
				"[generation_prompt -1].assistant..",
		},
		{
			"kimi-k2-thinking", `{"messages":[{"role":"user","content":"a"}]}`,
			"[system -1].system.You are Kimi, an AI assistant created by Moonshot AI..[messages 0].user.a.[generation_prompt -1].assistant.",
		},
		{
			"kimi-k3", `{"messages":[{"role":"system","content":[` + picture + `]},{"role":"tool","name":"n","content":"r"}],"thinking":{"type":"disabled"},"tool_choice":"none"}`,
			`[system 0].message role="system".[media 0].image 30x20.<2>.[system 0].message..[messages 1].message role="tool" tool="n" index="1".r.message..` +
				"[system -1].message role=\"system\" type=\"tool-choice\".The system is invoked with `tool_choice=none`.\nYou MUST NOT call any tools in the next message..message.." +
				`[generation_prompt -1].message role="assistant"..response.`,
		},
	} {
		t.Run(tt.family, func(t *testing.T) {
			t.Parallel()
			var o outline
			profile(t, tt.family).Render(request(t, tt.body), &o)
			require.Equal(t, tt.want, o.String())
		})
	}
}

// single fails where K2 sends two texts in a row: they would be tokenised
// apart.
type single struct {
	outline
	t *testing.T
}

func (s *single) Text(text string, specials bool) {
	s.outline.Text(text, specials)
	require.NotEmpty(s.t, text)
	require.True(s.t, specials)
	require.Equal(s.t, 1, s.texts, "two texts in a row")
}

func TestWhatStandsBetweenControlTokensIsOneText(t *testing.T) {
	t.Parallel()
	req := request(t, `{"messages":[
		{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"},{"type":"odd","text":"c"}]},
		{"role":"tool","tool_call_id":"1","content":[{"type":"image_url","image_url":"ms://x"},{"type":"video_url","video_url":"ms://y"},{"type":"text","text":"d"}]}]}`)
	s := &single{t: t}
	profile(t, "kimi-k2.5").Render(req, s)
	require.Equal(t, "<|im_user|>user<|im_middle|>abc<|im_end|><|im_system|>tool<|im_middle|>## Return of 1\n"+
		"<|media_begin|>image<|media_content|><|media_pad|><|media_end|>\n<|media_begin|>video<|media_content|><|media_pad|><|media_end|>\nd<|im_end|>"+
		"<|im_assistant|>assistant<|im_middle|><think>", s.flat.String())
}

// clip is a request with one video of the given frames behind a text.
func clip(t testing.TB, text string, info media.Info) *chat.Request {
	t.Helper()
	req := request(t, `{"messages":[{"role":"user","content":[{"type":"text","text":"`+text+`"},{"type":"video_url","video_url":{"url":"ms://x"}}]}]}`)
	info.Kind = media.Video
	m := req.Messages[0].Content.Parts[1].Media
	m.Source, m.Info = chat.SourceData, info
	return req
}

// frames is a video whose frames are known.
func frames(w, h int, n int64, fps float64) media.Info {
	return media.Info{Width: w, Height: h, FramesLow: n, FramesHigh: n, FPSLow: fps, FPSHigh: fps}
}

// The last moment is 4.3 s, which as a float is a little less.
func TestVideosRenderChunkByChunk(t *testing.T) {
	t.Parallel()
	var o outline
	profile(t, "kimi-k2.5").Render(clip(t, "at 12", frames(64, 64, 60, 10)), &o)
	require.Equal(t, "[messages 0].user.at 1200:00:00.000[media 0].video.<9>.00:00:02.100.video.<9>.00:00:04.299.video.<9>.[messages 0]\n."+
		"[generation_prompt -1].assistant..", o.String())
}

// The counts are published, without the newline behind the video.
func TestVideosCountAsPublished(t *testing.T) {
	t.Parallel()
	bare := count(t, "kimi-k2.5", clip(t, "a", media.Info{})).total()
	unknown := int64(4 + 8) // the block of an unread video, and its least vision tokens
	for _, tt := range []struct {
		info media.Info
		want int64
	}{
		{frames(1920, 1080, 300, 30), 5215},
		{frames(1280, 720, 250, 25), 5430},
		{frames(640, 360, 900, 30), 4650},
		{frames(640, 480, 1, 30), 425},
		{frames(256, 256, 10, 1), 333},
		{frames(3840, 2160, 600, 30), 10430},
	} {
		require.Equal(t, tt.want, count(t, "kimi-k2.5", clip(t, "a", tt.info)).total()-bare+unknown, "%+v", tt.info)
	}
}

func TestMediaThatIsNotKnownHasBounds(t *testing.T) {
	t.Parallel()
	l := media.K25()
	loose := frames(64, 64, 60, 10)
	loose.FramesHigh, loose.FPSLow = 80, 8
	var truth []int64
	for _, info := range []media.Info{frames(64, 64, 60, 10), frames(64, 64, 80, 8), frames(64, 64, 70, 9)} {
		plans, err := l.Plan(info)
		require.NoError(t, err)
		truth = append(truth, plans.Low.Tokens())
	}
	huge := frames(64, 64, 1<<40, 2)
	for _, tt := range []struct {
		name      string
		req       *chat.Request
		low, high int64
		reason    string
	}{
		{
			"an image with the vendor", request(t, `{"messages":[{"role":"user","content":[{"type":"text"},{"type":"image_url","image_url":"ms://x"}]}]}`),
			1, l.MaxImageTokens(), "vendor",
		},
		{
			"an image on the net", request(t, `{"messages":[{"role":"user","content":[{"type":"text"},{"type":"image_url","image_url":"https://x/y.png"}]}]}`),
			1, l.MaxImageTokens(), "data URL",
		},
		{
			"an image without a url", request(t, `{"messages":[{"role":"user","content":[{"type":"text"},{"type":"image_url"}]}]}`),
			1, l.MaxImageTokens(), "no url",
		},
		{
			"an image that is none", request(t, `{"messages":[{"role":"user","content":[{"type":"text"},{"type":"image_url","image_url":"data:image/png;base64,AAAA"}]}]}`),
			1, l.MaxImageTokens(), "header",
		},
		{"a video of unknown length", clip(t, "a", media.Info{Width: 64, Height: 64}), 8, prompt.Unbounded, "frames"},
		{"a video of uncertain length", clip(t, "a", loose), min(truth[0], truth[1]) - 5, max(truth[0], truth[1]) - 3, "exactly"},
		{"a video with absurdly many frames", clip(t, "a", huge), (1<<38)*(9+11) - 4, (1<<38)*(9+11) - 4, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var w writer
			profile(t, "kimi-k2.5").Render(tt.req, &w)
			require.Len(t, w.vision, 1)
			v := w.vision[0]
			require.Equal(t, []int64{tt.low, tt.high}, []int64{v.Low, v.High})
			require.Equal(t, "/messages/0/content/1", v.Pointer())
			require.Contains(t, v.Reason, tt.reason)
			require.LessOrEqual(t, v.Low, v.Tokens)
			require.True(t, v.Tokens <= v.High || v.High == prompt.Unbounded)
			require.Equal(t, tt.low == tt.high, v.Exact())
		})
	}
}
