package media

import (
	"encoding/binary"
	"math"
)

const (
	// isoBoxes bounds the boxes looked at: a fragment of one frame has eight.
	isoBoxes = 1 << 20
	// isoDepth is how deep boxes are followed; moov/trak/mdia/minf/stbl is five.
	isoDepth = 8
	// isoTracks is how many tracks are told apart.
	isoTracks = 8
	// isoBatch is how many bytes of a table are asked for at once.
	isoBatch = 4 << 10
)

// isoParser reads ISO base media (MP4, QuickTime, 3GPP): the sample tables of
// the first video track, and its fragments. It follows the boxes to the end of
// the file to see that it is whole.
type isoParser struct {
	state isoState
	kind  [4]byte // of the box at hand
	end   int64   // where it ends
	boxes int

	ends  [isoDepth]int64 // where the boxes around it end
	kinds [isoDepth][4]byte
	depth int

	scale   uint32 // ticks a second of the movie
	track   isoTrack
	tracks  [isoTracks]isoTrack // of video
	ntracks int
	moov    bool

	table isoTable // being read
	frag  isoFrag  // being read
	trex  [isoTracks]isoDefault
	ntrex int
}

type isoState uint8

const (
	isoStart isoState = iota
	isoHeader
	isoLarge
	isoLeaf
	isoRows
)

// isoTable is what is left of a table of rows.
type isoTable struct {
	rows  int64
	width int // bytes of a row
}

// isoDefault is the duration that a track's samples have unless told.
type isoDefault struct {
	id       uint32
	duration uint32
}

func (p *isoParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case isoStart:
		p.state = isoHeader
		return want{need: 8}, nil
	case isoHeader:
		copy(p.kind[:], b[4:])
		return p.header(int64(binary.BigEndian.Uint32(b)), 8, pos)
	case isoLarge:
		size := binary.BigEndian.Uint64(b)
		if size > math.MaxInt64/2 || size < 16 {
			return p.badBox()
		}
		return p.header(int64(size), 16, pos)
	case isoLeaf:
		return p.leaf(b, pos)
	case isoRows:
	}
	return p.rows(b, pos)
}

// header takes the size of a box, whose header ends at pos.
func (p *isoParser) header(size, header, pos int64) (want, error) {
	if p.boxes++; p.boxes > isoBoxes {
		return want{}, fault(ErrLimit, "boxes")
	}
	around := int64(math.MaxInt64)
	if p.depth > 0 {
		around = p.ends[p.depth-1]
	}
	switch {
	case size == 1 && header == 8:
		p.state = isoLarge
		return want{need: 8}, nil
	case size == 0 && header == 8: // to the end of the file
		p.end = around
	case size < header || size-header > around-pos:
		return p.badBox()
	default:
		p.end = pos - header + size
	}
	return p.enter(pos)
}

// badBox is a box whose size can not be. Behind the movie at the top level,
// that is something else at the end of the file, which readers ignore.
func (p *isoParser) badBox() (want, error) {
	if p.depth == 0 && p.moov {
		return want{}, nil
	}
	return want{}, fault(ErrInvalid, "length of a box")
}

// enter goes into the box at hand, or asks for what is read of it, or passes
// over it.
func (p *isoParser) enter(pos int64) (want, error) {
	switch string(p.kind[:]) {
	case "moov", "trak", "mdia", "minf", "stbl", "edts", "mvex", "moof", "traf":
		return p.push(pos)
	}
	need := p.needed()
	if need == 0 || p.depth == 0 {
		return p.next(pos)
	}
	if p.end-pos < int64(need) {
		return want{}, fault(ErrInvalid, "a box too short for its kind")
	}
	p.state = isoLeaf
	return want{need: need}, nil
}

func (p *isoParser) push(pos int64) (want, error) {
	if p.depth == isoDepth {
		return want{}, fault(ErrLimit, "depth of boxes")
	}
	switch string(p.kind[:]) {
	case "moov":
		if p.depth == 0 && p.moov { // a second movie is ignored
			return p.next(pos)
		}
		p.moov = true
	case "trak":
		p.track = isoTrack{}
	case "traf":
		p.frag = isoFrag{}
	}
	p.ends[p.depth], p.kinds[p.depth] = p.end, p.kind
	p.depth++
	p.end = pos
	return p.next(pos)
}

// next asks for the header of the box behind the one at hand.
func (p *isoParser) next(pos int64) (want, error) {
	// What is left of a box but too short for another is padding.
	for p.depth > 0 && p.ends[p.depth-1]-p.end < 8 {
		p.depth--
		p.end = p.ends[p.depth]
		if string(p.kinds[p.depth][:]) == "trak" {
			p.keep()
		}
	}
	p.state = isoHeader
	return want{skip: p.end - pos, need: 8}, nil
}

// keep files the track at hand if it is one of video.
func (p *isoParser) keep() {
	if p.track.video && p.ntracks < len(p.tracks) {
		p.tracks[p.ntracks] = p.track
		p.ntracks++
	}
}

// finish tells of the first video track that has frames.
func (p *isoParser) finish(info *Info, size int64) error {
	for i := range p.ntracks {
		if t := &p.tracks[i]; t.samples > 0 || i == p.ntracks-1 {
			err := t.found(p.scale).settle(info)
			if err != nil {
				return err
			}
			break
		}
	}
	switch {
	case size >= 0 && (size < p.end && p.end != math.MaxInt64 || p.depth > 0):
		return fault(ErrTruncated, "within a box")
	case !p.moov:
		return fault(ErrUnknown, "no movie header")
	case p.ntracks == 0:
		return fault(ErrUnknown, "no track of video")
	}
	return nil
}
