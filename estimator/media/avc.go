package media

import "encoding/binary"

// configAVC reads the first sequence parameter set of a decoder configuration
// record (ISO/IEC 14496-15).
func configAVC(b []byte) picture {
	if len(b) < 8 || b[5]&0x1f == 0 {
		return picture{}
	}
	size := int(binary.BigEndian.Uint16(b[6:]))
	return sequenceAVC(b[8:min(8+size, len(b))])
}

// sequenceAVC reads a sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1),
// beginning with its NAL unit header.
func sequenceAVC(nal []byte) picture {
	if len(nal) < 4 || nal[0]&0x1f != 7 {
		return picture{}
	}
	r := bits{b: unescape(nal[1:])}
	profile := r.read(8)
	r.skip(16) // constraints, level
	r.golomb() // id
	chroma := uint32(1)
	planes := false
	if highProfile(profile) {
		chroma, planes = r.chromaAVC()
	}
	numberBits := int(min(r.golomb(), 12)) + 4
	r.orderAVC()
	r.golomb() // max_num_ref_frames
	r.skip(1)
	across, down := r.golomb()+1, r.golomb()+1
	frames := r.flag()
	if !frames {
		r.skip(1)
		down *= 2
	}
	r.skip(1)
	p := picture{width: int(across) * 16, height: int(down) * 16, fields: !frames, planes: planes, numberBits: numberBits}
	if r.flag() {
		p.crop(&r, chroma, planes)
	}
	if r.flag() {
		p.rate = r.timingAVC()
	}
	if !p.plausible() {
		return picture{}
	}
	return p
}

// fieldAVC reports whether a slice, without its NAL unit header, is of a field
// (ITU-T H.264, 7.3.3).
func (p picture) fieldAVC(slice []byte) bool {
	if !p.fields {
		return false
	}
	r := bits{b: unescape(slice)}
	r.golomb() // first macroblock
	r.golomb() // type
	r.golomb() // picture parameter set
	if p.planes {
		r.skip(2)
	}
	r.skip(p.numberBits)
	return r.flag()
}

// plausible reports whether a picture has a size that H.264 can have.
func (p picture) plausible() bool {
	return p.width > 0 && p.height > 0 && p.width <= 1<<16 && p.height <= 1<<16
}

// orderAVC passes over what tells the order of pictures.
func (r *bits) orderAVC() {
	switch r.golomb() {
	case 0:
		r.golomb()
	case 1:
		r.skip(1)
		r.signed()
		r.signed()
		for n := r.golomb(); n > 0 && !r.short; n-- {
			r.signed()
		}
	}
}

// highProfile reports whether a profile tells its chroma format.
func highProfile(profile uint32) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// chromaAVC reads the chroma format and passes over bit depths and scaling
// lists.
func (r *bits) chromaAVC() (format uint32, planes bool) {
	format = r.golomb()
	lists := 8
	if format == 3 {
		planes = r.flag()
		lists = 12
	}
	r.golomb()
	r.golomb()
	r.skip(1)
	if r.flag() {
		for i := range lists {
			if r.flag() {
				r.scalingList(16 + 48*min(i/6, 1))
			}
		}
	}
	return format, planes
}

func (r *bits) scalingList(size int) {
	last, next := int32(8), int32(8)
	for range size {
		if next != 0 {
			next = (last + r.signed() + 256) % 256
		}
		if next != 0 {
			last = next
		}
	}
}

// crop takes what the sequence cuts off, in units of the chroma samples.
func (p *picture) crop(r *bits, chroma uint32, planes bool) {
	x, y := 1, 1
	if !planes && (chroma == 1 || chroma == 2) {
		x = 2
	}
	if !planes && chroma == 1 {
		y = 2
	}
	if p.fields {
		y *= 2
	}
	cut := func() int { return int(min(r.golomb(), 1<<16)) }
	p.width -= (cut() + cut()) * x
	p.height -= (cut() + cut()) * y
}

// timingAVC reads the usability information as far as the frame rate.
func (r *bits) timingAVC() float64 {
	if r.flag() && r.read(8) == 255 { // aspect ratio
		r.skip(32)
	}
	if r.flag() { // overscan
		r.skip(1)
	}
	if r.flag() { // signal type
		r.skip(4)
		if r.flag() {
			r.skip(24)
		}
	}
	if r.flag() { // chroma location
		r.golomb()
		r.golomb()
	}
	if !r.flag() {
		return 0
	}
	unit, scale := r.read(32), r.read(32)
	if unit == 0 || r.short {
		return 0
	}
	return float64(scale) / (2 * float64(unit))
}

// unescape takes out the bytes that keep start codes from arising by chance.
func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	zeros := 0
	for _, c := range b {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}
