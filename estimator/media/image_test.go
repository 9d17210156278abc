package media_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"tollgate/estimator/media"
)

func picture(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.SetRGBA(i%w, i/w, color.RGBA{R: uint8(i * 7), G: uint8(i >> 3), B: uint8(i * i), A: 255})
	}
	return m
}

func encodePNG(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, picture(w, h)))
	return b.Bytes()
}

func encodeJPEG(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, picture(w, h), nil))
	return b.Bytes()
}

func encodeGIF(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gif.Encode(&b, picture(w, h), nil))
	return b.Bytes()
}

func TestImagesHaveTheSizeThatADecoderSees(t *testing.T) {
	t.Parallel()
	encoders := map[string]func(*testing.T, int, int) []byte{
		media.PNG: encodePNG, media.JPEG: encodeJPEG, media.GIF: encodeGIF,
	}
	for format, encode := range encoders {
		for _, size := range [][2]int{{1, 1}, {2, 300}, {17, 64}, {300, 200}, {1365, 9}} {
			t.Run(fmt.Sprintf("%s/%dx%d", format, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				file := encode(t, size[0], size[1])
				want, name, err := image.DecodeConfig(bytes.NewReader(file))
				require.NoError(t, err)
				got := requireSame(t, media.Image, file)
				require.Equal(t, media.Info{Kind: media.Image, Format: name, Width: want.Width, Height: want.Height}, got)
			})
		}
	}
}

func TestWebPHasTheSizeThatADecoderSees(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.webp")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 3, "lossy, lossless, extended")
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(name)
			require.NoError(t, err)
			want, err := webp.DecodeConfig(bytes.NewReader(file))
			require.NoError(t, err)
			got := requireSame(t, media.Image, file)
			require.Equal(t, media.Info{Kind: media.Image, Format: media.WebP, Width: want.Width, Height: want.Height}, got)
			cut := requireSame(t, media.Image, file[:len(file)-2])
			require.ErrorIs(t, cut.Err, media.ErrTruncated)
		})
	}
}

// pngHeader is the first 33 bytes of a PNG of 8-bit RGBA.
func pngHeader(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

// jpegHeader is a JPEG up to and including its frame header, with an EXIF
// segment of the given length.
func jpegHeader(w, h uint16, exif int) []byte {
	b := []byte("\xff\xd8\xff\xe1")
	b = binary.BigEndian.AppendUint16(b, uint16(exif))
	b = append(b, make([]byte, exif-2)...)
	b = append(b, "\xff\xff\xff\xc2\x00\x0b\x08"...)
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	return append(b, 1, 1, 0x11, 0)
}

func gifHeader(w, h uint16) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	return append(b, 0, 0, 0)
}

