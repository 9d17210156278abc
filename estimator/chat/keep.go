package chat

import "strings"

const (
	// firstRoom is the least room that is made for kept text, and mostRoom the
	// most that is made for it where nobody says how much will come, in bytes.
	firstRoom = 512
	mostRoom  = 64 << 10

	// mostPrinted is how often as long as the body the text made of it may be: a
	// number can be printed longer than it was written, and tools are printed
	// beside what their members say.
	mostPrinted = 2
)

// keeper holds the text that is kept of a body. Texts are views of a few large
// stretches, and stay valid while more is kept.
type keeper struct {
	room strings.Builder // the stretch at hand
	from int             // where in it the text at hand begins
	done int64           // bytes of the stretches before
}

// kept returns how many bytes are kept in all.
func (k *keeper) kept() int64 { return k.done + int64(k.room.Len()) }

// begin begins a text.
func (k *keeper) begin() { k.from = k.room.Len() }

// textSoFar returns the text since begin.
func (k *keeper) textSoFar() string { return k.room.String()[k.from:] }

// keepText appends to the text at hand.
func (s *scanner) keepText(seg []byte) {
	if s.room.Cap()-s.room.Len() < len(seg) && !s.makeTextRoom(len(seg)) {
		return
	}
	s.room.Write(seg)
}

// keepString appends to the text at hand.
func (s *scanner) keepString(text string) {
	if s.room.Cap()-s.room.Len() < len(text) && !s.makeTextRoom(len(text)) {
		return
	}
	s.room.WriteString(text)
}

// makeTextRoom begins a stretch for the text at hand and n bytes more, and
// reports whether it may. No more text than bytes is to come: where the body
// says how long it is, one stretch holds all the rest of it, once there is so
// much text that there may be four times more.
func (s *scanner) makeTextRoom(n int) bool {
	begun := s.textSoFar()
	size := max(2*len(begun)+n, min(2*s.room.Cap(), mostRoom), firstRoom)
	if rest := s.hint - s.offset(); rest > 0 {
		believed := max(4*(s.kept()+int64(n)), firstRoom)
		if s.base+int64(s.end) >= s.hint { // all of it is here
			believed *= 4
		}
		if s.hint <= mostRoom {
			believed = mostRoom
		}
		size = len(begun) + n + int(min(rest, believed))
	}
	if s.hold(int64(size-len(begun))) != nil {
		return false
	}
	s.done += int64(s.from)
	s.room, s.from = strings.Builder{}, 0
	s.room.Grow(size)
	s.room.WriteString(begun)
	return true
}

// overlong refuses what prints much longer than it was written.
func (s *scanner) overlong() error {
	if s.kept() > mostPrinted*s.offset()+freeOfCharge {
		return s.fail(OutOfRange, "too many numbers that are printed longer than they are written")
	}
	return nil
}

// Write appends to the text at hand. It never fails.
func (s *scanner) Write(b []byte) (int, error) {
	s.keepText(b)
	return len(b), nil
}

// stringValue reads a string and keeps it.
func (s *scanner) stringValue() (string, error) {
	if err := s.quote(); err != nil {
		return "", err
	}
	s.begin()
	for {
		seg, closed, err := s.segment()
		if err != nil {
			return "", err
		}
		s.keepText(seg)
		if closed {
			return s.textSoFar(), nil
		}
		s.keepEscapes()
	}
}

// keepEscapes keeps what escapes of one letter that come next stand for. It
// does no more than segment would, but text of many lines has many of them.
func (s *scanner) keepEscapes() {
	for s.end-s.pos >= 2 && s.buf[s.pos] == '\\' && s.room.Cap() > s.room.Len() {
		meaning := meanings[s.buf[s.pos+1]]
		if meaning == 0 {
			return
		}
		s.room.WriteByte(meaning)
		s.pos += 2
	}
}

// keepValue reads any JSON value and keeps its canonical form.
func (s *scanner) keepValue() (string, error) {
	s.begin()
	err := s.value(s)
	return s.textSoFar(), err
}
