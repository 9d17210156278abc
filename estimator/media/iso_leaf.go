package media

import "encoding/binary"

// needed is how many bytes of the box at hand are read at first.
func (p *isoParser) needed() int {
	switch string(p.kind[:]) {
	case "mvhd", "mdhd", "tkhd":
		return 24
	case "hdlr", "stsz", "stz2":
		return 12
	case "stsd":
		if p.track.video {
			return 44
		}
	case "stts", "ctts", "elst", "trun", "tfhd":
		return 8
	case "trex":
		return 16
	}
	return 0
}

// leaf reads the first bytes of the box at hand.
func (p *isoParser) leaf(b []byte, pos int64) (want, error) {
	be := binary.BigEndian
	switch string(p.kind[:]) {
	case "stsz":
		return p.sizes(b, pos)
	case "stz2":
		return p.compactSizes(b, pos)
	case "stts":
		return p.rowsOf(int64(be.Uint32(b[4:])), 8, pos)
	case "ctts":
		return p.rowsOf(min(int64(be.Uint32(b[4:])), 1), 8, pos) // only the first matters
	case "elst":
		return p.rowsOf(int64(be.Uint32(b[4:])), 12+8*min(int(b[0]), 1), pos)
	case "tfhd":
		return p.fragment(b, pos)
	case "trun":
		return p.run(b, pos)
	}
	p.fixed(b)
	return p.next(pos)
}

// fixed reads a box that is of one size.
func (p *isoParser) fixed(b []byte) {
	be := binary.BigEndian
	switch string(p.kind[:]) {
	case "mvhd":
		p.scale = versioned(b)
	case "mdhd":
		p.track.scale = versioned(b)
	case "tkhd":
		p.track.id = versioned(b)
	case "hdlr":
		p.track.video = p.track.video || string(b[8:12]) == "vide"
	case "stsd":
		p.track.width, p.track.height = int(be.Uint16(b[40:])), int(be.Uint16(b[42:]))
	case "trex":
		p.defaults(isoDefault{be.Uint32(b[4:]), be.Uint32(b[12:])})
	}
}

// versioned is the number behind two times, which are of 32 or 64 bits.
func versioned(b []byte) uint32 {
	if b[0] == 1 {
		return binary.BigEndian.Uint32(b[20:])
	}
	return binary.BigEndian.Uint32(b[12:])
}

// sizes takes the number of samples. The table of their sizes is passed over,
// but must be there.
func (p *isoParser) sizes(b []byte, pos int64) (want, error) {
	size, n := binary.BigEndian.Uint32(b[4:]), int64(binary.BigEndian.Uint32(b[8:]))
	if size == 0 && n*4 > p.end-pos {
		return want{}, fault(ErrInvalid, "a table of more samples than it has room for")
	}
	p.track.samples = n
	return p.next(pos)
}

func (p *isoParser) compactSizes(b []byte, pos int64) (want, error) {
	bits, n := int64(b[7]), int64(binary.BigEndian.Uint32(b[8:]))
	if bits != 4 && bits != 8 && bits != 16 || n*bits/8 > p.end-pos {
		return want{}, fault(ErrInvalid, "a table of more samples than it has room for")
	}
	p.track.samples = n
	return p.next(pos)
}

// rowsOf begins a table of n rows.
func (p *isoParser) rowsOf(n int64, width int, pos int64) (want, error) {
	if n*int64(width) > p.end-pos {
		return want{}, fault(ErrInvalid, "a table of more rows than it has room for")
	}
	p.table = isoTable{rows: n, width: width}
	return p.more(pos)
}

// more asks for the next rows of a table.
func (p *isoParser) more(pos int64) (want, error) {
	if p.table.rows == 0 {
		return p.next(pos)
	}
	p.state = isoRows
	n := min(p.table.rows, int64(isoBatch/p.table.width))
	return want{need: int(n) * p.table.width}, nil
}

// rows reads rows of a table.
func (p *isoParser) rows(b []byte, pos int64) (want, error) {
	width := p.table.width
	p.table.rows -= int64(len(b) / width)
	for ; len(b) >= width; b = b[width:] {
		switch string(p.kind[:]) {
		case "stts":
			p.track.times(binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]))
		case "ctts":
			p.track.shift = int64(int32(binary.BigEndian.Uint32(b[4:]))) //nolint:gosec // version 1 is signed, version 0 below 2^31
		case "elst":
			p.track.edit(b)
		case "trun":
			p.frag.total += uint64(binary.BigEndian.Uint32(b))
		case "tfhd":
			p.frag.each = binary.BigEndian.Uint32(b)
		}
	}
	if p.table.rows == 0 && string(p.kind[:]) == "trun" {
		p.add(p.frag)
	}
	return p.more(pos)
}
