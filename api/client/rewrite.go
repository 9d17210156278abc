package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
)

// errNoObject means that a request is no JSON object.
var errNoObject = errors.New("the request is no JSON object")

// span is where a value stands in a text.
type span struct{ from, to int }

// withMaxOutput returns a chat request whose output is limited to so many
// tokens: the values of max_completion_tokens and of the older max_tokens are
// replaced where they are larger, and nothing else is touched. Where there is
// neither, max_completion_tokens is put in front.
func withMaxOutput(body []byte, tokens int64) ([]byte, error) {
	open, found, err := members(body, "max_completion_tokens", "max_tokens")
	if err != nil {
		return nil, err
	}
	number := strconv.AppendInt(nil, tokens, 10)
	if len(found) == 0 {
		first := append([]byte(`"max_completion_tokens":`), number...)
		if rest := bytes.TrimLeft(body[open:], " \t\r\n"); len(rest) > 0 && rest[0] != '}' {
			first = append(first, ',')
		}
		return slices.Insert(slices.Clone(body), open, first...), nil
	}
	out := slices.Clone(body)
	for _, at := range slices.Backward(found) {
		if n, err := strconv.ParseFloat(string(body[at.from:at.to]), 64); err == nil && n <= float64(tokens) {
			continue
		}
		out = slices.Replace(out, at.from, at.to, number...)
	}
	return out, nil
}

// members returns where the object in a text begins, behind its brace, and
// where the values of its members of some names stand.
func members(body []byte, names ...string) (open int, found []span, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	brace, err := dec.Token()
	if err != nil || brace != json.Delim('{') {
		return 0, nil, errNoObject
	}
	open = int(dec.InputOffset())
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return 0, nil, errNoObject
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return 0, nil, errNoObject
		}
		if text, ok := name.(string); ok && slices.Contains(names, text) {
			end := int(dec.InputOffset())
			found = append(found, span{end - len(value), end})
		}
	}
	if _, err := dec.Token(); err != nil {
		return 0, nil, errNoObject
	}
	return open, found, nil
}
