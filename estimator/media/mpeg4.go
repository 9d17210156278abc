package media

import mathbits "math/bits"

// volScanner reads the times of MPEG-4 pictures (ISO/IEC 14496-2): each tells
// its distance to the second that the picture before it, or for one of between,
// the picture before that, has begun.
type volScanner struct {
	ticks  uint32 // a second
	base   int64  // second of the last picture that others build on
	before int64  // and of the one before
	times  span   // in ticks
}

// layer reads the header of a video object layer: its size, and its rate if
// that is fixed.
func (v *volScanner) layer(b []byte) picture {
	r := bits{b: b}
	shape := r.shapeMPEG4()
	r.skip(1)
	ticks := r.read(16)
	r.skip(1)
	var p picture
	if r.flag() && ticks > 0 {
		if period := r.read(mathbits.Len32(ticks - 1)); period > 0 {
			p.rate = float64(ticks) / float64(period)
		}
	}
	if shape != 0 {
		return picture{}
	}
	r.skip(1)
	p.width = int(r.read(13))
	r.skip(1)
	p.height = int(r.read(13))
	if r.short || ticks == 0 {
		return picture{}
	}
	v.ticks = ticks
	return p
}

// shapeMPEG4 passes over the beginning of a layer, up to its shape; 0 is a
// rectangle.
func (r *bits) shapeMPEG4() uint32 {
	r.skip(1 + 8)
	version := uint32(1)
	if r.flag() {
		version = r.read(4)
		r.skip(3)
	}
	if r.read(4) == 15 { // aspect ratio
		r.skip(16)
	}
	if r.flag() { // control parameters
		r.skip(3)
		if r.flag() {
			r.skip(79)
		}
	}
	shape := r.read(2)
	if shape == 3 && version != 1 {
		r.skip(4)
	}
	return shape
}

// picture reads the time of a picture.
func (v *volScanner) picture(b []byte) {
	if v.ticks == 0 {
		return
	}
	r := bits{b: b}
	between := r.read(2) == 2
	var seconds int64
	for r.flag() {
		seconds++
	}
	r.skip(1)
	part := int64(r.read(max(mathbits.Len32(v.ticks-1), 1)))
	if r.short {
		return
	}
	if between {
		v.times.add((v.before+seconds)*int64(v.ticks) + part)
		return
	}
	v.before = v.base
	v.base += seconds
	v.times.add(v.base*int64(v.ticks) + part)
}

// rate is the average rate by the times, or 0.
func (v *volScanner) rate() float64 {
	if v.times.n < 2 || v.times.high <= v.times.low {
		return 0
	}
	return float64(v.times.n-1) * float64(v.ticks) / float64(v.times.high-v.times.low)
}
