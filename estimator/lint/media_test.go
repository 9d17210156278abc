package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/estimator/media"
	"tollgate/pricing"
)

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
		{"flash by its short name", "video/flv", media.Info{Format: "x-flv"}, "", ""},
		{"bytes that nobody looked at", "video/mp4", media.Info{}, lint.VideoFormat, lint.Error},
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

// TestRulesNobodyKnowsFindNothing uses a model of which nothing is known: a
// rule without data must not refuse anything.
func TestRulesNobodyKnowsFindNothing(t *testing.T) {
	t.Parallel()
	m := &pricing.Model{ID: "m", SupportsImageIn: true, SupportsVideoIn: true}
	req := scan(t, `{"model":"m","messages":[{"role":"user","content":[`+
		imagePart(data("image/png", picture(t, "png", 5000, 10)))+`]}],"temperature":9,"n":99,"tool_choice":"any",`+
		tools(200)+`,"stop":["1","2","3","4","5","`+strings.Repeat("x", 99)+`"],"max_completion_tokens":1}`)
	req.Size = 1 << 40
	require.Nil(t, lint.Check(req, m, after))
	require.False(t, lint.Thinks(req, m))

	req = scan(t, part("m", imagePart(data("image/png", []byte("hello, this is text and no image")))))
	found := lint.Check(req, m, after)
	require.Len(t, found, 1)
	require.Equal(t, lint.MediaUnreadable, found[0].Code)
	require.Equal(t, lint.Warning, found[0].Severity, "what the model takes is not known, only that it cannot be counted")
}

func TestThinksFollowsModelAndRequest(t *testing.T) {
	t.Parallel()
	off, on := `"thinking":{"type":"disabled"}`, `"thinking":{"type":"enabled"}`
	for _, tt := range []struct {
		model, members string
		want           bool
	}{
		{"kimi-k2.5", "", true},
		{"kimi-k2.5", on, true},
		{"kimi-k2.5", off, false},
		{"kimi-k2.7-code", off, true},
		{"kimi-k3", off, true},
		{"moonshot-v1-8k", on, false},
	} {
		require.Equal(t, tt.want, lint.Thinks(scan(t, with(tt.model, tt.members)), model(t, tt.model)), tt.model+" "+tt.members)
	}
}
