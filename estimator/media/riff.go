package media

import "encoding/binary"

const (
	aviChunks = 1 << 20 // bounds the chunks looked at
	aviDepth  = 4       // RIFF/LIST movi/LIST rec is three
)

// aviParser reads AVI: the header of the first video stream, and the chunks of
// it that the movie lists hold.
type aviParser struct {
	state  aviState
	end    int64 // where the chunk at hand ends, padding included
	chunks int
	ends   [aviDepth]int64
	depth  int

	stream  int // streams whose headers were seen
	isVideo bool
	video   int // number of the first video stream, from 1; 0 if none was seen
	scale   uint32
	rate    uint32
	length  uint32 // frames, as the header claims
	width   int32
	height  int32
	full    int64 // chunks of the stream that hold something
	empty   int64 // and that hold nothing: the frame before is to be repeated
}

type aviState uint8

const (
	aviStart aviState = iota
	aviHeader
	aviList
	aviStream
	aviFormat
)

func (p *aviParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case aviStart:
		p.state = aviHeader
		return want{need: 8}, nil
	case aviHeader:
		return p.header(b, pos)
	case aviList:
		return p.list(string(b), pos)
	case aviStream:
		p.streamHeader(b)
	case aviFormat:
		p.width = int32(binary.LittleEndian.Uint32(b[4:]))  //nolint:gosec // signed by definition
		p.height = int32(binary.LittleEndian.Uint32(b[8:])) //nolint:gosec // negative if stored top down
	}
	return p.next(pos)
}

func (p *aviParser) header(b []byte, pos int64) (want, error) {
	if p.chunks++; p.chunks > aviChunks {
		return want{}, fault(ErrLimit, "chunks")
	}
	id, size := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
	p.end = pos + size + size&1
	if p.depth > 0 && p.end > p.ends[p.depth-1] {
		// Writers that stop early leave a length that is too long, or none.
		p.end = max(p.ends[p.depth-1], pos)
	}
	return p.chunk(id, size, pos)
}

// chunk asks for what is read of a chunk, or passes over it.
func (p *aviParser) chunk(id string, size, pos int64) (want, error) {
	switch {
	case id == "RIFF" || id == "LIST":
		if size < 4 {
			return want{}, fault(ErrInvalid, "length of a list")
		}
		p.state = aviList
		return want{need: 4}, nil
	case id == "strh" && size >= 36:
		p.state = aviStream
		return want{need: 36}, nil
	case id == "strf" && size >= 12 && p.isVideo && p.stream == p.video:
		p.state = aviFormat
		return want{need: 12}, nil
	}
	p.count(id, size)
	return p.next(pos)
}

// count counts a chunk of the video stream: 00dc is one of stream 0.
func (p *aviParser) count(id string, size int64) {
	if p.video == 0 || id[2] != 'd' || id[3] != 'c' && id[3] != 'b' {
		return
	}
	if int(id[0]-'0')*10+int(id[1]-'0') != p.video-1 {
		return
	}
	if size == 0 {
		p.empty++
	} else {
		p.full++
	}
}

// list goes into the lists where something is to be found.
func (p *aviParser) list(kind string, pos int64) (want, error) {
	switch kind {
	case "AVI ", "AVIX", "hdrl", "strl", "movi", "rec ":
	default:
		return p.next(pos)
	}
	if p.depth == aviDepth {
		return want{}, fault(ErrLimit, "depth of lists")
	}
	p.ends[p.depth] = p.end
	p.depth++
	p.end = pos
	return p.next(pos)
}

func (p *aviParser) next(pos int64) (want, error) {
	for p.depth > 0 && p.ends[p.depth-1]-p.end < 8 {
		p.depth--
		p.end = p.ends[p.depth]
	}
	p.state = aviHeader
	return want{skip: p.end - pos, need: 8}, nil
}

func (p *aviParser) streamHeader(b []byte) {
	p.stream++
	p.isVideo = string(b[:4]) == "vids"
	if !p.isVideo || p.video != 0 {
		return
	}
	p.video = p.stream
	p.scale, p.rate = binary.LittleEndian.Uint32(b[20:]), binary.LittleEndian.Uint32(b[24:])
	p.length = binary.LittleEndian.Uint32(b[32:])
}

func (p *aviParser) finish(info *Info, size int64) error {
	if p.video == 0 {
		if size >= 0 && size < p.end {
			return fault(ErrTruncated, "before the header of the video stream")
		}
		return fault(ErrUnknown, "no stream of video")
	}
	height := int(p.height)
	f := found{width: int(p.width), height: max(height, -height), framesLow: p.full, framesHigh: p.full + p.empty}
	// The header may count frames that are not there: those there are the truth.
	// Readers that trust it go by its number.
	if claimed := int64(p.length); claimed > 0 && p.full > 0 {
		f.framesLow, f.framesHigh = min(f.framesLow, claimed), max(f.framesHigh, claimed)
	}
	if p.scale > 0 {
		f.fpsLow = float64(p.rate) / float64(p.scale)
		f.fpsHigh = f.fpsLow
	}
	if err := f.settle(info); err != nil {
		return err
	}
	if size >= 0 && size < p.end {
		return fault(ErrTruncated, "within a chunk")
	}
	return nil
}
