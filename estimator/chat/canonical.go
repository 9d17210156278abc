package chat

import (
	"bytes"
	"strconv"
	"strings"
)

// numeric reports whether c can stand in a number.
func numeric(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// validNumber reports whether b is a number by the grammar of RFC 8259.
func validNumber(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte{'-'})
	whole := digits(b)
	if whole == 0 || whole > 1 && b[0] == '0' {
		return false
	}
	b = b[whole:]
	if len(b) > 0 && b[0] == '.' {
		frac := digits(b[1:])
		if frac == 0 {
			return false
		}
		b = b[1+frac:]
	}
	return len(b) == 0 || validExponent(b)
}

// validExponent reports whether b is the exponent of a number.
func validExponent(b []byte) bool {
	if b[0]|0x20 != 'e' {
		return false
	}
	b = b[1:]
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	return len(b) > 0 && digits(b) == len(b)
}

// digits returns how many digits b starts with.
func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// canonicalNumber returns a valid number as Python prints it, which is what
// reaches a prompt: whole numbers as they are, and everything with a point or
// an exponent as the shortest float64 that reads back the same. 1.0 and 1.00
// are the same number then, and 1 is another one.
func canonicalNumber(raw []byte) []byte {
	if !bytes.ContainsAny(raw, ".eE") {
		if string(raw) == "-0" {
			return []byte{'0'}
		}
		return raw
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		// Beyond float64. Readers make an infinity of it; as written it stays
		// apart from every number that they can tell.
		return bytes.ToLower(raw)
	}
	return appendFloat(nil, f)
}

// appendFloat appends f in the notation of Python's repr: an exponent for
// less than 1e-4 and from 1e16 on, else digits with at least one decimal.
func appendFloat(b []byte, f float64) []byte {
	e := strconv.FormatFloat(f, 'e', -1, 64)
	if exp, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:]); err == nil && (exp < -4 || exp >= 16) {
		return append(b, e...)
	}
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	b = append(b, plain...)
	if !strings.Contains(plain, ".") {
		b = append(b, ".0"...)
	}
	return b
}

const hexDigits = "0123456789abcdef"

// appendEscaped appends c as it stands inside a JSON string.
func appendEscaped(b []byte, c byte) []byte {
	if i := strings.IndexByte(unescaped, c); i >= 0 && c != '/' {
		return append(b, '\\', escapes[i])
	}
	if c < 0x20 {
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(b, c)
}

// appendQuoted appends text as a JSON string.
func appendQuoted[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	for i := range len(text) {
		b = appendEscaped(b, text[i])
	}
	return append(b, '"')
}
