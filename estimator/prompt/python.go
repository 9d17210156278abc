package prompt

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// style is how Python's json.dumps writes, always with ensure_ascii=False.
type style struct {
	comma, colon string
}

const hexDigits = "0123456789abcdef"

// compactJSON is separators=(",", ":").
func compactJSON() style { return style{",", ":"} }

// spacedJSON is json.dumps without separators, and Jinja's tojson filter as
// chat templates have it.
func spacedJSON() style { return style{", ", ": "} }

// append writes v as JSON.
func (s style) append(b []byte, v *value) []byte {
	switch v.kind {
	case kindNull:
		return append(b, "null"...)
	case kindFalse:
		return append(b, "false"...)
	case kindTrue:
		return append(b, "true"...)
	case kindInt:
		return append(b, pyInt(v.text)...)
	case kindFloat:
		return append(b, jsonFloat(v.text)...)
	case kindString:
		return appendJSONString(b, v.text)
	case kindArray:
		return s.array(b, v)
	case kindObject:
		return s.object(b, v)
	}
	return b
}

func (s style) array(b []byte, v *value) []byte {
	b = append(b, '[')
	for i := range v.items {
		if i > 0 {
			b = append(b, s.comma...)
		}
		b = s.append(b, &v.items[i])
	}
	return append(b, ']')
}

func (s style) object(b []byte, v *value) []byte {
	b = append(b, '{')
	for i := range v.members {
		if i > 0 {
			b = append(b, s.comma...)
		}
		b = appendJSONString(b, v.members[i].key)
		b = append(b, s.colon...)
		b = s.append(b, &v.members[i].value)
	}
	return append(b, '}')
}

// appendJSONString writes s as json.dumps with ensure_ascii=False does: only
// quotes, backslashes and the control characters below U+0020 are escaped.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			b = append(b, '\\', `"\bfnrt`[at])
		} else {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// pyStr is Python's str of a value that json.loads made.
func pyStr(v *value) string {
	if v.kind == kindString {
		return v.text
	}
	return string(appendRepr(nil, v))
}

// appendRepr writes Python's repr of a value that json.loads made.
func appendRepr(b []byte, v *value) []byte {
	switch v.kind {
	case kindNull:
		return append(b, "None"...)
	case kindFalse:
		return append(b, "False"...)
	case kindTrue:
		return append(b, "True"...)
	case kindInt:
		return append(b, pyInt(v.text)...)
	case kindFloat:
		return append(b, pyFloat(v.text)...)
	case kindString:
		return appendStringRepr(b, v.text)
	case kindArray:
		return appendListRepr(b, v.items)
	case kindObject:
		return appendDictRepr(b, v.members)
	}
	return b
}

func appendListRepr(b []byte, items []value) []byte {
	b = append(b, '[')
	for i := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendRepr(b, &items[i])
	}
	return append(b, ']')
}

func appendDictRepr(b []byte, members []member) []byte {
	b = append(b, '{')
	for i := range members {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendStringRepr(b, members[i].key)
		b = append(b, ": "...)
		b = appendRepr(b, &members[i].value)
	}
	return append(b, '}')
}

// appendStringRepr writes Python's repr of a string: in single quotes, unless
// it holds some and no double quotes.
func appendStringRepr(b []byte, s string) []byte {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b = utf8.AppendRune(b, quote)
	for _, c := range s {
		switch {
		case c == quote || c == '\\':
			b = utf8.AppendRune(append(b, '\\'), c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case strconv.IsPrint(c):
			b = utf8.AppendRune(b, c)
		default:
			b = appendEscape(b, c)
		}
	}
	return utf8.AppendRune(b, quote)
}

// appendEscape writes c as \xHH, \uHHHH or \UHHHHHHHH, the shortest that fits.
func appendEscape(b []byte, c rune) []byte {
	letter, digits := byte('x'), 2
	switch {
	case c > math.MaxUint16:
		letter, digits = 'U', 8
	case c > math.MaxUint8:
		letter, digits = 'u', 4
	}
	b = append(b, '\\', letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigits[c>>shift&15])
	}
	return b
}

// pyInt is how Python prints an int that was written as number.
func pyInt(number string) string {
	if number == "-0" {
		return "0"
	}
	return number
}

// pyFloat is Python's repr of a float that was written as number: the shortest
// digits that give the float back, with an exponent below 1e-4 and from 1e16.
func pyFloat(number string) string {
	f, err := strconv.ParseFloat(number, 64)
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case err != nil:
		return number
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// jsonFloat is how json.dumps writes a float.
func jsonFloat(number string) string {
	switch text := pyFloat(number); text {
	case "inf":
		return "Infinity"
	case "-inf":
		return "-Infinity"
	default:
		return text
	}
}
