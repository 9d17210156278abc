package media

import (
	"encoding/binary"
	"math"
)

const (
	ebmlElements = 1 << 20 // bounds the elements looked at; a block of sound may be 200 bytes
	ebmlDepth    = 6       // Segment/Tracks/TrackEntry/Video is four
)

// The elements that are read, by their ids (RFC 8794, RFC 9559).
const (
	ebmlHead       = 0x1a45dfa3
	ebmlDocType    = 0x4282
	mkvSegment     = 0x18538067
	mkvInfo        = 0x1549a966
	mkvScale       = 0x2ad7b1 // TimestampScale, ns a tick
	mkvTracks      = 0x1654ae6b
	mkvTrack       = 0xae
	mkvNumber      = 0xd7
	mkvType        = 0x83
	mkvPeriod      = 0x23e383 // DefaultDuration, ns a frame
	mkvVideo       = 0xe0
	mkvWidth       = 0xb0
	mkvHeight      = 0xba
	mkvCluster     = 0x1f43b675
	mkvTime        = 0xe7
	mkvSimpleBlock = 0xa3
	mkvGroup       = 0xa0
	mkvBlock       = 0xa1
	mkvCues        = 0x1c53bb6b
	mkvTags        = 0x1254c367
	mkvSeek        = 0x114d9b74
	mkvChapters    = 0x1043a770
	mkvAttachments = 0x1941a469
	mkvTypeVideo   = 1
	ebmlUnknown    = math.MaxInt64 // for the end of an element that does not tell its length
)

// ebmlParser reads Matroska and WebM: the first video track, and the blocks of
// it that the clusters hold.
type ebmlParser struct {
	state    ebmlState
	head     [12]byte // of the element at hand
	nhead    int
	id       uint32
	end      int64 // where the element at hand ends; ebmlUnknown if it does not tell
	elements int

	ends  [ebmlDepth]int64
	ids   [ebmlDepth]uint32
	depth int

	docType string
	scale   uint64       // ns a tick
	track   mkvTrackInfo // being read
	video   mkvTrackInfo // the first of video
	cluster int64        // time of the cluster, in ticks
	times   span         // of blocks of the video, in ticks
	frames  int64
	hidden  int64 // of these, in blocks marked as not to be shown
	early   bool  // a cluster came before any track of video
}

type ebmlState uint8

const (
	ebmlStart ebmlState = iota
	ebmlHeader
	ebmlLeaf
	ebmlBlockHead
	ebmlLaces
)

// mkvTrackInfo is what an entry of the tracks says.
type mkvTrackInfo struct {
	number, kind, period, width, height uint64
}

func (p *ebmlParser) step(b []byte, pos int64) (want, error) {
	switch p.state {
	case ebmlStart:
		p.state = ebmlHeader
		p.scale = 1_000_000
		return want{need: 2}, nil
	case ebmlHeader:
		return p.header(b, pos)
	case ebmlLeaf:
		p.leaf(b)
	case ebmlBlockHead:
		return p.block(b, pos)
	case ebmlLaces:
		p.frames += int64(b[0]) // one more than the block itself counted
	}
	return p.next(pos)
}

// vintLen is the length of a number by its first byte; 9 if it is none.
func vintLen(first byte) int {
	n := 1
	for mask := byte(0x80); mask != 0 && first&mask == 0; mask >>= 1 {
		n++
	}
	return n
}

// vint is the number without the bits that tell its length.
func vint(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v &^ (1 << (7 * len(b)))
}

// header gathers id and size of an element, as many bytes as they turn out to
// have.
func (p *ebmlParser) header(b []byte, pos int64) (want, error) {
	p.nhead += copy(p.head[p.nhead:], b)
	idLen := vintLen(p.head[0])
	if idLen > 4 {
		return p.badElement()
	}
	if p.nhead <= idLen {
		return want{need: idLen + 1 - p.nhead}, nil
	}
	sizeLen := vintLen(p.head[idLen])
	if sizeLen > 8 {
		return p.badElement()
	}
	if p.nhead < idLen+sizeLen {
		return want{need: idLen + sizeLen - p.nhead}, nil
	}
	p.id = 0
	for _, c := range p.head[:idLen] {
		p.id = p.id<<8 | uint32(c)
	}
	size := vint(p.head[idLen : idLen+sizeLen])
	p.nhead = 0
	if p.elements++; p.elements > ebmlElements {
		return want{}, fault(ErrLimit, "elements")
	}
	if size == 1<<(7*sizeLen)-1 {
		return p.enter(ebmlUnknown, pos)
	}
	return p.enter(pos+int64(size), pos) //nolint:gosec // below 2^56
}

// badElement is an id or size that can not be. At the top level, behind the
// segment, it is something else at the end of the file.
func (p *ebmlParser) badElement() (want, error) {
	if p.depth == 0 && p.video.number != 0 {
		return want{}, nil
	}
	return want{}, fault(ErrInvalid, "id or length of an element")
}

