package moonshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
	if !utf8.Valid(reply) {
		return 0, errNotJSON
	}
	top, err := members(reply)
	if err != nil {
		return 0, err
	}
	if _, ok := top["error"]; ok {
		return 0, errVendor
	}
	data, ok := top["data"]
	if !ok {
		return 0, errShape
	}
	inner, err := members(data)
	if err != nil {
		return 0, err
	}
	return total(inner["total_tokens"])
}

// members splits a JSON object. Its names are case-sensitive, unlike those of
// json.Unmarshal.
func members(raw []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	switch t, err := dec.Token(); {
	case err != nil:
		return nil, errNotJSON
	case t != json.Delim('{'):
		return nil, errShape
	}
	m := map[string]json.RawMessage{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, errNotJSON
		}
		if _, seen := m[name]; seen {
			return nil, errDuplicate
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, errNotJSON
		}
		m[name] = value
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, errNotJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return m, nil
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
