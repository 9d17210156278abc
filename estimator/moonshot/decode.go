package moonshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"
)

const (
	// maxReply is the longest answer that is read, in bytes. The documented one
	// has 29.
	maxReply = 64 << 10
	// maxTotal is the largest count that is believed: a hundred times the
	// longest context window the vendor has offered, 1,048,576 tokens, in round
	// figures, and more than a body of 100 MB can be.
	maxTotal = 1 << 27
)

// The ways in which an answer is none. They are sentences for a person and say
// nothing of what the answer held.
var (
	errNotJSON    = errors.New("its answer is not JSON; check the base URL")
	errShape      = errors.New("its answer is not the documented object; check the base URL")
	errDuplicate  = errors.New("its answer names a member twice")
	errTotal      = errors.New("its answer holds no whole number of tokens in data.total_tokens")
	errHuge       = errors.New("its answer is far larger than a count; check the base URL")
	errTooFew     = errors.New("its answer counts fewer tokens than there are messages")
	errCompressed = errors.New("its answer is compressed, which was not asked for")
	errVendor     = errors.New("its answer holds an error beside a success status")
)

// decodeTotal reads {"data":{"total_tokens":N}} and returns N.
//
// Both levels are required, as the vendor documents them: a total at the top
// level would be another server's answer. Members that are not known are let
// be; a member named twice, an error, a number that is not a plain integer
// between 0 and maxTotal, and anything after the object are not.
func decodeTotal(reply []byte) (int64, error) {
	if !utf8.Valid(reply) || !json.Valid(reply) {
		return 0, errNotJSON
	}
	top := map[string]json.RawMessage{}
	if err := members(reply, top); err != nil {
		return 0, err
	}
	if _, ok := top["error"]; ok {
		return 0, errVendor
	}
	data, ok := top["data"]
	if !ok {
		return 0, errShape
	}
	inner := map[string]json.RawMessage{}
	if err := members(data, inner); err != nil {
		return 0, err
	}
	return total(inner["total_tokens"])
}

// members puts those of a JSON object, which is known to be JSON, into m, a map
// that its caller keeps on his stack. Its names are case-sensitive, unlike those of
// json.Unmarshal, which would also take the last of two that are the same. A
// [json.Decoder] would see them, at ten times what this takes.
func members(raw []byte, m map[string]json.RawMessage) error {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(raw, space), []byte("{"))
	if !ok {
		return errShape
	}
	for rest = bytes.TrimLeft(rest, space+","); rest[0] != '}'; rest = bytes.TrimLeft(rest, space+",") {
		end := stringEnd(rest)
		name, err := unquote(rest[:end])
		if err != nil {
			return err
		}
		if _, seen := m[name]; seen {
			return errDuplicate
		}
		rest = bytes.TrimLeft(rest[end:], space+":")
		end = valueEnd(rest)
		m[name], rest = rest[:end], rest[end:]
	}
	return nil
}

// space is what may stand between the tokens of JSON.
const space = " \t\r\n"

// unquote returns the text of a JSON string.
func unquote(quoted []byte) (string, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return "", errNotJSON
	}
	return s, nil
}

// stringEnd is where the string ends that JSON begins with.
func stringEnd(raw []byte) int {
	for i := 1; ; i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// valueEnd is where the value ends that JSON begins with, which is that of a
// member.
func valueEnd(raw []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch raw[i] {
		case '"':
			i += stringEnd(raw[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
}

// total reads a plain integer: no sign, fraction, exponent or quotes.
func total(raw json.RawMessage) (int64, error) {
	if len(raw) == 0 || len(raw) > 10 {
		return 0, errTotal
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, errTotal
		}
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n > maxTotal {
		return 0, errTotal
	}
	return n, nil
}
