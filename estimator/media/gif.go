package media

import "encoding/binary"

const (
	// gifBlocks bounds the blocks before the first picture.
	gifBlocks = 1 << 14
	// gifPixels is above the most pixels that one byte of GIF can stand for: a
	// code of at least 3 bits is a run of at most 4096.
	gifPixels = 4096 * 8 / 3
)

// gifParser reads the screen and goes on to the first picture, which may be
// larger than the screen claims.
type gifParser struct {
	state   gifState
	width   int
	height  int
	blocks  int
	picture bool // the first picture was seen
}

type gifState uint8

const (
	gifStart gifState = iota
	gifScreen
	gifBlock
	gifLabel
	gifSub
	gifPicture
	gifRest
)

func (p *gifParser) step(b []byte, _ int64) (want, error) {
	switch p.state {
	case gifStart:
		p.state = gifScreen
		return want{need: 13}, nil
	case gifScreen:
		return p.screen(b)
	case gifBlock:
		return p.block(b[0])
	case gifLabel, gifSub:
		return p.sub(b[len(b)-1])
	case gifPicture:
		return p.descriptor(b)
	case gifRest:
	}
	return want{}, nil
}

func (p *gifParser) screen(b []byte) (want, error) {
	p.width, p.height = int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
	p.state = gifBlock
	var table int64
	if b[10]&0x80 != 0 {
		table = 3 << (b[10]&7 + 1)
	}
	return want{skip: table, need: 1}, nil
}

func (p *gifParser) block(c byte) (want, error) {
	switch c {
	case 0x21:
		p.state = gifLabel
		return want{need: 2}, nil
	case 0x2c:
		p.state = gifPicture
		return want{need: 9}, nil
	case 0x3b:
		return want{}, fault(ErrInvalid, "GIF without a picture")
	}
	return want{}, fault(ErrInvalid, "GIF block of no known kind")
}

// sub passes over a data block of an extension, given its length.
func (p *gifParser) sub(n byte) (want, error) {
	if p.blocks++; p.blocks > gifBlocks {
		return want{}, fault(ErrLimit, "blocks before the first picture of a GIF")
	}
	p.state = gifSub
	if n == 0 {
		p.state = gifBlock
	}
	return want{skip: int64(n), need: 1}, nil
}

func (p *gifParser) descriptor(b []byte) (want, error) {
	x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	w, h := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
	if w == 0 || h == 0 {
		return want{}, fault(ErrInvalid, "a GIF picture of no width or no height")
	}
	p.width, p.height = max(p.width, x+w), max(p.height, y+h)
	p.picture = true
	p.state = gifRest
	return want{skip: int64(w * h / gifPixels), need: 1}, nil
}

func (p *gifParser) finish(info *Info, size int64) error {
	info.Width, info.Height = p.width, p.height
	switch {
	case size < 0:
		return nil
	case p.picture:
		return fault(ErrTruncated, "too few bytes for the pixels the GIF header claims")
	}
	return fault(ErrTruncated, "before the first picture of a GIF")
}
