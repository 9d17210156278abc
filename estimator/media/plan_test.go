package media_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

func clip(w, h int, frames int64, fps float64) media.Info {
	return media.Info{
		Kind: media.Video, Width: w, Height: h,
		FramesLow: frames, FramesHigh: frames, FPSLow: fps, FPSHigh: fps,
	}
}

func TestTokensOfAVideoAreThoseOfThePublishedProcessor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		info   media.Info
		limits media.Limits
		chunks int64
		tokens int64
	}{
		{"1080p, 10 s", clip(1920, 1080, 300, 30), media.K25(), 5, 5215},
		{"720p, 10 s", clip(1280, 720, 250, 25), media.K25(), 5, 5430},
		{"360p, 30 s", clip(640, 360, 900, 30), media.K25(), 15, 4650},
		{"one frame", clip(640, 480, 1, 30), media.K25(), 1, 425},
		{"slower than it is sampled", clip(256, 256, 10, 1), media.K25(), 3, 333},
		{"4K, 20 s", clip(3840, 2160, 600, 30), media.K25(), 10, 10430},
		{"half a sample rounds to even", clip(28, 28, 5, 4), media.K25(), 1, 12}, // 2.5 frames are 2
		{"K3 takes 8 frames a second", clip(640, 360, 900, 30), media.K3(), 60, 60 * (299 + 11)},
		{"K3 shares a limit among frames", clip(1920, 1080, 3000, 30), media.K3(), 200, 200 * (220 + 11)}, // 819 patches each
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plans, err := tt.limits.Plan(tt.info)
			require.NoError(t, err)
			require.Equal(t, tt.chunks, plans.Expected.Chunks)
			require.Equal(t, plans.Low, plans.Expected)
			require.Equal(t, plans.High, plans.Expected)
			low, expected, high, err := tt.limits.VideoTokens(tt.info)
			require.NoError(t, err)
			require.Equal(t, []int64{tt.tokens, tt.tokens, tt.tokens}, []int64{low, expected, high})
		})
	}
}

func TestTimestampsAreThoseOfThePublishedProcessor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		info media.Info
		want []string
	}{
		{"one frame", clip(9, 9, 1, 30), []string{"00:00:00.000"}},
		// linspace(0, 299, 20): frames 0, 63, 126, 189, 252.
		{"10 s of 30 fps", clip(9, 9, 300, 30), []string{"00:00:00.000", "00:00:02.100", "00:00:04.200", "00:00:06.299", "00:00:08.400"}},
		{"431 frames of 29.97 fps", clip(9, 9, 431, 29.97), []string{
			"00:00:00.000", "00:00:02.035", "00:00:04.104", "00:00:06.139",
			"00:00:08.208", "00:00:10.243", "00:00:12.312", "00:00:14.347",
		}},
		{"last frame opens a chunk", clip(9, 9, 5, 1), []string{"00:00:00.000", "00:00:04.000"}},
		{"a day and more", clip(9, 9, 9, 1.0/21600), []string{"00:00:00.000", "00:00:00.000", "00:00:00.000"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plans, err := media.K25().Plan(tt.info)
			require.NoError(t, err)
			require.Equal(t, tt.want, slices.Collect(plans.Expected.Timestamps()))
		})
	}
}

func TestBoundsOfAVideoHoldWhateverItIsWithinThem(t *testing.T) {
	t.Parallel()
	info := clip(1280, 720, 0, 0)
	info.FramesLow, info.FramesHigh, info.FPSLow, info.FPSHigh = 700, 900, 24, 30
	for _, limits := range []media.Limits{media.K25(), media.K3()} {
		low, expected, high, err := limits.VideoTokens(info)
		require.NoError(t, err)
		require.Less(t, low, high)
		require.True(t, low <= expected && expected <= high)
		for frames := info.FramesLow; frames <= info.FramesHigh; frames += 7 {
			for fps := info.FPSLow; fps <= info.FPSHigh; fps += 0.37 {
				_, n, _, err := limits.VideoTokens(clip(1280, 720, frames, fps))
				require.NoError(t, err)
				require.True(t, low <= n && n <= high, "%d frames at %v: %d", frames, fps, n)
			}
		}
	}
}

func TestAVideoThatIsNotKnownHasNoPlan(t *testing.T) {
	t.Parallel()
	broken := clip(9, 9, 9, 9)
	broken.Err = errors.New("broken")
	for _, tt := range []struct {
		name   string
		info   media.Info
		limits media.Limits
		err    error
	}{
		{"unreadable", broken, media.K25(), broken.Err},
		{"no size", clip(0, 9, 9, 9), media.K25(), media.ErrUnknown},
		{"no frames", clip(9, 9, 0, 9), media.K25(), media.ErrUnknown},
		{"no rate", clip(9, 9, 9, 0), media.K25(), media.ErrUnknown},
		{"not a number", clip(9, 9, 9, math.NaN()), media.K25(), media.ErrUnknown},
		{"endless rate", clip(9, 9, 9, math.Inf(1)), media.K25(), media.ErrUnknown},
		{"a family without video", clip(9, 9, 9, 9), media.KimiVL(), media.ErrUnsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.limits.Plan(tt.info)
			require.ErrorIs(t, err, tt.err)
			_, _, high, err := tt.limits.VideoTokens(tt.info)
			require.ErrorIs(t, err, tt.err)
			require.Zero(t, high)
		})
	}
}
