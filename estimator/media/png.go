package media

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	// pngChunks is how many chunks are followed in search of the end; a file of
	// more is taken as complete.
	pngChunks = 1 << 16
	// deflateRatio is above the most that deflate can shrink anything, 1032:1
	// (https://zlib.net/zlib_tech.html).
	deflateRatio = 1040
)

// pngParser reads the header chunk and follows the chunks to the end.
type pngParser struct {
	state  pngState
	width  uint32
	height uint32
	bits   uint64 // of a pixel
	data   uint64 // bytes of compressed pixels
	chunks int
	inside bool // the file must not end here
}

type pngState uint8

const (
	pngStart pngState = iota
	pngHeader
	pngChunk
	pngData
)

func (p *pngParser) step(b []byte, _ int64) (want, error) {
	switch p.state {
	case pngStart:
		p.state, p.inside = pngHeader, true
		return want{need: 33}, nil
	case pngHeader:
		return p.header(b)
	case pngData:
		p.state, p.inside = pngChunk, false
		return want{skip: 4, need: 8}, nil
	case pngChunk:
	}
	return p.chunk(b)
}

func (p *pngParser) header(b []byte) (want, error) {
	chunk := b[12:29]
	if binary.BigEndian.Uint32(b[8:]) != 13 || string(chunk[:4]) != "IHDR" {
		return want{}, fault(ErrInvalid, "PNG does not begin with its header chunk")
	}
	if crc32.ChecksumIEEE(chunk) != binary.BigEndian.Uint32(b[29:]) {
		return want{}, fault(ErrInvalid, "checksum of the PNG header")
	}
	w, h := binary.BigEndian.Uint32(chunk[4:]), binary.BigEndian.Uint32(chunk[8:])
	samples := [7]uint64{1, 0, 3, 1, 2, 0, 4}
	depth, colour := chunk[12], chunk[13]
	if w == 0 || h == 0 || w > 1<<31-1 || h > 1<<31-1 || depth == 0 || depth > 16 ||
		int(colour) >= len(samples) || samples[colour] == 0 {
		return want{}, fault(ErrInvalid, "sizes or colours in the PNG header")
	}
	p.width, p.height, p.bits = w, h, samples[colour]*uint64(depth)
	p.state, p.inside = pngChunk, false
	return want{need: 8}, nil
}

func (p *pngParser) chunk(b []byte) (want, error) {
	size, kind := binary.BigEndian.Uint32(b), string(b[4:])
	p.chunks++
	if size > 1<<31-1 {
		return want{}, fault(ErrInvalid, "length of a PNG chunk")
	}
	if kind == "IEND" || p.chunks > pngChunks {
		return want{}, nil
	}
	p.inside = kind == "IDAT" && size > 0
	if !p.inside {
		return want{skip: int64(size) + 4, need: 8}, nil
	}
	p.data += uint64(size)
	p.state = pngData
	return want{skip: int64(size) - 1, need: 1}, nil
}

func (p *pngParser) finish(info *Info, size int64) error {
	info.Width, info.Height = int(p.width), int(p.height)
	switch {
	case p.inside && size >= 0:
		return fault(ErrTruncated, "within the header or the pixels of a PNG")
	case p.chunks <= pngChunks && p.data*deflateRatio < p.leastRaw():
		return fault(ErrTruncated, "too few bytes for the pixels the PNG header claims")
	}
	return nil
}

// leastRaw is the least number of bytes of the pixels before compression.
func (p *pngParser) leastRaw() uint64 {
	pixels := min(uint64(p.width)*uint64(p.height), 1<<50) // of at most 64 bits
	return max(pixels/8*p.bits, 1)
}
