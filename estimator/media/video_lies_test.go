package media_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

func box(kind string, body ...string) string {
	content := strings.Join(body, "")
	return be32(8+len(content)) + kind + content
}

func be32(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }
func le32(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// mp4 is a movie of one track: w by h, some samples of a constant size that
// are a tick of a second of 25 apart, with more boxes in its sample table or
// behind its movie header.
func mp4(w, h, samples, size int, inTable, behind string) string {
	entry := be32(0) + be32(1) + be32(86) + "avc1" + strings.Repeat("\x00", 24) + be32(w<<16|h) + strings.Repeat("\x00", 50)
	return box("ftyp", "isom", be32(0)) +
		box("moov",
			box("mvhd", be32(0), be32(0), be32(0), be32(1000), be32(0), be32(0)),
			box("trak",
				box("tkhd", be32(0), be32(0), be32(0), be32(1), be32(0), be32(0)),
				box("mdia",
					box("mdhd", be32(0), be32(0), be32(0), be32(25), be32(samples), be32(0)),
					box("hdlr", be32(0), be32(0), "vide"),
					box("minf", box("stbl",
						box("stsd", entry),
						box("stts", be32(0), be32(1), be32(samples), be32(1)),
						box("stsz", be32(0), be32(size), be32(samples)),
						inTable,
					)),
				),
			),
			behind,
		) + box("mdat", strings.Repeat("x", 100))
}

func TestAMovieMadeByHandIsRead(t *testing.T) {
	t.Parallel()
	info := requireSame(t, media.Video, []byte(mp4(320, 240, 50, 2, "", "")))
	want := clip(320, 240, 50, 25)
	want.Format = media.MP4
	require.Equal(t, want, info)
}

func TestVideosThatLieAreErrorsWithAReason(t *testing.T) {
	t.Parallel()
	deep := "x"
	for range 12 {
		deep = box("moov", box("trak", deep))
	}
	for _, tt := range []struct {
		name string
		file string
		err  error
		seen string
	}{
		{"more frames than bytes", mp4(320, 240, 5000, 2, "", ""), media.ErrInvalid, "more frames than bytes"},
		{"2^32 frames", mp4(320, 240, math.MaxUint32, 2, "", ""), media.ErrLimit, "more frames than can be believed"},
		{"no room for the table of samples", mp4(320, 240, 50, 0, "", ""), media.ErrInvalid, "more samples than it has room for"},
		{"no room for the table of times", mp4(320, 240, 50, 2, box("stts", be32(0), be32(1<<30)), ""), media.ErrInvalid, "more rows than it has room for"},
		{"no size", mp4(0, 0, 50, 2, "", ""), media.ErrUnknown, "width and height"},
		{"no frames", mp4(320, 240, 0, 2, "", ""), media.ErrUnknown, "no frames"},
		{"no movie", box("ftyp", "isom", be32(0)) + box("mdat", "xxxx"), media.ErrUnknown, "no movie header"},
		{"a movie of sound", strings.Replace(mp4(320, 240, 50, 2, "", ""), "vide", "soun", 1), media.ErrUnknown, "no track of video"},
		{"a box longer than the one around it", strings.Replace(mp4(320, 240, 50, 2, "", ""), be32(20)+"hdlr", be32(1<<20)+"hdlr", 1), media.ErrInvalid, "length of a box"},
		{"a box of seven bytes", box("ftyp", "isom", be32(0)) + be32(7) + "moovxxxx", media.ErrInvalid, "length of a box"},
		{"a box of 2^64 bytes", box("ftyp", "isom", be32(0)) + be32(1) + "moov\xff\xff\xff\xff\xff\xff\xff\xff", media.ErrInvalid, "length of a box"},
		{"boxes without end", box("ftyp", "isom", be32(0)) + strings.Repeat(box("free"), 1<<20), media.ErrLimit, "boxes"},
		{"boxes without a bottom", box("ftyp", "isom", be32(0)) + deep, media.ErrLimit, "depth"},
		{"cut in the movie", mp4(320, 240, 50, 2, "", "")[:300], media.ErrTruncated, "within a box"},
		{"cut in the data", strings.TrimSuffix(mp4(320, 240, 50, 2, "", ""), "x"), media.ErrTruncated, "within a box"},
		{"a fragment of 2^32 frames", mp4(320, 240, 1, 2, "", box("mvex", box("trex", be32(0), be32(1), be32(1), be32(1), be32(0)))) +
			box("moof", box("traf", box("tfhd", be32(0), be32(1)), box("trun", be32(0), be32(math.MaxUint32)))), media.ErrLimit, "believed"},
		{"a matroska element too long", "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x88\x16\x54\xae\x6b\x90" + strings.Repeat("\x00", 16), media.ErrInvalid, "longer"},
		{"matroska of no track", "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x80\xec\x88        ", media.ErrUnknown, "no track"},
		{"matroska of voids", "\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff" + strings.Repeat("\xec\x80", 1<<20), media.ErrLimit, "elements"},
		{"matroska without a bottom", "\x1a\x45\xdf\xa3\x80" + "\x18\x53\x80\x67\xff" + strings.Repeat("\xa0\xff", 9), media.ErrLimit, "depth"},
		{"avi of no stream", "RIFF" + le32(64) + "AVI LIST" + le32(4) + "hdrlJUNK" + le32(32) + strings.Repeat(" ", 32), media.ErrUnknown, "no stream"},
		{"avi of chunks", "RIFF" + le32(1<<30) + "AVI " + strings.Repeat("JUNK\x00\x00\x00\x00", 1<<20), media.ErrLimit, "chunks"},
		{"flv of an unknown tag", "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", media.ErrInvalid, "kind of an FLV tag"},
		{"flv without a tag", "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00", media.ErrTruncated, "shorter"},
		{"mpeg of sound", "\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8\x00\x00\x01\xc0\x00\x04abcd", media.ErrUnknown, "no stream"},
		{"mpeg of stray bytes", "\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8" + strings.Repeat("\x00", 1<<17), media.ErrInvalid, "no packet"},
		{"mpeg of an unknown codec", "\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8\x00\x00\x01\xe0\x00\x05\x0fabcd", media.ErrUnknown, "no sequence"},
		{"mpeg of headers without pictures", "\x00\x00\x01\xb3\x14\x00\xf0\x15\xff\xff\xe0\x18" + strings.Repeat("\x00\x00\x01\xb3\x14\x00\xf0\x15\xff\xff\xe0\x18", 3), media.ErrUnknown, "no frames"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.NotPanics(t, func() {
				info := probe(media.Video, []byte(tt.file), 1<<16)
				require.Equal(t, info, probe(media.Video, []byte(tt.file), 999))
				require.ErrorIs(t, info.Err, tt.err)
				require.ErrorContains(t, info.Err, tt.seen)
				_, _, _, err := media.K25().VideoTokens(info)
				require.Error(t, err, "no number stands for a video that could not be read")
			})
		})
	}
}

