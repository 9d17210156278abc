package media

import "encoding/binary"

// webpParser reads the first chunk, and sees that the file is as long as it
// claims. Lossless WebP may spend no byte on its pixels, so its length says
// nothing of its size.
type webpParser struct {
	state  webpState
	length int64 // of the file, as claimed
	width  int
	height int
}

type webpState uint8

const (
	webpStart webpState = iota
	webpHeader
	webpLossy
	webpLossless
	webpExtended
	webpRest
)

func (p *webpParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case webpStart:
		p.state = webpHeader
		return want{need: 20}, nil
	case webpHeader:
		return p.header(b)
	case webpLossy:
		if b[0]&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" {
			return want{}, fault(ErrInvalid, "WebP that does not begin with a key frame")
		}
		p.width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff)
		p.height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	case webpLossless:
		bits := binary.LittleEndian.Uint32(b[1:])
		if b[0] != 0x2f || bits>>29 != 0 {
			return want{}, fault(ErrInvalid, "signature of lossless WebP")
		}
		p.width, p.height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case webpExtended:
		p.width = int(uint32(b[4])|uint32(b[5])<<8|uint32(b[6])<<16) + 1
		p.height = int(uint32(b[7])|uint32(b[8])<<8|uint32(b[9])<<16) + 1
	case webpRest:
		return want{}, nil
	}
	return p.rest(pos)
}

func (p *webpParser) header(b []byte) (want, error) {
	p.length = int64(binary.LittleEndian.Uint32(b[4:])) + 8
	switch string(b[12:16]) {
	case "VP8 ":
		p.state = webpLossy
		return want{need: 10}, nil
	case "VP8L":
		p.state = webpLossless
		return want{need: 5}, nil
	case "VP8X":
		p.state = webpExtended
		return want{need: 10}, nil
	}
	return want{}, fault(ErrInvalid, "WebP without a known first chunk")
}

// rest asks for the last byte, or the one before: some writers count the
// padding of the last chunk but leave it out.
func (p *webpParser) rest(pos int64) (want, error) {
	if p.width == 0 || p.height == 0 {
		return want{}, fault(ErrInvalid, "a WebP of no width or no height")
	}
	if p.length <= pos {
		return want{}, fault(ErrInvalid, "WebP that claims to end within its header")
	}
	p.state = webpRest
	return want{skip: max(p.length-pos-2, 0), need: 1}, nil
}

func (p *webpParser) finish(info *Info, size int64) error {
	info.Width, info.Height = p.width, p.height
	if size >= 0 {
		return fault(ErrTruncated, "before the end the WebP header claims")
	}
	return nil
}
