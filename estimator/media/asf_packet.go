package media

import (
	"encoding/binary"
	"slices"
)

// asfPacket is the data packet at hand (ASF specification, section 5.2).
type asfPacket struct {
	end      int64 // where the packet ends
	payloads int   // that are left
	several  bool  // each payload tells its length
	lengths  byte  // how payload lengths are written
	property byte  // how the numbers of a payload are written

	wanted     bool   // the payload at hand is of the video stream
	offset     uint32 // into its frame; of compressed payloads, the time of the first
	replicated int
	payloadEnd int64
}

// nextPacket asks for the first byte of the packet behind the one at hand.
func (p *asfParser) nextPacket(pos int64) (want, error) {
	begin := p.packet.end
	if p.seen++; p.seen > asfPackets {
		return want{}, fault(ErrLimit, "packets")
	}
	if p.end-begin < int64(p.packetSize) {
		p.done = true
		return p.next(pos)
	}
	p.packet.end = begin + int64(p.packetSize)
	p.state = (*asfParser).correction
	return want{skip: begin - pos, need: 1}, nil
}

// asfSize is how many bytes a number has, as two bits tell.
func asfSize(bits byte) int { return [4]int{0, 1, 2, 4}[bits&3] }

// asfNumber reads a number of as many bytes as there are.
func asfNumber(b []byte) uint32 {
	var n uint32
	for _, c := range slices.Backward(b) {
		n = n<<8 | uint32(c)
	}
	return n
}

// correction passes over error correction data, if there is some. Its first
// byte is where else the flags begin.
func (p *asfParser) correction(b []byte, _ int64) (want, error) {
	if b[0]&0x80 != 0 {
		p.state = (*asfParser).flags
		return want{skip: int64(b[0] & 0x0f), need: 2}, nil
	}
	p.first = b[0]
	p.state = (*asfParser).property
	return want{need: 1}, nil
}

// flags takes the two bytes that tell how the numbers of the packet are written.
func (p *asfParser) flags(b []byte, pos int64) (want, error) {
	p.first = b[0]
	return p.property(b[1:], pos)
}

// property takes the second of them, and asks for the numbers.
func (p *asfParser) property(b []byte, _ int64) (want, error) {
	flags, property := p.first, b[0]
	p.packet.property, p.packet.several = property, flags&1 != 0
	p.packet.payloads = 1
	need := asfSize(flags>>5) + asfSize(flags>>1) + asfSize(flags>>3) + 6 // and send time, duration
	if p.packet.several {
		need++
	}
	p.state = (*asfParser).lengths
	return want{need: need}, nil
}

// lengths takes the numbers of the packet, of which only the last matters.
func (p *asfParser) lengths(b []byte, pos int64) (want, error) {
	if last := b[len(b)-1]; p.packet.several {
		p.packet.payloads, p.packet.lengths = int(last&0x3f), last>>6
	}
	return p.nextPayload(pos, pos)
}

// nextPayload asks for the header of the payload that begins at begin.
func (p *asfParser) nextPayload(begin, pos int64) (want, error) {
	if p.packet.payloads == 0 || begin >= p.packet.end {
		return p.nextPacket(pos)
	}
	p.packet.payloads--
	property := p.packet.property
	p.state = (*asfParser).payload
	need := 1 + asfSize(property>>4) + asfSize(property>>2) + asfSize(property)
	return p.within(want{skip: begin - pos, need: need}, pos)
}

// within refuses to read beyond the packet.
func (p *asfParser) within(w want, pos int64) (want, error) {
	if w.skip < 0 || pos+w.skip+int64(w.need) > p.packet.end {
		return want{}, fault(ErrInvalid, "a payload longer than its packet")
	}
	return w, nil
}

// payload takes the header of a payload: stream, number of the frame, offset
// into it, length of what is replicated.
func (p *asfParser) payload(b []byte, pos int64) (want, error) {
	property := p.packet.property
	at := 1 + asfSize(property>>4)
	offset := b[at : at+asfSize(property>>2)]
	p.packet.wanted = int(b[0]&0x7f) == p.stream
	p.packet.offset = asfNumber(offset)
	p.packet.replicated = int(min(asfNumber(b[at+len(offset):]), maxNeed))
	need := p.packet.replicated
	if p.packet.several {
		need += asfSize(p.packet.lengths)
	}
	if need == 0 {
		return p.replicated(nil, pos)
	}
	p.state = (*asfParser).replicated
	return p.within(want{need: need}, pos)
}

// replicated takes what stands at the beginning of each payload of a frame, its
// size and time, and the length of the payload.
func (p *asfParser) replicated(b []byte, pos int64) (want, error) {
	n := p.packet.replicated
	p.packet.payloadEnd = p.packet.end
	if p.packet.several {
		p.packet.payloadEnd = min(pos+int64(asfNumber(b[n:])), p.packet.end)
	}
	switch {
	case p.packet.wanted && n == 1: // compressed: whole frames, each with a length
		p.times.add(int64(p.packet.offset))
		return p.nextSub(pos, pos)
	case p.packet.wanted && p.packet.offset == 0:
		p.frames++
		if n >= 8 {
			p.times.add(int64(binary.LittleEndian.Uint32(b[4:])))
		}
	}
	return p.nextPayload(p.packet.payloadEnd, pos)
}

// nextSub asks for the length of a frame in a compressed payload.
func (p *asfParser) nextSub(begin, pos int64) (want, error) {
	if begin >= p.packet.payloadEnd {
		return p.nextPayload(p.packet.payloadEnd, pos)
	}
	p.state = (*asfParser).sub
	return want{skip: begin - pos, need: 1}, nil
}

func (p *asfParser) sub(b []byte, pos int64) (want, error) {
	p.frames++
	return p.nextSub(pos+int64(b[0]), pos)
}
