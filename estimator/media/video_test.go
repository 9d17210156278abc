package media_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

// probed is what ffprobe says of a file; testdata/make.sh wrote it down.
type probed struct {
	File    string `json:"file"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Frames  int64  `json:"frames"`  // decoded
	Packets int64  `json:"packets"` // in the container
	Average string `json:"average"` // frames a second, as a fraction
	Base    string `json:"base"`    // the rate of the time base
}

func fraction(t *testing.T, s string) float64 {
	t.Helper()
	over, under, ok := strings.Cut(s, "/")
	require.True(t, ok)
	a, err := strconv.ParseFloat(over, 64)
	require.NoError(t, err)
	b, err := strconv.ParseFloat(under, 64)
	require.NoError(t, err)
	return a / b
}

func probedFiles(t *testing.T) []probed {
	t.Helper()
	raw, err := os.ReadFile("testdata/videos.json")
	require.NoError(t, err)
	var files []probed
	require.NoError(t, json.Unmarshal(raw, &files))
	require.Greater(t, len(files), 40)
	return files
}

// formatOf is the format by the name of the file.
func formatOf(name string) string {
	switch ext := filepath.Ext(name); ext {
	case ".3gp":
		return media.ThreeG
	case ".flv":
		return media.FLV
	case ".mpg":
		return media.MPEG
	default:
		return ext[1:]
	}
}

func TestVideosAreWhatFFprobeSaysOfThem(t *testing.T) {
	t.Parallel()
	for _, tt := range probedFiles(t) {
		t.Run(tt.File, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(filepath.Join("testdata", tt.File))
			require.NoError(t, err)
			got := requireSame(t, media.Video, file)
			rate := fraction(t, tt.Average)
			t.Logf("%-26s | %4dx%-4d %3d %3d %-10s | %4dx%-4d %d..%d %.4f..%.4f %v", tt.File, tt.Width, tt.Height,
				tt.Frames, tt.Packets, tt.Average, got.Width, got.Height, got.FramesLow, got.FramesHigh, got.FPSLow, got.FPSHigh, got.Err)
			require.NoError(t, got.Err)
			require.Equal(t, formatOf(tt.File), got.Format)
			require.Equal(t, tt.Width, got.Width)
			require.Equal(t, tt.Height, got.Height)
			require.LessOrEqual(t, got.FramesLow, tt.Frames)
			require.GreaterOrEqual(t, got.FramesHigh, tt.Packets)
			if rate > 0 { // ffprobe prints 0/0 where it found none, and small fractions for others
				require.LessOrEqual(t, got.FPSLow, rate*(1+1e-6))
				require.GreaterOrEqual(t, got.FPSHigh, rate*(1-1e-6))
			}
		})
	}
}
