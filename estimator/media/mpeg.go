package media

const (
	psPackets = 1 << 20 // bounds the packets looked at; a pack is usually 2 KiB
	psStray   = 1 << 16 // bounds the bytes that belong to no packet, such as padding at the end
)

// psParser reads an MPEG program stream: it hands what the packets hold of the
// first video stream to an [esScanner], which has to see every byte of it, as
// nothing else tells how many pictures there are.
type psParser struct {
	state   psState
	code    byte
	window  uint32
	packets int
	stray   int
	left    int  // bytes of the packet at hand
	mark    byte // the first of a timestamp
	stream  byte
	es      esScanner
}

type psState uint8

const (
	psStart psState = iota
	psCode
	psSearch
	psPack
	psPackRest
	psLength
	psFlags
	psHeader2
	psOptional2
	psStamp1
	psPayload
)

func (p *psParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case psStart:
		p.es.window = noCode
		return p.next(0)
	case psCode, psSearch:
		return p.find(b)
	case psPack:
		return p.pack(b[0])
	case psPackRest: // the last byte of the header tells how much stuffing follows
		return p.next(int64(b[len(b)-1] & 7))
	case psLength:
		return p.length(int(b[0])<<8 | int(b[1]))
	case psFlags:
		return p.flags(b[0])
	case psHeader2, psOptional2, psStamp1:
		return p.header(b)
	case psPayload:
	}
	p.es.feed(b)
	p.left -= len(b)
	return p.payload()
}

func (p *psParser) next(skip int64) (want, error) {
	p.state = psCode
	return want{skip: skip, need: 4}, nil
}

// find takes a start code, or searches the next one byte by byte.
func (p *psParser) find(b []byte) (want, error) {
	for _, c := range b {
		p.window = p.window<<8 | uint32(c)
	}
	if p.window>>8 == 1 && p.window&0xff >= 0xb9 {
		return p.packet(b[len(b)-1])
	}
	if p.stray++; p.stray > psStray {
		return want{}, fault(ErrInvalid, "no packet where one should begin")
	}
	p.state = psSearch
	return want{need: 1}, nil
}

// packet begins what a start code announces.
func (p *psParser) packet(code byte) (want, error) {
	if p.packets++; p.packets > psPackets {
		return want{}, fault(ErrLimit, "packets")
	}
	p.code = code
	switch code {
	case 0xb9:
		return p.next(0)
	case 0xba:
		p.state = psPack
		return want{need: 1}, nil
	}
	p.state = psLength
	return want{need: 2}, nil
}

// pack goes on with a pack header, which MPEG-1 writes shorter.
func (p *psParser) pack(first byte) (want, error) {
	if first>>6 == 1 {
		p.state = psPackRest
		return want{need: 9}, nil
	}
	return p.next(7)
}

// length takes the length of a packet.
func (p *psParser) length(n int) (want, error) {
	p.left = n
	if video := p.code >= 0xe0 && p.code <= 0xef; !video || p.stream != 0 && p.code != p.stream || n == 0 {
		return p.next(int64(n))
	}
	p.stream = p.code
	p.state = psFlags
	return p.need(1)
}

// need asks for bytes of the packet, if it has them.
func (p *psParser) need(n int) (want, error) {
	if n > p.left {
		return want{}, fault(ErrInvalid, "a packet too short for its header")
	}
	p.left -= n
	return want{need: n}, nil
}

// flags takes the first byte of a packet's header. MPEG-1 has stuffing, the
// size of a buffer, then the timestamps; MPEG-2 says how long its header is.
func (p *psParser) flags(c byte) (want, error) {
	switch {
	case c>>6 == 2:
		p.state = psHeader2
		return p.need(2)
	case c == 0xff && p.left > 0:
		return p.need(1)
	case c>>6 == 1 && p.left > 1:
		p.left -= 2
		return want{skip: 1, need: 1}, nil
	case c>>4 == 2:
		p.mark = c
		p.state = psStamp1
		return p.need(4)
	case c>>4 == 3:
		p.mark = c
		p.state = psStamp1
		return p.need(9)
	}
	return p.payload()
}

// header goes on with the header of a packet.
func (p *psParser) header(b []byte) (want, error) {
	if p.state == psHeader2 {
		if b[0]&0x80 == 0 || b[1] < 5 {
			p.left -= int(b[1])
			if p.left < 0 {
				return want{}, fault(ErrInvalid, "a packet too short for its header")
			}
			w, err := p.payload()
			w.skip += int64(b[1])
			return w, err
		}
		p.state = psOptional2
		return p.need(int(b[1]))
	}
	if p.state == psOptional2 {
		p.es.stamp(b[0], b[1:5])
	} else {
		p.es.stamp(p.mark, b[:4])
	}
	return p.payload()
}

// payload asks for what is left of the packet, as it comes.
func (p *psParser) payload() (want, error) {
	if p.left == 0 {
		return p.next(0)
	}
	p.state = psPayload
	return want{need: p.left, flow: true}, nil
}

func (p *psParser) finish(info *Info, _ int64) error {
	if p.stream == 0 {
		return fault(ErrUnknown, "no stream of video")
	}
	if err := p.es.finish(info); err != nil {
		return err
	}
	if p.state != psCode && p.state != psSearch {
		return fault(ErrTruncated, "within a packet")
	}
	return nil
}

// esParser reads MPEG video that no container holds.
type esParser struct{ es esScanner }

func (p *esParser) step(b []byte, pos int64) (want, error) {
	if pos == 0 {
		p.es.window = noCode
	}
	p.es.feed(b)
	return want{need: flowSize, flow: true}, nil
}

func (p *esParser) finish(info *Info, _ int64) error { return p.es.finish(info) }
