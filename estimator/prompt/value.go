package prompt

import (
	"errors"
	"slices"
	"strings"
)

// value is a JSON value that remembers the order of its keys and how its
// numbers were written, for both show in a prompt.
type value struct {
	kind    kind
	text    string   // of a string, decoded; of a number, as written
	items   []value  // of an array
	members []member // of an object
}

type member struct {
	key   string
	value value
}

type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindInt // a number without fraction and exponent, which Python reads as int
	kindFloat
	kindString
	kindArray
	kindObject
)

// get returns the member of an object under key, or nil. Where a key stands
// twice the last one counts, as in Python.
func (v *value) get(key string) *value {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].key == key {
			return &v.members[i].value
		}
	}
	return nil
}

// truthy is Python's bool(v). An absent value is false.
func (v *value) truthy() bool {
	if v == nil {
		return false
	}
	switch v.kind {
	case kindNull, kindFalse:
		return false
	case kindTrue:
		return true
	case kindInt, kindFloat:
		return !isZero(v.text)
	case kindString:
		return v.text != ""
	case kindArray:
		return len(v.items) > 0
	case kindObject:
		return len(v.members) > 0
	}
	return false
}

// isZero reports whether a JSON number is zero.
func isZero(number string) bool {
	mantissa, _, _ := strings.Cut(strings.ToLower(number), "e")
	return strings.Trim(mantissa, "-0.") == ""
}

// sorted puts the keys of every object in v in order of their code points, and
// returns v.
func (v *value) sorted() *value {
	for i := range v.items {
		v.items[i].sorted()
	}
	for i := range v.members {
		v.members[i].value.sorted()
	}
	slices.SortStableFunc(v.members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	return v
}

// maxDepth is how deep values may nest. A chat request nests less.
const maxDepth = 256

var errJSON = errors.New("not a JSON value")

// parseJSON reads one JSON value.
func parseJSON(text string) (*value, error) {
	r := reader{text: text}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.at != len(r.text) {
		return nil, errJSON
	}
	return &v, nil
}

// reader reads JSON from text, whose position is at. It is lenient in no point
// but numbers, which it takes as they are written.
type reader struct {
	text string
	at   int
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// peek returns the next byte that is not white space, or 0 at the end.
func (r *reader) peek() byte {
	r.space()
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, errJSON
	}
	switch r.peek() {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		s, err := r.string()
		return value{kind: kindString, text: s}, err
	case 'n':
		return r.word("null", kindNull)
	case 't':
		return r.word("true", kindTrue)
	case 'f':
		return r.word("false", kindFalse)
	}
	return r.number()
}

func (r *reader) word(word string, k kind) (value, error) {
	if !strings.HasPrefix(r.text[r.at:], word) {
		return value{}, errJSON
	}
	r.at += len(word)
	return value{kind: k}, nil
}

func (r *reader) number() (value, error) {
	start, k, digits := r.at, kindInt, 0
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case '0' <= c && c <= '9':
			digits++
			continue
		case c == '-':
			continue
		case c == '.' || c == 'e' || c == 'E' || c == '+':
			k = kindFloat
			continue
		}
		break
	}
	if digits == 0 {
		return value{}, errJSON
	}
	return value{kind: k, text: r.text[start:r.at]}, nil
}

func (r *reader) array(depth int) (value, error) {
	v := value{kind: kindArray}
	r.at++ // the bracket
	if r.peek() == ']' {
		r.at++
		return v, nil
	}
	for {
		item, err := r.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.items = append(v.items, item)
		if done, err := r.next(']'); done || err != nil {
			return v, err
		}
	}
}

func (r *reader) object(depth int) (value, error) {
	v := value{kind: kindObject}
	r.at++ // the brace
	if r.peek() == '}' {
		r.at++
		return v, nil
	}
	for {
		m, err := r.member(depth)
		if err != nil {
			return value{}, err
		}
		v.members = append(v.members, m)
		if done, err := r.next('}'); done || err != nil {
			return v, err
		}
	}
}

func (r *reader) member(depth int) (member, error) {
	if r.peek() != '"' {
		return member{}, errJSON
	}
	key, err := r.string()
	if err != nil {
		return member{}, err
	}
	if r.peek() != ':' {
		return member{}, errJSON
	}
	r.at++
	v, err := r.value(depth + 1)
	return member{key: key, value: v}, err
}

// next reads the comma before another item, or the end of the list.
func (r *reader) next(end byte) (done bool, err error) {
	switch r.peek() {
	case end:
		r.at++
		return true, nil
	case ',':
		r.at++
		return false, nil
	}
	return false, errJSON
}

// remove takes the member under key out of an object.
func (v *value) remove(key string) {
	v.members = slices.DeleteFunc(v.members, func(m member) bool { return m.key == key })
}

// last puts the member under key behind the others.
func (v *value) last(key string) {
	if m := v.get(key); m != nil {
		m := member{key: key, value: *m}
		v.remove(key)
		v.members = append(v.members, m)
	}
}
