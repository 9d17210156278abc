package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// sample is a real media file of the tests of estimator/media.
func sample(name string) string { return filepath.Join("..", "estimator", "media", "testdata", name) }

// write writes a file with that name and returns its path.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// picture is a PNG of that many pixels.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))))
	return b.Bytes()
}

func TestAReportIsMadeOfTextAndMedia(t *testing.T) {
	t.Parallel()
	// Called .txt, for a name says nothing.
	shot := write(t, "screenshot.txt", picture(t, 1920, 1080))
	for _, tt := range []struct {
		name string
		args []string
		code int
	}{
		{name: "text", args: []string{"--text", "Summarise the minutes in three sentences."}},
		{name: "chinese_text", args: []string{"--text", "请把这封信归类。", "--model", "kimi-k2.5"}},
		{name: "image", args: []string{"--media", shot, "--text", "这张截图里有什么？"}},
		{name: "video", args: []string{"--media", sample("h264-1080p.mp4"), "--max-cost", "0.02"}},
		{name: "matroska", args: []string{"--media", sample("h264.mkv")}, code: 1},
		{name: "no_vision", args: []string{"--media", shot, "--model", "moonshot-v1-8k"}, code: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, "", nil, append([]string{"estimate", "--at", "2026-07-15"}, tt.args...)...)
			require.Equal(t, tt.code, r.code, "%+v", r)
			require.Empty(t, r.stderr)
			requireGolden(t, "estimate_of_"+tt.name, r.stdout)
		})
	}
}

// What is made is what a caller would write: the estimates are the same to the
// content hash.
func TestAMadeRequestIsTheOneACallerWouldWrite(t *testing.T) {
	t.Parallel()
	url := func(path, mediaType string) map[string]any {
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		return map[string]any{"url": "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(file)}
	}
	const text = "What is \"this\"? <是什么>\n"
	shot := write(t, "a.png", picture(t, 40, 30))
	for _, tt := range []struct {
		name    string
		args    []string
		content any
	}{
		{name: "text", args: []string{"--text", text}, content: text},
		{name: "no text", args: []string{"--media", sample("h264-crop.flv")}, content: []any{
			map[string]any{"type": "video_url", "video_url": url(sample("h264-crop.flv"), "video/x-flv")},
		}},
		{name: "all", args: []string{"--media", shot, "--text", text, "--media", sample("vp9.webm")}, content: []any{
			map[string]any{"type": "image_url", "image_url": url(shot, "image/png")},
			map[string]any{"type": "video_url", "video_url": url(sample("vp9.webm"), "video/webm")},
			map[string]any{"type": "text", "text": text},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(map[string]any{
				"model": "kimi-k2.6", "messages": []any{map[string]any{"role": "user", "content": tt.content}},
			})
			require.NoError(t, err)
			want := run(t, string(body), nil, "estimate", "--json")
			got := run(t, "", nil, append([]string{"estimate", "--json"}, tt.args...)...)
			require.Equal(t, 0, got.code, got.stderr)
			require.JSONEq(t, want.stdout, got.stdout)
		})
	}
}

func TestAMadeRequestGoesToTheVendorToo(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{})
	env := map[string]string{"MOONSHOT_API_KEY": fakevendor.Key, "MOONSHOT_BASE_URL": vendor.URL}
	r := run(t, "", env, "estimate", "--method", "vendor", "--media", sample("lossy.webp"), "--text", "Hello")
	require.Equal(t, 0, r.code, r.stderr)
	require.Contains(t, r.stdout, "vendor")
}

func TestEveryFormatOfMediaIsTaken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"lossless.webp", "h264-moov-last.mp4", "h264.mov", "vp8.webm", "h264.mkv", "mpeg4.avi", "mpeg2.mpg", "sorenson.flv", "wmv1.wmv",
		"h263.3gp",
	} {
		r := run(t, "", nil, "estimate", "--json", "--media", sample(name))
		require.Contains(t, []int{0, 1}, r.code, "%s: %s", name, r.stderr)
		require.NotContains(t, r.stdout, "claims another format", name)
		require.NotContains(t, r.stdout, "media_unreadable", name)
	}
}

func TestWhatCannotBeMadeIsBadUsage(t *testing.T) {
	t.Parallel()
	request := write(t, "request.json", []byte(hello))
	for _, tt := range []struct {
		name   string
		args   []string
		env    map[string]string
		stderr string
	}{
		{name: "no media", args: []string{"--media", request}, stderr: "png, jpeg, gif, webp"},
		{name: "no media, the formats of videos", args: []string{"--media", request}, stderr: "mp4, mov, webm, mkv, avi, mpeg, flv, wmv, 3gp"},
		{name: "a PDF", args: []string{"--media", write(t, "a.png", []byte("%PDF-1.7\n"))}, stderr: "pdf"},
		{name: "an empty file", args: []string{"--media", write(t, "a.png", nil)}, stderr: "not recognised"},
		{name: "the second is none", args: []string{"--media", sample("vp9.webm"), "--media", request}, stderr: "media file 2"},
		{name: "no such file", args: []string{"--media", "missing.png"}, stderr: "no such file"},
		{name: "a directory", args: []string{"--media", t.TempDir()}, stderr: "is a directory"},
		{name: "media and a request", args: []string{"--media", sample("vp9.webm"), request}, stderr: "leave FILE out"},
		{name: "text and a request", args: []string{"--text", "Hello", "-"}, stderr: "leave FILE out"},
		{name: "a model and a request", args: []string{"--model", "kimi-k2.6", request}, stderr: "names its model itself"},
		{name: "unknown model", args: []string{"--model", "kimi-k2.66", "--text", "Hello"}, stderr: "kimi-k2.6"},
		{name: "text that is none", args: []string{"--text", "\xff"}, stderr: "UTF-8"},
		{
			name: "too large", args: []string{"--media", sample("wmv2-large.wmv")},
			env: map[string]string{"TOLLGATE_MAX_BODY_BYTES": "10000"}, stderr: "ms:// ids",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, hello, tt.env, append([]string{"estimate"}, tt.args...)...)
			require.Equal(t, 2, r.code, "%+v", r)
			require.Empty(t, r.stdout)
			require.Contains(t, r.stderr, tt.stderr)
		})
	}
}

// Not parallel: what is allocated is counted for the whole process.
func TestALargeFileIsNeverWholeInMemory(t *testing.T) {
	const size = 64 << 20
	small := picture(t, 64, 64)
	allocated := func(content []byte) uint64 {
		path := write(t, "a.png", content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := run(t, "", nil, "estimate", "--json", "--media", path)
		runtime.ReadMemStats(&after)
		require.NotEqual(t, 2, r.code, r.stderr)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(small) // what is made once
	base := allocated(small)
	require.Less(t, allocated(append(small, make([]byte, size)...)), base+size/16)
}