// enter goes into the element at hand, or asks for what is read of it, or
// passes over it. A segment or cluster of unknown length ends where something
// begins that can not be in it.
func (p *ebmlParser) enter(end, pos int64) (want, error) {
	for p.depth > 0 && p.ends[p.depth-1] == ebmlUnknown && leaves(p.id, p.ids[p.depth-1]) {
		p.depth--
	}
	if p.depth > 0 && end > p.ends[p.depth-1] && end != ebmlUnknown {
		return want{}, fault(ErrInvalid, "an element longer than the one around it")
	}
	p.end = end
	switch p.id {
	case ebmlHead, mkvSegment, mkvInfo, mkvTracks, mkvTrack, mkvVideo, mkvCluster, mkvGroup:
		return p.push(pos)
	}
	if end == ebmlUnknown {
		return want{}, fault(ErrInvalid, "an element without a length")
	}
	return p.ask(end-pos, pos)
}

// leaves reports whether an element ends one of unknown length around it.
func leaves(id, around uint32) bool {
	switch id {
	case mkvCluster, mkvCues, mkvTags, mkvSeek, mkvChapters, mkvAttachments, mkvInfo, mkvTracks:
		return around != mkvSegment
	case mkvSegment, ebmlHead:
		return true
	}
	return false
}

// ask asks for what is read of an element of the given size.
func (p *ebmlParser) ask(size, pos int64) (want, error) {
	switch p.id {
	case mkvSimpleBlock, mkvBlock:
		if size >= 4 {
			p.state = ebmlBlockHead
			return want{need: 4}, nil
		}
	case ebmlDocType, mkvScale, mkvNumber, mkvType, mkvPeriod, mkvWidth, mkvHeight, mkvTime:
		if size >= 1 && size <= 8 {
			p.state = ebmlLeaf
			return want{need: int(size)}, nil
		}
	}
	return p.next(pos)
}

func (p *ebmlParser) push(pos int64) (want, error) {
	if p.depth == ebmlDepth {
		return want{}, fault(ErrLimit, "depth of elements")
	}
	if p.id == mkvTrack {
		p.track = mkvTrackInfo{}
	}
	if p.id == mkvCluster && p.video.number == 0 {
		p.early = true
	}
	p.ends[p.depth], p.ids[p.depth] = p.end, p.id
	p.depth++
	p.end = pos
	return p.next(pos)
}

// next asks for the header of the element behind the one at hand.
func (p *ebmlParser) next(pos int64) (want, error) {
	// What is left of an element but too short for another is padding.
	for p.depth > 0 && p.ends[p.depth-1]-p.end < 2 {
		p.depth--
		p.end = p.ends[p.depth]
		if p.ids[p.depth] == mkvTrack && p.video.number == 0 && p.track.kind == mkvTypeVideo {
			p.video = p.track
		}
	}
	p.state = ebmlHeader
	return want{skip: p.end - pos, need: 2}, nil
}

// leaf takes the content of a short element.
func (p *ebmlParser) leaf(b []byte) {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	switch p.id {
	case ebmlDocType:
		p.docType = string(b)
	case mkvScale:
		p.scale = n
	case mkvNumber:
		p.track.number = n
	case mkvType:
		p.track.kind = n
	case mkvPeriod:
		p.track.period = n
	case mkvWidth:
		p.track.width = n
	case mkvHeight:
		p.track.height = n
	case mkvTime:
		p.cluster = int64(min(n, 1<<56))
	}
}

// block counts a block of the video track. Tracks of a number beyond 126 are
// not told apart: no such file was seen.
func (p *ebmlParser) block(b []byte, pos int64) (want, error) {
	if b[0]&0x80 == 0 || uint64(b[0]&0x7f) != p.video.number {
		return p.next(pos)
	}
	p.frames++
	if b[3]&0x08 != 0 {
		p.hidden++
	}
	p.times.add(p.cluster + int64(int16(binary.BigEndian.Uint16(b[1:])))) //nolint:gosec // signed by definition
	if laced := b[3]&0x06 != 0; laced && pos < p.end {
		p.state = ebmlLaces
		return want{need: 1}, nil
	}
	return p.next(pos)
}

func (p *ebmlParser) finish(info *Info, size int64) error {
	if p.docType == "matroska" {
		info.Format = MKV
	}
	f := found{
		width: int(min(p.video.width, 1<<30)), height: int(min(p.video.height, 1<<30)),
		framesLow: p.frames - p.hidden, framesHigh: p.frames,
	}
	if p.times.n > 0 {
		declared, ticks := periodRate(p.video.period, 1e9), 1e9/float64(max(p.scale, 1))
		f.fpsLow, f.fpsHigh = p.times.rate(declared, ticks)
	}
	err := f.settle(info)
	switch {
	case p.video.number == 0 && !p.early && size >= 0 && size < p.end:
		return fault(ErrTruncated, "before the track of video")
	case p.video.number == 0:
		return fault(ErrUnknown, "no track of video")
	case err != nil:
		return err
	case size >= 0 && size < p.end && p.end != ebmlUnknown, p.cut(size):
		return fault(ErrTruncated, "within an element")
	}
	return nil
}

// cut reports whether the file ends before an element around the one at hand.
func (p *ebmlParser) cut(size int64) bool {
	for _, end := range p.ends[:p.depth] {
		if size >= 0 && end != ebmlUnknown && size < end {
			return true
		}
	}
	return false
}
