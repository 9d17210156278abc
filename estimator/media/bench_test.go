package media_test

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tollgate/estimator/media"
)

// piece is how many characters a caller is likely to have at a time.
const piece = 32 << 10

func benchProbe(b *testing.B, kind media.Kind, file []byte) {
	chars := []byte(base64.StdEncoding.EncodeToString(file))
	b.SetBytes(int64(len(chars)))
	b.ReportAllocs()
	for b.Loop() {
		p := media.NewProbe(kind, "")
		for rest := chars; len(rest) > 0 && !p.Done(); {
			n := min(piece, len(rest))
			_, _ = p.Write(rest[:n])
			rest = rest[n:]
		}
		if info := p.Info(); info.Width == 0 || info.Err != nil {
			b.Fatal(info)
		}
	}
}

func BenchmarkProbeImage(b *testing.B) {
	png := pngHeader(640, 480)
	for range 16 { // chunks of 8 KiB, as encoders write them
		png = append(binary.BigEndian.AppendUint32(png, 8192), "IDAT"...)
		png = append(png, make([]byte, 8192+4)...)
	}
	png = append(png, "\x00\x00\x00\x00IEND\x00\x00\x00\x00"...)
	for _, bb := range []struct {
		name string
		file []byte
	}{
		{"png=128KiB", png},
		{"jpeg=128KiB", append(jpegHeader(640, 480, 4096), make([]byte, 128<<10)...)},
	} {
		b.Run(bb.name, func(b *testing.B) { benchProbe(b, media.Image, bb.file) })
	}
}

// BenchmarkProbeVideo probes test files blown up to some 16 MiB: by a box of
// data where the container can be passed over, else by their own packets.
func BenchmarkProbeVideo(b *testing.B) {
	const size = 16 << 20
	for _, name := range []string{"h264-moov-first.mp4", "mpeg2-ntsc.mpeg", "elementary.mpeg"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			b.Fatal(err)
		}
		if strings.HasSuffix(name, ".mp4") {
			file = append(binary.BigEndian.AppendUint32(file, size), "mdat"...)
			file = append(file, make([]byte, size-8)...)
		} else {
			file = []byte(strings.Repeat(string(file), size/len(file)))
		}
		b.Run(name, func(b *testing.B) { benchProbe(b, media.Video, file) })
	}
}

func BenchmarkTokens(b *testing.B) {
	limits := media.K25()
	for b.Loop() {
		if limits.ImageTokens(3840, 2160) != 4214 || limits.MaxImageTokens() < 4464 {
			b.Fatal("wrong")
		}
	}
}
