package media_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

// Answers of the published image processor, run on these sizes.
func TestTokensOfAPictureAreThoseOfThePublishedProcessor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		w, h              int
		image, frame, k3i int64
	}{
		{1, 1, 1, 1, 1},
		{17, 64, 3, 3, 3},
		{28, 28, 1, 1, 1},
		{29, 28, 2, 2, 2},
		{64, 64, 9, 9, 9},
		{100, 100, 16, 16, 16},
		{224, 224, 64, 64, 64},
		{256, 256, 100, 100, 100},
		{336, 336, 144, 144, 144},
		{512, 512, 361, 361, 361},
		{600, 400, 330, 330, 330},
		{640, 480, 414, 414, 414},
		{800, 600, 638, 638, 638},
		{1024, 768, 1036, 1036, 1036},
		{1024, 1024, 1369, 1089, 1369},
		{1280, 720, 1196, 1075, 1196},
		{1365, 2048, 3626, 1080, 3626},
		{2048, 1365, 3626, 1080, 3626},
		{1792, 1792, 4096, 1024, 4096},
		{1793, 1793, 4225, 1024, 4225},
		{1920, 1080, 2691, 1032, 2691},
		{2048, 2048, 4225, 1089, 5476},
		{2560, 1440, 4214, 1075, 4784},
		{3024, 4032, 4144, 1036, 15552},
		{3840, 2160, 4214, 1032, 10764},
		{4000, 3000, 4200, 1036, 15444},
		{4096, 2160, 4183, 1080, 11466},
		{5000, 6000, 4189, 1080, 16497},
		{7168, 100, 1024, 1024, 1024},
		{7169, 100, 1024, 1024, 1024},
		{10000, 10, 256, 256, 256},
		{10000, 100, 768, 768, 768},
		{20000, 20, 256, 256, 256},
		{3000, 14, 108, 108, 108},
	} {
		t.Run(fmt.Sprintf("%dx%d", tt.w, tt.h), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.image, media.K25().ImageTokens(tt.w, tt.h), "K2.5 image")
			require.Equal(t, tt.frame, media.K25().FrameTokens(tt.w, tt.h), "K2.5 frame")
			require.Equal(t, tt.k3i, media.K3().ImageTokens(tt.w, tt.h), "K3 image")
			require.Equal(t, tt.image, media.K25().ImageTokens(tt.h, tt.w), "turned by a quarter")
		})
	}
}

func TestTokensOfKimiVLArePaddedAndScaledByAreaOnly(t *testing.T) {
	t.Parallel()
	vl := media.KimiVL()
	for _, tt := range []struct {
		w, h    int
		tokens  int64
		refused bool
	}{
		{1, 1, 1, false},
		{28, 28, 1, false},
		{29, 28, 2, false},
		{896, 896, 1024, false},   // 64x64 patches: the limit itself
		{1024, 1024, 1089, false}, // 73x73 patches, to 897x897, padded to 33x33
		{1920, 1080, 1032, false},
		{7140, 20, 255, false},
		{7141, 20, 256, true},
		{10, 10000, 358, true},
	} {
		t.Run(fmt.Sprintf("%dx%d", tt.w, tt.h), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.tokens, vl.ImageTokens(tt.w, tt.h))
			require.Equal(t, tt.refused, vl.Refused(tt.w, tt.h))
		})
	}
}

func TestNoPictureCostsMoreThanTheBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		limits media.Limits
	}{{"K25", media.K25()}, {"K3", media.K3()}, {"KimiVL", media.KimiVL()}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			var image, frame int64
			check := func(w, h int) {
				if tt.limits.Refused(w, h) {
					return
				}
				image = max(image, tt.limits.ImageTokens(w, h))
				frame = max(frame, tt.limits.FrameTokens(w, h))
			}
			check(7089, 489) // the largest of 600,000 random sizes
			for range 300_000 {
				w := 1 + random.IntN(1<<(1+random.IntN(17)))
				h := 1 + random.IntN(1<<(1+random.IntN(17)))
				check(w, h)
				check(w/14*14+13, h/14*14+13) // most pixels outside whole patches
			}
			require.LessOrEqual(t, image, tt.limits.MaxImageTokens())
			require.LessOrEqual(t, frame, tt.limits.MaxFrameTokens())
			require.Less(t, float64(tt.limits.MaxImageTokens()), 1.1*float64(image), "the bound is not idle")
			t.Logf("image %d of %d, frame %d of %d", image, tt.limits.MaxImageTokens(), frame, tt.limits.MaxFrameTokens())
		})
	}
}

func TestAbsurdSizesHaveTokensToo(t *testing.T) {
	t.Parallel()
	for _, limits := range []media.Limits{media.K25(), media.K3()} {
		for _, side := range []int{-1, 0, 1, 1<<31 - 1} {
			for _, other := range []int{-1, 0, 1, 65535, 1<<31 - 1} {
				n := limits.ImageTokens(side, other)
				require.Positive(t, n)
				require.LessOrEqual(t, n, limits.MaxImageTokens())
			}
		}
	}
}
