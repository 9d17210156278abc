package media

import (
	"encoding/binary"
	"math"
)

const (
	asfObjects = 1 << 12 // bounds the objects looked at
	asfPackets = 1 << 20 // bounds the packets looked at
	asfDepth   = 3
	asfStreams = 128
)

// The objects that are read, by their GUIDs as stored (ASF specification,
// section 10).
const (
	asfHeaderGUID    = "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
	asfFileGUID      = "\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"
	asfStreamGUID    = "\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65"
	asfExtensionGUID = "\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65"
	asfExtendedGUID  = "\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a"
	asfDataGUID      = "\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
	asfVideoGUID     = "\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"
)

// asfParser reads Windows Media: the first video stream, and the payloads of it
// that the data packets hold.
type asfParser struct {
	state   asfState
	end     int64 // where the object at hand ends
	objects int
	ends    [asfDepth]int64
	depth   int

	packetSize uint32
	stream     int // number of the first video stream; 0 if none was seen
	width      uint32
	height     uint32
	periods    [asfStreams]uint64 // of a frame, in 100 ns, by stream

	packet asfPacket
	first  byte // of the packet's flags
	seen   int  // packets
	frames int64
	times  span // ms
	done   bool // the data object was read
}

// asfState is what is done with the bytes that were asked for.
type asfState func(p *asfParser, b []byte, pos int64) (want, error)

func (p *asfParser) step(b []byte, pos int64) (want, error) {
	if p.state == nil {
		p.state = (*asfParser).object
		return want{need: 24}, nil
	}
	return p.state(p, b, pos)
}

// object takes the GUID and the size of an object.
func (p *asfParser) object(b []byte, pos int64) (want, error) {
	if p.objects++; p.objects > asfObjects {
		return want{}, fault(ErrLimit, "objects")
	}
	size := int64(min(binary.LittleEndian.Uint64(b[16:]), math.MaxInt64/2))
	room := int64(math.MaxInt64 / 4)
	if p.depth > 0 {
		room = p.ends[p.depth-1] - pos + 24
	}
	if size < 24 || size > room {
		if p.done { // something else at the end of the file
			return want{}, nil
		}
		return want{}, fault(ErrInvalid, "length of an object")
	}
	p.end = pos - 24 + size
	body := size - 24
	switch guid := string(b[:16]); {
	case guid == asfHeaderGUID && body >= 6:
		return p.push(pos, 6)
	case guid == asfExtensionGUID && body >= 22:
		return p.push(pos, 22)
	default:
		return p.leaf(guid, body, pos)
	}
}

// leaf asks for what is read of an object that holds no others.
func (p *asfParser) leaf(guid string, body, pos int64) (want, error) {
	var need int
	switch guid {
	case asfFileGUID:
		p.state, need = (*asfParser).file, 80
	case asfStreamGUID:
		p.state, need = (*asfParser).streamObject, 62
	case asfExtendedGUID:
		p.state, need = (*asfParser).extended, 64
	case asfDataGUID:
		p.state, need = (*asfParser).data, 26
	}
	if need == 0 || body < int64(need) || guid == asfDataGUID && p.stream == 0 {
		return p.next(pos)
	}
	return want{need: need}, nil
}

// file takes the properties of the file.
func (p *asfParser) file(b []byte, pos int64) (want, error) {
	p.packetSize = binary.LittleEndian.Uint32(b[68:])
	return p.next(pos)
}

// push goes into an object whose content begins behind a few more bytes.
func (p *asfParser) push(pos, before int64) (want, error) {
	if p.depth == asfDepth {
		return want{}, fault(ErrLimit, "depth of objects")
	}
	p.ends[p.depth] = p.end
	p.depth++
	p.end = pos + before
	return p.next(pos)
}

func (p *asfParser) next(pos int64) (want, error) {
	for p.depth > 0 && p.ends[p.depth-1]-p.end < 24 {
		p.depth--
		p.end = p.ends[p.depth]
	}
	p.state = (*asfParser).object
	return want{skip: p.end - pos, need: 24}, nil
}

// streamObject takes the properties of a stream; the size of video stands
// behind what all kinds of stream have.
func (p *asfParser) streamObject(b []byte, pos int64) (want, error) {
	if string(b[:16]) == asfVideoGUID && p.stream == 0 {
		p.stream = int(b[48] & 0x7f)
		p.width, p.height = binary.LittleEndian.Uint32(b[54:]), binary.LittleEndian.Uint32(b[58:])
	}
	return p.next(pos)
}

// extended takes the extended properties of a stream: the time between frames.
// A stream's properties may be hidden at the end of them, behind names, which
// nobody is known to write.
func (p *asfParser) extended(b []byte, pos int64) (want, error) {
	p.periods[binary.LittleEndian.Uint16(b[48:])&0x7f] = binary.LittleEndian.Uint64(b[52:])
	return p.next(pos)
}

// data begins the packets.
func (p *asfParser) data(_ []byte, pos int64) (want, error) {
	if p.packetSize < 32 || p.packetSize > maxNeed {
		return want{}, fault(ErrInvalid, "size of a packet")
	}
	p.packet.end = pos
	return p.nextPacket(pos)
}

func (p *asfParser) finish(info *Info, size int64) error {
	if p.stream == 0 {
		if size >= 0 && size < p.end {
			return fault(ErrTruncated, "before the properties of the video stream")
		}
		return fault(ErrUnknown, "no stream of video")
	}
	f := found{
		width: int(min(p.width, 1<<30)), height: int(min(p.height, 1<<30)),
		framesLow: p.frames, framesHigh: p.frames,
	}
	if p.times.n > 0 {
		f.fpsLow, f.fpsHigh = p.times.rate(periodRate(p.periods[p.stream], 1e7), 1000)
	}
	if err := f.settle(info); err != nil {
		return err
	}
	if size >= 0 && (!p.done || size < p.end) {
		return fault(ErrTruncated, "within the packets")
	}
	return nil
}
