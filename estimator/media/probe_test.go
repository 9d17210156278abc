package media_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

// probe reads file through the public door, chunk characters at a time.
func probe(kind media.Kind, file []byte, chunk int) media.Info {
	return probeText(kind, base64.StdEncoding.EncodeToString(file), chunk)
}

func probeText(kind media.Kind, chars string, chunk int) media.Info {
	p := media.NewProbe(kind, "")
	for len(chars) > 0 && !p.Done() {
		n := min(chunk, len(chars))
		_, _ = p.Write([]byte(chars[:n]))
		chars = chars[n:]
	}
	return p.Info()
}

// requireSame asks that the answer is the same whatever the chunks.
func requireSame(t *testing.T, kind media.Kind, file []byte) media.Info {
	t.Helper()
	whole := probe(kind, file, len(file)*2+4)
	for _, chunk := range []int{1, 3, 7, 64, 1021, 65536} {
		require.Equal(t, whole, probe(kind, file, chunk), "in chunks of %d", chunk)
	}
	chars := base64.RawStdEncoding.EncodeToString(file)
	require.Equal(t, whole, probeText(kind, chars, 100), "without padding")
	return whole
}

func TestFormatsTheVendorRefusesAreNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file string }{
		{"svg", `<svg xmlns="http://www.w3.org/2000/svg" width="9"/>`},
		{"svg", `<?xml version="1.0"?><svg/>`},
		{"svg", "\xef\xbb\xbf \n<SVG width='1'/>     "},
		{"bmp", "BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"},
		{"tiff", "II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"tiff", "MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"},
		{"avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1"},
		{"pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"},
		{"html", "<!DOCTYPE html><title>no</title>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []media.Kind{media.Image, media.Video} {
				info := requireSame(t, kind, []byte(tt.file))
				require.ErrorIs(t, info.Err, media.ErrUnsupported)
				require.Equal(t, tt.name, info.Format)
			}
		})
	}
}

func TestTextThatIsNoFileIsAnError(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("A", 64)
	for _, tt := range []struct {
		name, chars string
		err         error
	}{
		{"nothing", "", media.ErrTruncated},
		{"one character", "A", media.ErrEncoding},
		{"one byte", "AA==", media.ErrUnrecognised},
		{"zeros", long, media.ErrUnrecognised},
		{"the url alphabet", "-_" + long, media.ErrEncoding},
		{"a line break", "AAAA\nAAAA" + long, media.ErrEncoding},
		{"four line breaks", "\n\n\n\n" + long, media.ErrEncoding},
		{"text after padding", "AA==" + long, media.ErrEncoding},
		{"padding alone", "====", media.ErrEncoding},
		{"padding in a quantum", "A=AA" + long, media.ErrEncoding},
		{"a png of eight bytes", "iVBORw0KGgo=", media.ErrTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, chunk := range []int{1, 2, 5, 1000} {
				info := probeText(media.Image, tt.chars, chunk)
				require.ErrorIs(t, info.Err, tt.err)
				require.Zero(t, info.Width)
			}
		})
	}
}

func TestCharactersNobodyLooksAtMayBeAnything(t *testing.T) {
	t.Parallel()
	chars := base64.StdEncoding.EncodeToString(encodePNG(t, 64, 64))
	bad := []byte(chars)
	bad[len(bad)/2] = '\n' // in the pixels
	require.NoError(t, probeText(media.Image, chars, 10).Err)
	require.NoError(t, probeText(media.Image, string(bad), 10).Err)
}

func base64Of(file string) string { return base64.StdEncoding.EncodeToString([]byte(file)) }
