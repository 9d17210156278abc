package media_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

// A data URL must claim what the probe will find behind it.
func TestWhatIsIdentifiedIsWhatTheProbeFinds(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{
		"a.png": encodePNG(t, 4, 4), "a.jpeg": encodeJPEG(t, 4, 4), "a.gif": encodeGIF(t, 4, 4),
	}
	paths, err := filepath.Glob("testdata/*.*")
	require.NoError(t, err)
	for _, path := range paths {
		switch filepath.Ext(path) {
		case ".json", ".sh":
			continue
		}
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		files[path] = file
	}
	require.Greater(t, len(files), 60)
	for name, file := range files {
		kind, format, err := media.Identify(file)
		require.NoError(t, err, name)
		info := probe(kind, file, 1<<16)
		require.Equal(t, info.Kind, kind, name)
		require.Equal(t, info.Format, format, name)
		short, _, err := media.Identify(file[:min(len(file), media.IdentifyBytes)])
		require.NoError(t, err, name)
		require.Equal(t, kind, short, name)
	}
}

func TestWhatIsNoMediaIsNotIdentified(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		head, format string
		err          error
	}{
		{"", "", media.ErrUnrecognised},
		{"Just some text, of which there is enough to look at.", "", media.ErrUnrecognised},
		{"%PDF-1.7\n", "pdf", media.ErrUnsupported},
		{"<svg xmlns=\"http://www.w3.org/2000/svg\">", "svg", media.ErrUnsupported},
		{"\x00\x00\x00\x18ftypheic", "heic", media.ErrUnsupported},
	} {
		kind, format, err := media.Identify([]byte(tt.head))
		require.ErrorIs(t, err, tt.err, tt.head)
		require.Equal(t, tt.format, format, tt.head)
		require.Empty(t, kind, tt.head)
	}
}
