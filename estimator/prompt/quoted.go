package prompt

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a JSON string. A string without escapes is not copied.
func (r *reader) string() (string, error) {
	r.at++ // the quote
	start := r.at
	for i := start; i < len(r.text); i++ {
		switch r.text[i] {
		case '"':
			r.at = i + 1
			return r.text[start:i], nil
		case '\\':
			return r.escaped(start, i)
		}
	}
	return "", errJSON
}

// escaped reads the rest of a string that began at start and has its first
// backslash at i.
func (r *reader) escaped(start, i int) (string, error) {
	buf := make([]byte, 0, 2*(i-start)+16)
	buf = append(buf, r.text[start:i]...)
	for r.at = i; r.at < len(r.text); {
		switch c := r.text[r.at]; c {
		case '"':
			r.at++
			return string(buf), nil
		case '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			buf = utf8.AppendRune(buf, char)
		default:
			buf = append(buf, c)
			r.at++
		}
	}
	return "", errJSON
}

// escape reads one escape, or two that are the halves of a surrogate pair. Half
// a pair is U+FFFD.
func (r *reader) escape() (rune, error) {
	if r.at+1 >= len(r.text) {
		return 0, errJSON
	}
	c := r.text[r.at+1]
	if c == 'u' {
		return r.unicode()
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		return 0, errJSON
	}
	r.at += 2
	return rune("\"\\/\b\f\n\r\t"[i]), nil
}

func (r *reader) unicode() (rune, error) {
	high, err := r.hex()
	if err != nil || !utf16.IsSurrogate(high) {
		return high, err
	}
	back := r.at
	if strings.HasPrefix(r.text[r.at:], `\u`) {
		low, err := r.hex()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(high, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	r.at = back
	return utf8.RuneError, nil
}

// hex reads an escape of four hexadecimal digits.
func (r *reader) hex() (rune, error) {
	const length = len(`\uXXXX`)
	if r.at+length > len(r.text) {
		return 0, errJSON
	}
	n, err := strconv.ParseUint(r.text[r.at+2:r.at+length], 16, 16)
	if err != nil {
		return 0, errJSON
	}
	r.at += length
	return rune(n), nil
}
