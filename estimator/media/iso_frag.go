package media

import "encoding/binary"

// isoFrag is a run of samples in a fragment.
type isoFrag struct {
	track   *isoTrack // nil if it is not of video
	each    uint32    // duration of a sample unless told
	samples int64
	total   uint64
}

func (p *isoParser) defaults(d isoDefault) {
	if p.ntrex < len(p.trex) {
		p.trex[p.ntrex] = d
		p.ntrex++
	}
}

// fragment takes the header of a track's fragment, and asks for the duration of
// its samples if it is there. It stands behind two optional numbers.
func (p *isoParser) fragment(b []byte, pos int64) (want, error) {
	flags := binary.BigEndian.Uint32(b) & 0xffffff
	id := binary.BigEndian.Uint32(b[4:])
	p.frag = isoFrag{}
	for i := range p.ntracks {
		if p.tracks[i].id == id {
			p.frag.track = &p.tracks[i]
		}
	}
	for _, d := range p.trex[:p.ntrex] {
		if d.id == id {
			p.frag.each = d.duration
		}
	}
	if flags&0x8 == 0 {
		return p.next(pos)
	}
	var before int64
	if flags&0x1 != 0 {
		before += 8
	}
	if flags&0x2 != 0 {
		before += 4
	}
	if p.end-pos < before+4 {
		return want{}, fault(ErrInvalid, "a box too short for its kind")
	}
	p.table = isoTable{rows: 1, width: 4}
	p.state = isoRows
	return want{skip: before, need: 4}, nil
}

// run takes the header of a run of samples: each has up to four numbers, the
// first of which may be its duration.
func (p *isoParser) run(b []byte, pos int64) (want, error) {
	flags, n := binary.BigEndian.Uint32(b)&0xffffff, int64(binary.BigEndian.Uint32(b[4:]))
	var before int64
	var width int
	for _, flag := range [...]uint32{0x1, 0x4} {
		if flags&flag != 0 {
			before += 4
		}
	}
	for _, flag := range [...]uint32{0x100, 0x200, 0x400, 0x800} {
		if flags&flag != 0 {
			width += 4
		}
	}
	if before+n*int64(width) > p.end-pos {
		return want{}, fault(ErrInvalid, "a table of more rows than it has room for")
	}
	p.frag.samples, p.frag.total = n, 0
	if flags&0x100 == 0 || n == 0 {
		p.frag.total = uint64(n) * uint64(p.frag.each) //nolint:gosec // below 2^32
		p.add(p.frag)
		return p.next(pos)
	}
	p.table = isoTable{rows: n, width: width}
	w, err := p.more(pos)
	w.skip = before
	return w, err
}

// add counts a run of samples to its track.
func (p *isoParser) add(f isoFrag) {
	if f.track == nil {
		return
	}
	f.track.samples += f.samples
	f.track.timed += uint64(f.samples) //nolint:gosec // not negative
	f.track.total += f.total
}
