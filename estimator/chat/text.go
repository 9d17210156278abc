package chat

import (
	"unicode/utf16"
	"unicode/utf8"
)

// segment returns the next stretch of the string at hand, unescaped, and
// whether the string ended behind it. The opening quote was consumed. The
// stretch is valid until the next call.
func (s *scanner) segment() (seg []byte, closed bool, err error) {
	for {
		w := s.buf[s.pos:s.end]
		n, ascii := plain(w)
		if n == len(w) && !ascii {
			n = completeRunes(w)
		}
		if n > 0 {
			seg = w[:n]
			if !ascii && !utf8.Valid(seg) {
				return nil, false, s.failAt(s.offset()+int64(invalidAt(seg)), Malformed, "not valid UTF-8")
			}
			s.pos += n
			if s.pos < s.end && s.buf[s.pos] == '"' {
				s.pos++
				closed = true
			}
			return seg, closed, nil
		}
		if len(w) == 0 || w[0] >= utf8.RuneSelf {
			if err := s.continued(w); err != nil {
				return nil, false, err
			}
			continue
		}
		return s.special(w[0])
	}
}

// continued reads on inside a string whose unread bytes are none, or the start
// of a UTF-8 sequence.
func (s *scanner) continued(unread []byte) error {
	partial := len(unread) > 0
	if s.fill() {
		return nil
	}
	if partial && s.broken() == nil {
		return s.fail(Malformed, "not valid UTF-8")
	}
	return s.ended()
}

// special handles a byte that is not plain: the closing quote, an escape, or
// a control character.
func (s *scanner) special(c byte) (seg []byte, closed bool, err error) {
	switch c {
	case '"':
		s.pos++
		return nil, true, nil
	case '\\':
		seg, err = s.escape()
		return seg, false, err
	}
	return nil, false, s.fail(Malformed, "a control character in a string must be escaped")
}

const (
	escapes   = `"\/bfnrt`
	unescaped = "\"\\/\b\f\n\r\t"
)

// meanings are what the escapes of one letter stand for; 0 is none.
var meanings = func() (table [256]byte) {
	for i := range len(escapes) {
		table[escapes[i]] = unescaped[i]
	}
	return table
}()

// escape consumes an escape sequence and returns what it stands for.
func (s *scanner) escape() ([]byte, error) {
	if !s.have(2) {
		return nil, s.ended()
	}
	c := s.buf[s.pos+1]
	if c == 'u' {
		return s.unicodeEscape()
	}
	meaning := meanings[c]
	if meaning == 0 {
		return nil, s.fail(Malformed, "an escape that JSON does not know")
	}
	s.pos += 2
	s.rune = append(s.rune[:0], meaning)
	return s.rune, nil
}

// unicodeEscape consumes \uXXXX, or two of them for a surrogate pair.
func (s *scanner) unicodeEscape() ([]byte, error) {
	r, err := s.hex4(0)
	if err != nil {
		return nil, err
	}
	size := 6
	if utf16.IsSurrogate(r) {
		// A surrogate without its other half has no UTF-8 form. Readers
		// replace it, drop it or refuse it, so it has no one count.
		low, err := s.hex4(6)
		if err != nil {
			return nil, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return nil, s.fail(Malformed, "a surrogate escape without its other half")
		}
		size = 12
	}
	s.pos += size
	s.rune = utf8.AppendRune(s.rune[:0], r)
	return s.rune, nil
}

// hex4 returns the value of a \uXXXX that stands at an offset from the next
// byte. Nothing is consumed. What is not such an escape has the value 0 when
// at is not 0, so that it is no low surrogate.
func (s *scanner) hex4(at int) (rune, error) {
	if !s.have(at + 6) {
		return 0, s.ended()
	}
	b := s.buf[s.pos+at:]
	if b[0] != '\\' || b[1] != 'u' {
		return 0, nil
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, s.fail(Malformed, "want four hexadecimal digits behind \\u")
		}
		r = r<<4 | rune(c)
	}
	return r, nil
}

// quote consumes the quote that opens a string.
func (s *scanner) quote() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != '"' {
		return s.fail(WrongType, "must be a string")
	}
	s.pos++
	return nil
}
