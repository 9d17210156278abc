package media_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/media"
)

func le16(n int) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(n))) }
func le64(n int) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

func asfObject(guid, body string) string { return guid + le64(24+len(body)) + body }

const (
	asfHeader   = "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
	asfFile     = "\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
	asfStream   = "\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65"
	asfExtend   = "\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65"
	asfExtended = "\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a"
	asfData     = "\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
	asfVideo    = "\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"
)

// asfMovie is a file of stream 3, 320 by 240, that declares a frame each 40 ms,
// in packets of 128 bytes.
func asfMovie(packets ...string) string {
	zeros := strings.Repeat("\x00", 80)
	header := asfObject(asfFile, zeros[:68]+le32(128)+le32(128)+le32(0)) +
		asfObject(asfStream, asfVideo+zeros[:32]+le16(3)+zeros[:4]+le32(320)+le32(240)+zeros[:11]) +
		asfObject(asfExtend, zeros[:22]+asfObject(asfExtended, zeros[:48]+le16(3)+le16(0)+le64(400_000)+le32(0)))
	var data strings.Builder
	for _, p := range packets {
		data.WriteString(p + strings.Repeat("\x00", 128-len(p)))
	}
	return asfObject(asfHeader, le32(3)+"\x01\x02"+header) +
		asfObject(asfData, zeros[:16]+le64(len(packets))+"\x01\x01"+data.String())
}

func TestWindowsMediaPacketsAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	// The property byte 0x5d: frame number of a byte, offset of four, length of
	// what is replicated of a byte.
	frame := func(at int) string { return "\x83\x01" + le32(0) + "\x08" + le32(9) + le32(at) }
	rest := func(at int) string { return "\x03\x01" + le32(5) + "\x08" + le32(9) + le32(at) }
	one := func(payload string) string { return "\x00\x5d" + "\x00\x00\x00\x00\x00\x00" + payload }
	several := func(payloads ...string) string { // each behind its length, of a byte
		return "\x82\x00\x00\x01\x5d" + "\x00\x00\x00\x00\x00\x00" + string(rune(0x40|len(payloads))) + strings.Join(payloads, "")
	}
	sound := "\x01\x07" + le32(0) + "\x08" + le32(9) + le32(0)
	for _, tt := range []struct {
		name   string
		file   string
		frames int64
		fps    float64
		err    error
	}{
		{"a frame a packet", asfMovie(one(frame(0)), one(frame(40)), one(frame(80))), 3, 25, nil},
		{"a frame of two packets", asfMovie(one(frame(0)), one(rest(0)), one(frame(40))), 2, 25, nil},
		{"two frames a packet", asfMovie(several(frame(0)+"\x02ab", frame(40)+"\x01a"), one(frame(80))), 3, 25, nil},
		{"sound between", asfMovie(several(frame(0)+"\x02ab", sound+"\x03abc", frame(40)+"\x00")), 2, 25, nil},
		{"compressed", asfMovie(several("\x83\x01" + le32(0) + "\x01\x28" + "\x06" + "\x02ab\x02cd")), 2, 25, nil},
		{"a payload longer than its packet", asfMovie(one("\x83\x01" + le32(0) + "\xff")), 0, 0, media.ErrInvalid},
		{"no frames", asfMovie(one(sound)), 0, 0, media.ErrUnknown},
		{"a packet cut", strings.TrimSuffix(asfMovie(one(frame(0))), "\x00"), 1, 25, media.ErrTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			info := requireSame(t, media.Video, []byte(tt.file))
			if tt.err != nil {
				require.ErrorIs(t, info.Err, tt.err)
				return
			}
			want := clip(320, 240, tt.frames, tt.fps)
			want.Format = media.WMV
			require.Equal(t, want, info)
		})
	}
}
