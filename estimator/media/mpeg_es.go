package media

import "bytes"

// esUnit is how many bytes behind a start code are read at most; of these only
// a sequence parameter set of H.264 may be long.
const esUnit = 256

// noCode is a window of bytes that begin no start code.
const noCode = 1<<32 - 1

// esScanner reads an elementary stream of MPEG-1, MPEG-2, MPEG-4 or H.264 video
// unit by unit: the size and rate in its sequence headers, and how many
// pictures there are. It takes the stream in pieces of any size.
type esScanner struct {
	codec  esCodec
	window uint32 // the last bytes; noCode at first
	code   byte
	need   int // bytes of the unit at hand to be gathered
	n      int // and those that were
	unit   [esUnit]byte

	seen     picture
	pictures int64
	halves   int64 // pictures that are a field, which is half of one
	vol      volScanner

	stamped     bool // a timestamp was seen
	first, last esStamp
}

type esCodec uint8

const (
	esUnknown esCodec = iota
	esMPEG2           // or MPEG-1
	esMPEG4
	esAVC
)

// esStamp is a timestamp, in 1/90000 s, and how many pictures came before.
type esStamp struct{ at, pictures int64 }

// stamp takes a timestamp of 33 bits in five bytes with marks between.
func (s *esScanner) stamp(first byte, b []byte) {
	at := int64(first>>1&7)<<30 | int64(b[0])<<22 | int64(b[1]>>1)<<15 | int64(b[2])<<7 | int64(b[3]>>1)
	now := esStamp{at, s.pictures}
	if !s.stamped {
		s.stamped, s.first, s.last = true, now, now
	}
	if at > s.last.at {
		s.last = now
	}
}

// feed takes the next bytes of the stream.
func (s *esScanner) feed(b []byte) {
	for i := 0; i < len(b); i++ {
		if s.need == 0 && i >= 3 {
			// Nothing is gathered, and whatever begins a code here is all in b.
			at := bytes.Index(b[i-3:], []byte{0, 0, 1})
			if at < 0 {
				at = len(b) - i // no code: keep the last three bytes
			}
			i += at
			s.window = uint32(b[i-3])<<16 | uint32(b[i-2])<<8 | uint32(b[i-1])
			if i == len(b) {
				return
			}
		}
		c := b[i]
		s.window = s.window<<8 | uint32(c)
		if s.need > 0 {
			s.gather(c)
		}
		if s.window>>8 == 1 {
			s.begin(c)
		}
	}
}

// gather keeps a byte of the unit at hand.
func (s *esScanner) gather(c byte) {
	s.unit[s.n] = c
	if s.n++; s.n == s.need {
		s.need = 0
		s.read(s.unit[:s.n])
	}
}

// begin takes a start code, which ends the unit before. The code itself has got
// into that unit.
func (s *esScanner) begin(code byte) {
	if s.need > 0 {
		s.need = 0
		s.read(s.unit[:max(s.n-4, 0)])
	}
	s.code, s.n = code, 0
	s.need = s.wanted(code)
	if s.codec == esMPEG2 && code == 0x00 {
		s.pictures++
	}
}

// wanted is how many bytes are read of a unit.
func (s *esScanner) wanted(code byte) int {
	switch s.codec {
	case esMPEG2:
		return wantedMPEG2(code)
	case esMPEG4:
		return wantedMPEG4(code)
	case esAVC:
		return wantedAVC(code)
	case esUnknown:
	}
	// Whatever may decide the codec.
	if code == 0xb3 {
		return wantedMPEG2(code)
	}
	if wantedAVC(code) == esUnit || code != 0xb6 && wantedMPEG4(code) > 0 {
		return esUnit
	}
	return 0
}

func wantedMPEG2(code byte) int {
	switch code {
	case 0xb3: // sequence
		return 8
	case 0xb5: // extension
		return 6
	}
	return 0
}

func wantedMPEG4(code byte) int {
	switch {
	case code >= 0x20 && code <= 0x2f: // video object layer
		return 64
	case code == 0xb6: // picture
		return 16
	}
	return 0
}

func wantedAVC(code byte) int {
	switch code & 0x9f {
	case 7: // sequence parameter set, which others need
		if code&0x60 != 0 {
			return esUnit
		}
	case 1, 5: // slice
		return 16
	}
	return 0
}

