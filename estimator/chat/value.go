package chat

import (
	"io"
	"strconv"
)

// maxNumber is the longest number accepted, in bytes. No parameter and no sane
// schema needs more, and readers disagree on what they make of longer ones.
const maxNumber = 512

// beyondCost is what a number beyond float64 is charged with: what reading it
// fails with, in bytes.
const beyondCost = 128

// space consumes white space.
func (s *scanner) space() error {
	for {
		for s.pos < s.end {
			switch s.buf[s.pos] {
			case ' ', '\t', '\n', '\r':
				s.pos++
			default:
				return nil
			}
		}
		if !s.fill() {
			if err := s.broken(); err != nil {
				return s.ended()
			}
			return nil
		}
	}
}

// peek returns the next byte that is not white space, without consuming it.
func (s *scanner) peek() (byte, error) {
	if s.pos < s.end && s.buf[s.pos] > ' ' {
		return s.buf[s.pos], nil
	}
	if err := s.space(); err != nil {
		return 0, err
	}
	if s.pos == s.end {
		return 0, s.ended()
	}
	return s.buf[s.pos], nil
}

// boolean reads true or false.
func (s *scanner) boolean() (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c != 't' && c != 'f' {
		return false, s.fail(WrongType, "must be true or false")
	}
	return c == 't', s.literal(io.Discard)
}

// literal reads true, false or null and writes it to w.
func (s *scanner) literal(w io.Writer) error {
	for _, word := range []string{"null", "true", "false"} {
		if s.buf[s.pos] != word[0] {
			continue
		}
		if !s.have(len(word)) {
			return s.ended()
		}
		if string(s.buf[s.pos:s.pos+len(word)]) != word {
			break
		}
		_, _ = w.Write(s.buf[s.pos : s.pos+len(word)])
		s.pos += len(word)
		return nil
	}
	return s.fail(Malformed, "not a JSON value")
}

// number reads a number. It stands in s.scratch.
func (s *scanner) number() ([]byte, error) {
	if c, err := s.peek(); err != nil {
		return nil, err
	} else if c != '-' && (c < '0' || c > '9') {
		return nil, s.fail(WrongType, "must be a number")
	}
	s.scratch = s.scratch[:0]
	at := s.offset()
	for s.have(1) && numeric(s.buf[s.pos]) {
		if len(s.scratch) == maxNumber {
			return nil, s.failAt(at, Malformed, "a number of more than 512 characters")
		}
		s.scratch = append(s.scratch, s.buf[s.pos])
		s.pos++
	}
	if !validNumber(s.scratch) {
		return nil, s.failAt(at, Malformed, "not a JSON number")
	}
	return s.scratch, nil
}

// MaxTokens is the largest output limit accepted, in tokens. It is far above
// every model's window, and keeps sums of tokens and money in range.
const MaxTokens = 1 << 30

// tokenLimit reads a number of output tokens.
func (s *scanner) tokenLimit() (*int64, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	at := s.offset()
	raw, err := s.number()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return nil, s.failAt(at, WrongType, "must be a whole number")
	}
	if n < 1 || n > MaxTokens {
		return nil, s.failAt(at, OutOfRange, "must be between 1 and "+strconv.Itoa(MaxTokens))
	}
	return &n, nil
}

// value reads any JSON value and writes it to w in its canonical form: no
// white space, the shortest escapes, numbers as they are printed into a
// prompt, keys in the order they came.
func (s *scanner) value(w io.Writer) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch {
	case c == '{':
		return s.freeObject(w)
	case c == '[':
		return s.freeArray(w)
	case c == '"':
		s.pos++
		return s.freeString(w)
	case c == '-' || c >= '0' && c <= '9':
		raw, err := s.number()
		if err != nil {
			return err
		}
		var finite bool
		if s.scratch, finite = appendNumber(raw, raw); !finite {
			if err := s.charge(beyondCost); err != nil {
				return err
			}
		}
		_, _ = w.Write(s.scratch[len(raw):])
		return s.overlong()
	}
	return s.literal(w)
}

// freeObject is value for objects.
func (s *scanner) freeObject(w io.Writer) error {
	if err := s.enter('{', "must be a JSON object"); err != nil {
		return err
	}
	s.mark(w, '{')
	names := s.names.open()
	for n := 0; ; n++ {
		more, err := s.more('}', n)
		if err != nil {
			return err
		}
		if !more {
			s.forget(names)
			s.mark(w, '}')
			return nil
		}
		if n > 0 {
			s.mark(w, ',')
		}
		if err := s.freeMember(w, &names); err != nil {
			return err
		}
	}
}

// freeMember is value for one member of an object.
func (s *scanner) freeMember(w io.Writer, names *nameSet) error {
	key, err := s.key()
	if err != nil {
		return err
	}
	if err := s.remember(key, names); err != nil {
		return err
	}
	s.scratch = append(appendQuoted(s.scratch, key), ':')
	_, _ = w.Write(s.scratch[len(key):])
	return s.value(w)
}

// freeArray is value for arrays.
func (s *scanner) freeArray(w io.Writer) error {
	if err := s.enter('[', "must be a JSON array"); err != nil {
		return err
	}
	s.mark(w, '[')
	for n := 0; ; n++ {
		more, err := s.more(']', n)
		if err != nil {
			return err
		}
		if !more {
			s.mark(w, ']')
			return nil
		}
		if n > 0 {
			s.mark(w, ',')
		}
		s.at(step{index: n})
		if err := s.value(w); err != nil {
			return err
		}
	}
}

// freeString is value for strings.
func (s *scanner) freeString(w io.Writer) error {
	s.mark(w, '"')
	for {
		seg, closed, err := s.segment()
		if err != nil {
			return err
		}
		if len(seg) == 1 {
			// Only what an escape stood for can need one again, and what an
			// escape stands for comes alone.
			if escape, ok := escaped(seg[0]); ok {
				s.scratch = append(s.scratch[:0], escape...)
				seg = s.scratch
			}
		}
		_, _ = w.Write(seg)
		if closed {
			s.mark(w, '"')
			return nil
		}
	}
}

// mark writes one byte.
func (s *scanner) mark(w io.Writer, c byte) {
	s.one[0] = c
	_, _ = w.Write(s.one[:])
}