func TestAnyVideoCutShortIsAnErrorOrStillTrue(t *testing.T) {
	t.Parallel()
	for _, tt := range probedFiles(t) {
		t.Run(tt.File, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile("testdata/" + tt.File)
			require.NoError(t, err)
			for part := range 16 {
				info := probe(media.Video, file[:len(file)*part/16], 4096)
				if info.Err != nil {
					require.NotContains(t, info.Err.Error(), "limit")
					continue
				}
				// Where packets end there is no telling that more were to come.
				require.Equal(t, []int{tt.Width, tt.Height}, []int{info.Width, info.Height})
				require.LessOrEqual(t, info.FramesLow, tt.Frames)
			}
		})
	}
}

func TestHugeLengthsCostNoMemory(t *testing.T) {
	for _, file := range []string{
		mp4(320, 240, math.MaxUint32, 1, "", ""),
		box("ftyp", "isom", be32(0)) + be32(1) + "mdat\x00\x00\xff\xff\xff\xff\xff\xff" + strings.Repeat("x", 1<<16),
		"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xf0" + strings.Repeat("x", 1<<16),
		"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00\x12\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("x", 1<<16),
		"\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x00\x00\x03\xf8\x00\x00\x01\xe0\xff\xff\x0f" + strings.Repeat("\x00", 1<<16),
	} {
		chars := []byte(base64Of(file))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := media.NewProbe(media.Video, "")
		_, _ = p.Write(chars)
		require.Error(t, p.Info().Err)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<10), "%q", file[:24])
	}
}

// flvFile is a file of one tag of video.
func flvFile(picture string) []byte {
	tag := "\x09" + be32(len(picture))[1:] + "\x00\x00\x00\x00\x00\x00\x00" + picture
	return []byte("FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00" + tag + be32(len(tag)))
}

func TestFlashPicturesTellTheirSize(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, picture string
		w, h          int
	}{
		// Codec 4: crop of 3 across and 5 down, key frame, 12 by 20 macroblocks of 16.
		{"vp6", "\x14\x35\x00\x06\x0c\x14\x0c\x14\x00\x00", 317, 187},
		{"vp6 with an offset", "\x14\x00\x01\x06\x00\x09\x0c\x14\x0c\x14\x00", 320, 192},
		{"vp6 with alpha", "\x15\x00\x00\x00\x40\x00\x06\x0c\x14\x0c\x14\x00\x00", 320, 192},
		{"screen video", "\x13\x31\x40\x20\xf0\x00\x00", 320, 240},
		{"sorenson, a size of its own", "\x12\x00\x00\x84\x00\x1e\x0f\x80\x00", 60, 31},
		{"sorenson, a size by number", "\x12\x00\x00\x84\x01\x00\x00", 352, 288},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			info := requireSame(t, media.Video, flvFile(tt.picture))
			require.NoError(t, info.Err)
			require.Equal(t, []int{tt.w, tt.h}, []int{info.Width, info.Height})
			require.Equal(t, int64(1), info.FramesHigh)
		})
	}
}

func TestTheClaimDecidesWhatTheBytesLeaveOpen(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/mpeg1.mpg")
	require.NoError(t, err)
	for claim, want := range map[string]string{
		"video/mpg": media.MPG, "video/mpeg": media.MPEG, "": media.MPEG, "image/png": media.MPEG,
	} {
		p := media.NewProbe(media.Video, claim)
		_, _ = p.Write([]byte(base64Of(string(file))))
		require.Equal(t, want, p.Info().Format, "claimed %q", claim)
	}
}

func TestNoErrorHoldsBytesOfTheFile(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF89a", "FLV\x01", box("ftyp", "isom", be32(0)), "\x1a\x45\xdf\xa3"} {
		file := append([]byte(head), bytes.Repeat([]byte("SECRET"), 50)...)
		for _, kind := range []media.Kind{media.Image, media.Video} {
			info := probe(kind, file, 100)
			require.Error(t, info.Err)
			require.NotContains(t, info.Err.Error(), "SECRET")
		}
	}
}
