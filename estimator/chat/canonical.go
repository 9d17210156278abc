package chat

import (
	"bytes"
	"math"
	"strconv"
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

// appendNumber appends a valid number as Python prints it, which is what
// reaches a prompt: whole numbers as they are, and everything with a point or
// an exponent as the shortest float64 that reads back the same. 1.0 and 1.00
// are the same number then, and 1 is another one. It returns false for a number
// beyond float64: readers make an infinity of it, and as it is written it stays
// apart from every number that they can tell.
func appendNumber(b, raw []byte) (number []byte, finite bool) {
	if !bytes.ContainsAny(raw, ".eE") {
		if string(raw) == "-0" {
			return append(b, '0'), true
		}
		return append(b, raw...), true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err == nil {
		return appendFloat(b, f), true
	}
	for _, c := range raw {
		if c == 'E' {
			c = 'e'
		}
		b = append(b, c)
	}
	return b, false
}

// appendFloat appends f in the notation of Python's repr: an exponent for
// less than 1e-4 and from 1e16 on, else digits with at least one decimal.
func appendFloat(b []byte, f float64) []byte {
	had := len(b)
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if bytes.IndexByte(b[had:], '.') < 0 {
		b = append(b, ".0"...)
	}
	return b
}