func TestHeadersThatLieAreErrorsWithAReason(t *testing.T) {
	t.Parallel()
	badSum := pngHeader(4, 4)
	badSum[30]++
	chunk := func(file []byte, kind string, size uint32, body int) []byte {
		file = binary.BigEndian.AppendUint32(file, size)
		return append(append(file, kind...), make([]byte, body)...)
	}
	for _, tt := range []struct {
		name string
		file []byte
		err  error
		seen string
	}{
		{"png of 65535x65535 in 33 bytes", pngHeader(65535, 65535), media.ErrTruncated, "too few bytes"},
		{"png of 65535x65535 with few pixels", chunk(chunk(pngHeader(65535, 65535), "IDAT", 9, 13), "IEND", 0, 4), media.ErrTruncated, "too few bytes"},
		{"png cut in its pixels", chunk(pngHeader(4, 4), "IDAT", 20, 19), media.ErrTruncated, "pixels"},
		{"png without pixels", chunk(pngHeader(4, 4), "IEND", 0, 4), media.ErrTruncated, "too few bytes"},
		{"png of no width", pngHeader(0, 4), media.ErrInvalid, "sizes"},
		{"png of 2^31 pixels across", pngHeader(1<<31, 4), media.ErrInvalid, "sizes"},
		{"png with a bad checksum", badSum, media.ErrInvalid, "checksum"},
		{"png chunk of 4 GB", chunk(pngHeader(4, 4), "IDAT", 1<<32-1, 8), media.ErrInvalid, "length"},
		{"jpeg of 65535x65535 in 100 bytes", append(jpegHeader(65535, 65535, 20), make([]byte, 70)...), media.ErrTruncated, "too few bytes"},
		{"jpeg of no height", append(jpegHeader(65535, 0, 20), make([]byte, 70)...), media.ErrInvalid, "no height"},
		{"jpeg without a frame", []byte("\xff\xd8\xff\xdb\x00\x08123456\xff\xda\x00\x08123456"), media.ErrInvalid, "frame"},
		{"jpeg cut in a segment", jpegHeader(9, 9, 60000)[:30000], media.ErrTruncated, "before"},
		{"jpeg segment of one byte", []byte("\xff\xd8\xff\xdb\x00\x01123456789012"), media.ErrInvalid, "length"},
		{"jpeg of nothing but fill", bytes.Repeat([]byte("\xff\xd8\xff\xff"), 5000), media.ErrLimit, "segments"},
		{"jpeg of stray bytes", append([]byte("\xff\xd8\xff\x01"), make([]byte, 9000)...), media.ErrInvalid, "marker"},
		{"gif of 65535x65535", append(gifHeader(65535, 65535), ",\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08\x02\x00;"...), media.ErrTruncated, "too few bytes"},
		{"gif without a picture", append(gifHeader(9, 9), ";          "...), media.ErrInvalid, "without"},
		{"gif of comments", append(gifHeader(9, 9), "!\xfe"+string(bytes.Repeat([]byte("\x01x"), 20000))...), media.ErrLimit, "blocks"},
		{"gif block unknown", append(gifHeader(9, 9), "\x00\x00\x00\x00"...), media.ErrInvalid, "block"},
		{"gif cut", append(gifHeader(9, 9), "!\xfe\x80abc"...), media.ErrTruncated, "before"},
		{"webp of an unknown chunk", []byte("RIFF\x40\x00\x00\x00WEBPJUNK\x00\x00\x00\x00\x00\x00\x00\x00\x00"), media.ErrInvalid, "chunk"},
		{"webp that ends in its header", []byte("RIFF\x08\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff"), media.ErrInvalid, "within"},
		{"webp of 2^24 pixels across", []byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff"), media.ErrTruncated, "before the end"},
		{"webp of an inter frame", []byte("RIFF\x40\x00\x00\x00WEBPVP8 \x20\x00\x00\x00\x01\x00\x00\x9d\x01\x2a\x04\x00\x04\x00"), media.ErrInvalid, "key frame"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			info := requireSame(t, media.Image, tt.file)
			require.ErrorIs(t, info.Err, tt.err)
			require.ErrorContains(t, info.Err, tt.seen)
		})
	}
}

func TestABigSegmentBeforeTheFrameIsPassedOver(t *testing.T) {
	t.Parallel()
	file := append(jpegHeader(4000, 3000, 65535), make([]byte, 5000)...)
	info := requireSame(t, media.Image, file)
	require.NoError(t, info.Err)
	require.Equal(t, []int{4000, 3000}, []int{info.Width, info.Height})
}

func TestAGIFIsAsLargeAsItsFirstPicture(t *testing.T) {
	t.Parallel()
	file := append(gifHeader(0, 0), "!\xf9\x04\x00\x00\x00\x00\x00,\x02\x00\x03\x00\x08\x00\x09\x00\x00\x08\x02\x00;"...)
	info := requireSame(t, media.Image, file)
	require.NoError(t, info.Err)
	require.Equal(t, []int{10, 12}, []int{info.Width, info.Height})
}

func TestAnImageWhereAVideoBelongsIsNamed(t *testing.T) {
	t.Parallel()
	info := requireSame(t, media.Video, encodePNG(t, 4, 4))
	require.ErrorIs(t, info.Err, media.ErrKind)
	require.Equal(t, media.PNG, info.Format)
}

func TestProbingAnImageCostsTwoAllocations(t *testing.T) {
	chars := []byte(base64.StdEncoding.EncodeToString(encodePNG(t, 64, 64)))
	allocs := testing.AllocsPerRun(100, func() {
		p := media.NewProbe(media.Image, "image/png")
		_, _ = p.Write(chars)
		if info := p.Info(); info.Width != 64 {
			t.Fatal(info)
		}
	})
	require.LessOrEqual(t, allocs, 2.0)
}
