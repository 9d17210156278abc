package media

import (
	"bytes"
	"encoding/binary"
	"math"
)

const (
	flvTags   = 1 << 20 // bounds the tags looked at
	flvScript = 8 << 10 // bytes of the first script tag that are searched
	flvConfig = 512     // bytes of a decoder configuration that are read
	flvAudio  = 8
	flvVideo  = 9
	flvData   = 18
)

// flvParser reads Flash video: what onMetaData says, the size in the first
// picture, and the tags of video.
type flvParser struct {
	state flvState
	end   int64 // where the tag at hand ends, the length behind it included
	kind  byte
	size  int // of its body
	at    int64
	tags  int

	meta          bool // onMetaData was seen
	width, height float64
	rate          float64
	coded         picture // size by the pictures themselves
	times         span    // ms
}

type flvState uint8

const (
	flvStart flvState = iota
	flvHeader
	flvTag
	flvMeta
	flvPicture
)

// picture is what a video's own headers say of its pictures.
type picture struct {
	width, height int
	rate          float64 // frames a second; 0 unknown
	fields        bool    // a picture of H.264 may be one field of two
	planes        bool    // its colours are coded apart
	numberBits    int     // of the number of a frame in its slices
}

func (p *flvParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case flvStart:
		p.state = flvHeader
		return want{need: 9}, nil
	case flvHeader:
		p.end = int64(binary.BigEndian.Uint32(b[5:])) + 4
		if p.end < 13 {
			return want{}, fault(ErrInvalid, "length of the FLV header")
		}
	case flvTag:
		return p.tag(b, pos)
	case flvMeta:
		p.metadata(b)
	case flvPicture:
		p.picture(b)
	}
	p.state = flvTag
	return want{skip: p.end - pos, need: 11}, nil
}

// tag takes the header of a tag.
func (p *flvParser) tag(b []byte, pos int64) (want, error) {
	if p.tags++; p.tags > flvTags {
		return want{}, fault(ErrLimit, "tags")
	}
	p.kind = b[0] & 0x1f
	p.size = int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	p.at = int64(b[7])<<24 | int64(b[4])<<16 | int64(b[5])<<8 | int64(b[6])
	p.end = pos + int64(p.size) + 4
	switch {
	case p.kind != flvAudio && p.kind != flvVideo && p.kind != flvData:
		return want{}, fault(ErrInvalid, "kind of an FLV tag")
	case p.kind == flvData && !p.meta && p.size > 0:
		p.state = flvMeta
		return want{need: min(p.size, flvScript)}, nil
	case p.kind == flvVideo && p.size > 0:
		p.state = flvPicture
		if p.coded.width == 0 {
			return want{need: min(p.size, flvConfig)}, nil
		}
		return want{need: min(p.size, 2)}, nil
	}
	return want{skip: p.end - pos, need: 11}, nil
}

// metadata looks for the properties of onMetaData that matter, by their names:
// a length of two bytes, the name, a zero for a number, the number.
func (p *flvParser) metadata(b []byte) {
	if !bytes.Contains(b, []byte("onMetaData")) {
		return
	}
	p.meta = true
	number := func(name string) float64 {
		_, rest, ok := bytes.Cut(b, []byte(name+"\x00"))
		if !ok || len(rest) < 8 {
			return 0
		}
		v := math.Float64frombits(binary.BigEndian.Uint64(rest))
		if !(v > 0 && v < 1<<30) {
			return 0
		}
		return v
	}
	p.width, p.height = number("\x00\x05width"), number("\x00\x06height")
	p.rate = number("\x00\x09framerate")
}

// picture takes the beginning of a tag of video. What is no picture (a command,
// a decoder configuration, the end of a sequence) is not counted.
func (p *flvParser) picture(b []byte) {
	kind, codec := b[0]>>4&7, b[0]&15
	if kind == 5 {
		return
	}
	if b[0]&0x80 != 0 { // enhanced: the codec is a name, its nibble a kind of packet
		if codec == 1 || codec == 3 {
			p.times.add(p.at)
		}
		return
	}
	if codec == 7 { // AVC
		switch {
		case len(b) < 2:
			return
		case b[1] == 0:
			p.coded = configAVC(b[min(5, len(b)):])
			return
		case b[1] != 1:
			return
		}
	}
	p.times.add(p.at)
	if p.coded.width == 0 && kind == 1 {
		p.coded = keyFrame(codec, b[1:])
	}
}

// keyFrame reads the size in a key frame of the codecs before AVC.
func keyFrame(codec byte, b []byte) picture {
	switch {
	case codec == 2:
		return sorenson(b)
	case (codec == 3 || codec == 6) && len(b) >= 4: // screen video
		return picture{
			width:  int(binary.BigEndian.Uint16(b) & 0xfff),
			height: int(binary.BigEndian.Uint16(b[2:]) & 0xfff),
		}
	case codec == 4 || codec == 5:
		return vp6(b, codec == 5)
	}
	return picture{}
}

// sorenson reads the picture header of Sorenson H.263.
func sorenson(b []byte) picture {
	r := bits{b: b}
	if r.read(17) != 1 {
		return picture{}
	}
	r.read(5 + 8) // version, temporal reference
	var w, h uint32
	switch r.read(3) {
	case 0:
		w, h = r.read(8), r.read(8)
	case 1:
		w, h = r.read(16), r.read(16)
	case 2:
		w, h = 352, 288
	case 3:
		w, h = 176, 144
	case 4:
		w, h = 128, 96
	case 5:
		w, h = 320, 240
	case 6:
		w, h = 160, 120
	}
	if r.short {
		return picture{}
	}
	return picture{width: int(w), height: int(h)}
}

// vp6 reads the header of a key frame of VP6, whose size is in macroblocks less
// the crop that the byte before it tells.
func vp6(b []byte, alpha bool) picture {
	at := 1
	if alpha {
		at += 3
	}
	if len(b) < at+8 || b[at]&0x80 != 0 {
		return picture{}
	}
	crop, h := b[0], b[at:]
	dims := h[2:]
	if h[0]&1 != 0 || h[1]&6 == 0 {
		dims = h[4:] // an offset stands before
	}
	return picture{width: int(dims[1])*16 - int(crop>>4), height: int(dims[0])*16 - int(crop&15)}
}

func (p *flvParser) finish(info *Info, size int64) error {
	f := found{width: p.coded.width, height: p.coded.height, framesLow: p.times.n, framesHigh: p.times.n}
	if f.width <= 0 || f.height <= 0 {
		f.width, f.height = int(p.width), int(p.height)
	}
	declared := p.rate
	if near := math.Round(declared * 1001 / 1000); declared != 0 && math.Abs(near*1000/1001-declared) < 1e-3 {
		declared = near * 1000 / 1001
	}
	if p.times.n > 0 {
		f.fpsLow, f.fpsHigh = p.times.rate(declared, 1000)
	}
	if err := f.settle(info); err != nil {
		return err
	}
	if size >= 0 && size < p.end-4 {
		return fault(ErrTruncated, "within a tag")
	}
	return nil
}
