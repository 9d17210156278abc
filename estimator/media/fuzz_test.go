package media_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

// fuzzSeed is the largest test file that is a seed: the fuzzer is slow on more.
const fuzzSeed = 12 << 10

// fuzzVideos fuzzes the parsers behind the test files of the given patterns.
func fuzzVideos(f *testing.F, patterns ...string) {
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(f, err)
		require.NotEmpty(f, files)
		for _, name := range files {
			file, err := os.ReadFile(name)
			require.NoError(f, err)
			if len(file) <= fuzzSeed {
				f.Add(file, uint16(100))
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, chunk uint16) {
		requireSaneFile(t, media.Video, file, int(chunk))
	})
}

// requireSaneFile is requireSane of a file, whose answer does not depend on
// padding either.
func requireSaneFile(t *testing.T, kind media.Kind, file []byte, chunk int) {
	t.Helper()
	requireSane(t, kind, base64.StdEncoding.EncodeToString(file), chunk)
	raw := base64.RawStdEncoding.EncodeToString(file)
	require.Equal(t, probe(kind, file, 1<<20), probeText(kind, raw, chunk+1))
}

// requireSane asks what must hold of any text: the same answer whatever the
// chunks, and numbers that make sense where there is no error.
func requireSane(t *testing.T, kind media.Kind, chars string, chunk int) {
	t.Helper()
	info := probeText(kind, chars, len(chars)+1)
	require.Equal(t, info, probeText(kind, chars, chunk+1))
	require.Equal(t, kind, info.Kind)
	require.GreaterOrEqual(t, info.FramesHigh, info.FramesLow)
	if info.Err != nil {
		return
	}
	require.NotEmpty(t, info.Format)
	require.Positive(t, info.Width)
	require.Positive(t, info.Height)
	for _, limits := range []media.Limits{media.K25(), media.K3()} {
		tokens := limits.ImageTokens(info.Width, info.Height)
		require.Positive(t, tokens)
		require.LessOrEqual(t, tokens, limits.MaxImageTokens())
		if kind == media.Image {
			continue
		}
		require.LessOrEqual(t, info.FramesHigh, int64(len(chars)))
		low, expected, high, err := limits.VideoTokens(info)
		require.NoError(t, err)
		require.True(t, 0 < low && low <= expected && expected <= high)
	}
}

func FuzzImage(f *testing.F) {
	for _, name := range []string{"lossy.webp", "lossless.webp", "extended.webp"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(file, uint16(3))
	}
	f.Add(pngHeader(65535, 65535), uint16(3))
	f.Add(jpegHeader(640, 480, 30), uint16(3))
	f.Add(append(gifHeader(9, 9), "!\xfe\x03abc\x00,\x00\x00\x00\x00\x09\x00\x09\x00\x00\x08\x02\x00;"...), uint16(3))
	f.Fuzz(func(t *testing.T, file []byte, chunk uint16) {
		requireSaneFile(t, media.Image, file, int(chunk))
	})
}

func FuzzText(f *testing.F) {
	f.Add("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", uint16(3))
	f.Add("AAAA====AAAA", uint16(0))
	f.Add("AAA", uint16(1))
	f.Add("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", uint16(4))
	f.Fuzz(func(t *testing.T, chars string, chunk uint16) {
		requireSane(t, media.Image, chars, int(chunk))
		requireSane(t, media.Video, chars, int(chunk))
	})
}

func FuzzISO(f *testing.F)  { fuzzVideos(f, "*.mp4", "*.mov", "*.3gp") }
func FuzzEBML(f *testing.F) { fuzzVideos(f, "*.webm", "*.mkv") }
func FuzzAVI(f *testing.F)  { fuzzVideos(f, "*.avi") }
func FuzzFLV(f *testing.F)  { fuzzVideos(f, "*.flv") }
func FuzzASF(f *testing.F)  { fuzzVideos(f, "*.wmv") }
func FuzzMPEG(f *testing.F) { fuzzVideos(f, "*.mpg", "*.mpeg") }
