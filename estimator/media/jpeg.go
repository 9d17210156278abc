package media

import "encoding/binary"

const (
	// jpegSegments bounds the segments before the frame header.
	jpegSegments = 4096
	// jpegStray bounds the bytes between segments that belong to none, which
	// decoders pass over.
	jpegStray = 4096
	// jpegPixels is the most pixels that one byte of JPEG can stand for: at
	// least a bit is spent on each minimum coded unit, of at most 32x32 pixels.
	jpegPixels = 8 * 32 * 32
)

// jpegParser passes over segments to the frame header.
type jpegParser struct {
	state    jpegState
	width    int
	height   int
	segments int
	stray    int
	frame    bool // the frame header was seen
}

type jpegState uint8

const (
	jpegStart jpegState = iota
	jpegPrefix
	jpegMarker
	jpegLength
	jpegFrame
	jpegRest
)

func (p *jpegParser) step(b []byte, _ int64) (want, error) {
	switch p.state {
	case jpegStart:
		p.state = jpegPrefix
		return want{skip: 2, need: 1}, nil
	case jpegPrefix:
		return p.prefix(b[0])
	case jpegMarker:
		return p.marker(b[0])
	case jpegLength:
		return p.length(b)
	case jpegFrame:
		return p.header(b)
	case jpegRest:
	}
	return want{}, nil
}

func (p *jpegParser) prefix(c byte) (want, error) {
	if c == 0xff {
		p.state = jpegMarker
		return want{need: 1}, nil
	}
	if p.stray++; p.stray > jpegStray {
		return want{}, fault(ErrInvalid, "no marker where a JPEG segment should begin")
	}
	return want{need: 1}, nil
}

func (p *jpegParser) marker(c byte) (want, error) {
	p.segments++
	switch {
	case p.segments > jpegSegments:
		return want{}, fault(ErrLimit, "segments before the JPEG frame header")
	case c == 0xff: // fill byte
		return want{need: 1}, nil
	case c == 0x00, c == 0x01, c >= 0xd0 && c <= 0xd7, c == 0xd8: // stand alone
		p.state = jpegPrefix
		return want{need: 1}, nil
	case c == 0xd9, c == 0xda:
		return want{}, fault(ErrInvalid, "JPEG without a frame header")
	case c >= 0xc0 && c <= 0xcf && c != 0xc4 && c != 0xc8 && c != 0xcc:
		p.state = jpegFrame
		return want{need: 8}, nil
	}
	p.state = jpegLength
	return want{need: 2}, nil
}

func (p *jpegParser) length(b []byte) (want, error) {
	n := binary.BigEndian.Uint16(b)
	if n < 2 {
		return want{}, fault(ErrInvalid, "length of a JPEG segment")
	}
	p.state = jpegPrefix
	return want{skip: int64(n) - 2, need: 1}, nil
}

func (p *jpegParser) header(b []byte) (want, error) {
	length, parts := binary.BigEndian.Uint16(b), b[7]
	p.height, p.width = int(binary.BigEndian.Uint16(b[3:])), int(binary.BigEndian.Uint16(b[5:]))
	if parts == 0 || int(length) != 8+3*int(parts) {
		return want{}, fault(ErrInvalid, "length of the JPEG frame header")
	}
	if p.width == 0 || p.height == 0 {
		return want{}, fault(ErrInvalid, "a JPEG of no width or no height")
	}
	p.frame = true
	p.state = jpegRest
	// The pixels need some bytes behind the header: see that they are there.
	return want{skip: int64(3*int(parts) + p.width*p.height/jpegPixels), need: 1}, nil
}

func (p *jpegParser) finish(info *Info, size int64) error {
	info.Width, info.Height = p.width, p.height
	switch {
	case size < 0:
		return nil
	case p.frame:
		return fault(ErrTruncated, "too few bytes for the pixels the JPEG header claims")
	}
	return fault(ErrTruncated, "before the JPEG frame header")
}
