package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error says why a body can not be translated. Its text holds nothing of the
// body: names in it are those of the API.
type Error struct {
	Pointer string // RFC 6901, of the value that is wrong; empty for the whole body
	Detail  string // what is wrong and what to do, for a person
}

// Error returns the detail with its place.
func (e *Error) Error() string {
	if e.Pointer == "" {
		return e.Detail
	}
	return e.Pointer + ": " + e.Detail
}

// fail returns an error at a pointer.
func fail(at, format string, args ...any) error {
	return &Error{Pointer: at, Detail: fmt.Sprintf(format, args...)}
}

// value is a JSON value as it stands in a body that was checked, without the
// white space around it.
type value []byte

// parse checks that a body is one JSON object in UTF-8.
func parse(body []byte) (value, error) {
	if !utf8.Valid(body) {
		return nil, fail("", "the body is not UTF-8")
	}
	if !json.Valid(body) {
		return nil, fail("", "the body is not JSON; send one JSON object")
	}
	v := value(bytes.TrimSpace(body))
	if !v.isObject() {
		return nil, fail("", "the body must be a JSON object")
	}
	return v, nil
}

func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }
func (v value) isArray() bool  { return len(v) > 0 && v[0] == '[' }
func (v value) isText() bool   { return len(v) > 0 && v[0] == '"' }

// absent reports whether the member is not there, or null.
func (v value) absent() bool { return len(v) == 0 || v[0] == 'n' }

// inside is a text without its quotes, with its escapes.
func (v value) inside() []byte { return v[1 : len(v)-1] }

// text returns what a text says, for the words of an API; empty for what is no
// text.
func (v value) text() string {
	if !v.isText() {
		return ""
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return "" // unreachable: it was checked
	}
	return s
}

// end returns the index behind the value that starts at v[i].
func (v value) end(i int) int {
	for depth := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			for i++; v[i] != '"'; i++ {
				if v[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\t', '\n', '\r':
			continue
		default: // a number or a word
			for i+1 < len(v) && strings.IndexByte(",]} \t\n\r", v[i+1]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(v)
}

// next returns the index of the next byte that is neither white space nor a
// separator.
func (v value) next(i int) int {
	for i < len(v) && strings.IndexByte(" \t\n\r,:", v[i]) >= 0 {
		i++
	}
	return i
}

// Bounds of what a hostile body can make of itself in memory. No object of
// either API has half as many members, and the counter takes no more messages,
// parts and the like than that.
const (
	maxMembers = 128

	// MaxElements is how many messages, items, blocks and tools a body may have
	// in all.
	MaxElements = 1 << 16

	// ElementSize is about what each of them takes up while it is translated, in
	// bytes.
	ElementSize = 256
)

// each opens every element of an array of objects below o, in order.
func (o *object) each(v value, at string, do func(*object) error) error {
	if !v.isArray() {
		return fail(at, "must be an array")
	}
	n := 0
	for i := v.next(1); v[i] != ']'; i = v.next(i) {
		if *o.elements++; *o.elements > MaxElements {
			return fail("", "more than %d messages, blocks and tools in all; send fewer", MaxElements)
		}
		end := v.end(i)
		e, err := open(v[i:end], at+"/"+strconv.Itoa(n))
		if err != nil {
			return err
		}
		e.elements = o.elements
		if err := do(e); err != nil {
			return err
		}
		i, n = end, n+1
	}
	return nil
}

// object is the members of a JSON object, and where it stands.
type object struct {
	at       string
	names    []string
	members  []value
	elements *int // opened so far, of all arrays of the body
}

// open returns the members of an object. A name that is there twice is an
// error: readers differ on which one counts.
func open(v value, at string) (*object, error) {
	if !v.isObject() {
		return nil, fail(at, "must be an object")
	}
	o := &object{at: at, elements: new(int)}
	for i := v.next(1); v[i] != '}'; i = v.next(i) {
		end := v.end(i)
		name := v[i:end].text()
		if slices.Contains(o.names, name) {
			return nil, fail(at, "an object has the same key twice")
		}
		if len(o.names) == maxMembers {
			return nil, fail(at, "an object must have at most %d members", maxMembers)
		}
		i = v.next(end)
		end = v.end(i)
		o.names, o.members = append(o.names, name), append(o.members, v[i:end])
		i = end
	}
	return o, nil
}

// get returns a member, nil if it is not there.
func (o *object) get(name string) value {
	if i := slices.Index(o.names, name); i >= 0 {
		return o.members[i]
	}
	return nil
}

// place is the pointer to a member.
func (o *object) place(name string) string { return o.at + "/" + name }

// wantText returns a member that must be a text.
func (o *object) wantText(name string) (value, error) {
	v := o.get(name)
	if !v.isText() {
		return nil, fail(o.place(name), "must be a string")
	}
	return v, nil
}

// only refuses every member that is neither known, nor passed over, nor null.
// Some have reasons of their own.
func (o *object) only(known, passed []string, reasons map[string]string) error {
	for i, name := range o.names {
		switch reason := reasons[name]; {
		case slices.Contains(known, name), slices.Contains(passed, name), o.members[i].absent():
		case reason != "":
			return fail(o.place(name), "%s", reason)
		default:
			return fail(o.at, "a member has no counterpart in a Kimi request; those that have are %s", strings.Join(known, ", "))
		}
	}
	return nil
}

// mayBeText returns a member that must be a text or absent.
func (o *object) mayBeText(name string) (value, error) {
	v := o.get(name)
	if v.absent() {
		return nil, nil
	}
	return o.wantText(name)
}