// read takes the bytes of a unit, as many as were wanted or as there are.
func (s *esScanner) read(b []byte) {
	if s.codec == esUnknown {
		s.decide(b)
	}
	switch s.codec {
	case esMPEG2:
		s.readMPEG2(b)
	case esMPEG4:
		s.readMPEG4(b)
	case esAVC:
		s.readAVC(b)
	case esUnknown:
	}
}

// decide tells the codec by the first unit that only one of them has. The code
// of a sequence parameter set of H.264 may also begin a layer of MPEG-4: then
// the size in it decides.
func (s *esScanner) decide(b []byte) {
	switch {
	case s.code == 0xb3:
		s.codec = esMPEG2
	case s.code&0x1f == 7 && sequenceAVC(append([]byte{s.code}, b...)).width > 0 && knownProfile(b[0]):
		s.codec = esAVC
	case s.code >= 0x20 && s.code <= 0x2f:
		s.codec = esMPEG4
	}
}

func knownProfile(profile byte) bool {
	return profile == 66 || profile == 77 || profile == 88 || highProfile(uint32(profile))
}

func (s *esScanner) readMPEG2(b []byte) {
	switch {
	case s.code == 0xb3 && len(b) >= 4:
		s.seen.width, s.seen.height = int(b[0])<<4|int(b[1]>>4), int(b[1]&15)<<8|int(b[2])
		rates := [16]float64{1: 24000. / 1001, 24, 25, 30000. / 1001, 30, 50, 60000. / 1001, 60}
		s.seen.rate = rates[b[3]&15]
	case s.code == 0xb5 && len(b) >= 6 && b[0]>>4 == 1: // sequence extension
		s.seen.width |= int(b[1]&1)<<13 | int(b[2]>>7)<<12
		s.seen.height |= int(b[2]>>5&3) << 12
		s.seen.rate *= float64(b[5]>>5&3+1) / float64(b[5]&31+1)
	case s.code == 0xb5 && len(b) >= 3 && b[0]>>4 == 8 && b[2]&3 != 3: // picture extension, of a field
		s.halves++
	}
}

func (s *esScanner) readAVC(b []byte) {
	switch {
	case s.code&0x1f == 7:
		if p := sequenceAVC(append([]byte{s.code}, b...)); p.width > 0 {
			s.seen = p
		}
	case len(b) > 0 && b[0]&0x80 != 0: // a slice of the first macroblock
		s.pictures++
		if s.seen.fieldAVC(b) {
			s.halves++
		}
	}
}

func (s *esScanner) readMPEG4(b []byte) {
	if s.code == 0xb6 {
		s.pictures++
		s.vol.picture(b)
		return
	}
	if s.seen.width == 0 {
		s.seen = s.vol.layer(b)
	}
}

func (s *esScanner) finish(info *Info) error {
	if s.need > 0 { // the last unit was short
		s.need = 0
		s.read(s.unit[:s.n])
	}
	f := found{width: s.seen.width, height: s.seen.height, framesHigh: s.pictures}
	f.framesHigh -= s.halves / 2
	f.framesLow = f.framesHigh
	f.fpsLow, f.fpsHigh = s.rate()
	if s.codec == esUnknown {
		return fault(ErrUnknown, "no sequence of MPEG-1, MPEG-2, MPEG-4 or H.264")
	}
	return f.settle(info)
}

// rate bounds the rate by what the sequence declares and by the timestamps,
// which are those of pictures that may be shown a few places later or sooner.
func (s *esScanner) rate() (low, high float64) {
	declared := s.seen.rate
	if s.codec == esMPEG4 && declared == 0 {
		if r := s.vol.rate(); r > 0 {
			return r, r
		}
	}
	slack := 4.
	if s.codec == esAVC {
		slack = 16
	}
	n := float64(s.last.pictures - s.first.pictures)
	seconds := float64(s.last.at-s.first.at) / 90000
	switch {
	case declared > 0 && abs(n-seconds*declared) <= slack:
		return declared, declared
	case n <= slack || seconds <= 0:
		return declared, declared
	}
	low, high = (n-slack)/seconds, (n+slack)/seconds
	if declared > 0 {
		low, high = min(low, declared), max(high, declared)
	}
	return low, high
}

func abs(x float64) float64 { return max(x, -x) }
