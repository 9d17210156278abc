package chat

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxPointerKey bounds, in bytes, what an error repeats of a key.
const maxPointerKey = 64

// What a step is, when its index says that it is not one.
const (
	isKey   = -1
	noIndex = -2 // between two members or elements
)

// step is an element of a JSON pointer: an index, or a key, which is either a
// known one or a stretch of names.text.
type step struct {
	key      string
	index    int
	from, to int
}

// pointerEscapes are the escapes of RFC 6901, section 3.
var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer writes the current path as a JSON pointer (RFC 6901). Long keys are
// cut.
func (s *scanner) pointer() string {
	var b strings.Builder
	for _, st := range s.path {
		if st.index == noIndex {
			break
		}
		b.WriteByte('/')
		switch {
		case st.index >= 0:
			b.WriteString(strconv.Itoa(st.index))
		case st.to > 0:
			b.WriteString(pointerEscapes.Replace(cut(string(s.names.text[st.from:st.to]))))
		default:
			b.WriteString(st.key)
		}
	}
	return b.String()
}

// cut shortens a long key to whole runes.
func cut(key string) string {
	if len(key) <= maxPointerKey {
		return key
	}
	end := maxPointerKey
	for !utf8.RuneStart(key[end]) {
		end--
	}
	return key[:end] + "…"
}
