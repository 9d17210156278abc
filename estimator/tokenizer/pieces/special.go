package pieces

import (
	"strconv"
	"strings"
)

// Family is the set of names that a group of models gives to the control
// tokens. The token numbers are the same in all.
type Family uint8

// The families. Their names are the configuration published with the models;
// that of K2Thinking has not been seen, it is taken to be K2 with the two think
// tokens its template writes.
const (
	K2         Family = iota // Kimi K2 Instruct, 0711 and 0905
	K2Thinking               // Kimi K2 Thinking
	K25                      // Kimi K2.5, K2.6 and K2.7
	K3                       // Kimi K3
)

// The numbers of the control tokens: FirstSpecial to LastSpecial. The ordinary
// tokens come before them.
const (
	FirstSpecial = 163584
	LastSpecial  = 163839
)

// Special is a control token found in a text.
type Special struct {
	Start, End int // its bytes in the text
	ID         int
}

type families uint8

const (
	inK2       = families(1 << K2)
	inThinking = families(1 << K2Thinking)
	inK25      = families(1 << K25)
	inK3       = families(1 << K3)
	inAllK2    = inK2 | inThinking | inK25
	inAll      = inAllK2 | inK3
)

// named are the control tokens that have a name of their own. All others are
// called by reservedPrefix, their number and reservedSuffix. The table is never changed.
var named = [...]struct {
	name string
	id   int
	in   families
}{
	{"[BOS]", 163584, inAll},
	{"[EOS]", 163585, inAll},
	{"<|im_end|>", 163586, inAllK2},
	{"<|end_of_msg|>", 163586, inK3},
	{"<|im_user|>", 163587, inAllK2},
	{"<|open|>", 163587, inK3},
	{"<|im_assistant|>", 163588, inAllK2},
	{"<|close|>", 163588, inK3},
	{"<|sep|>", 163589, inK3},
	{"<|start_header_id|>", 163590, inAllK2},
	{"[start_header_id]", 163590, inK3},
	{"<|end_header_id|>", 163591, inAllK2},
	{"[end_header_id]", 163591, inK3},
	{"[EOT]", 163593, inAll},
	{"<|im_system|>", 163594, inAllK2},
	{"<|tool_calls_section_begin|>", 163595, inAllK2},
	{"<|tool_calls_section_end|>", 163596, inAllK2},
	{"<|tool_call_begin|>", 163597, inAllK2},
	{"<|tool_call_argument_begin|>", 163598, inAllK2},
	{"<|tool_call_end|>", 163599, inAllK2},
	{"<|im_middle|>", 163601, inAllK2},
	{"<|media_begin|>", 163602, inK25 | inK3},
	{"<|media_content|>", 163603, inK25 | inK3},
	{"<|media_end|>", 163604, inK25 | inK3},
	{"<|media_pad|>", 163605, inK25 | inK3},
	{"<think>", 163606, inThinking | inK25},
	{"</think>", 163607, inThinking | inK25},
	{"<osagent_mode>", 163649, inK3},
	{"[UNK]", 163838, inAll},
	{"[PAD]", 163839, inAll},
}

const (
	reservedPrefix = "<|reserved_token_"
	reservedSuffix = "|>"
	// reservedLen is the length of such a name; the numbers have six digits.
	reservedLen = len(reservedPrefix) + 6 + len(reservedSuffix)
	// maxName is the length of the longest name of all.
	maxName = len("<|tool_call_argument_begin|>")
)

// Name returns the text of the control token id, or "" if id is not one.
func (f Family) Name(id int) string {
	if id < FirstSpecial || id > LastSpecial {
		return ""
	}
	for i := range named {
		if named[i].id == id && named[i].in&(1<<f) != 0 {
			return named[i].name
		}
	}
	return reservedPrefix + strconv.Itoa(id) + reservedSuffix
}

// ID returns the number of the control token that is called name.
func (f Family) ID(name string) (id int, ok bool) {
	for i := range named {
		if t := &named[i]; len(t.name) == len(name) && t.in&(1<<f) != 0 && t.name == name {
			return t.id, true
		}
	}
	if len(name) != reservedLen || !strings.HasPrefix(name, reservedPrefix) ||
		!strings.HasSuffix(name, reservedSuffix) {
		return 0, false
	}
	id, err := strconv.Atoi(name[len(reservedPrefix) : reservedLen-len(reservedSuffix)])
	if err != nil || id < FirstSpecial || id > LastSpecial || f.hasName(id) {
		return 0, false
	}
	return id, true
}

// hasName reports whether the control token id has a name of its own.
func (f Family) hasName(id int) bool {
	for i := range named {
		if named[i].id == id && named[i].in&(1<<f) != 0 {
			return true
		}
	}
	return false
}

// Find returns the first control token in text at or after byte from. No name
// begins another, so there is never a choice.
func (f Family) Find(text string, from int) (Special, bool) {
	angle, bracket := from-1, from-1
	for {
		if angle < from {
			angle = indexFrom(text, from, '<')
		}
		if bracket < from {
			bracket = indexFrom(text, from, '[')
		}
		at := min(angle, bracket)
		if at == len(text) {
			return Special{}, false
		}
		if end, id := f.at(text, at); end > at {
			return Special{Start: at, End: end, ID: id}, true
		}
		from = at + 1
	}
}

// at returns the end and the number of the control token that begins at i, or
// an end of 0.
func (f Family) at(text string, i int) (end, id int) {
	rest := text[i:min(len(text), i+maxName)]
	if len(rest) < 2 || !mayFollow(rest[0], rest[1]) {
		return 0, 0
	}
	closing := byte('>')
	if rest[0] == '[' {
		closing = ']'
	}
	n := strings.IndexByte(rest, closing)
	if n < 0 {
		return 0, 0
	}
	if id, ok := f.ID(rest[:n+1]); ok {
		return i + n + 1, id
	}
	return 0, 0
}

// mayFollow reports whether any name starts with these two bytes. Code is full
// of brackets; this drops nearly all of them.
func mayFollow(first, second byte) bool {
	if first == '<' {
		switch second {
		case '|', 't', '/', 'o':
			return true
		}
		return false
	}
	switch second {
	case 'B', 'E', 'U', 'P', 's', 'e':
		return true
	}
	return false
}

// indexFrom returns the first place of c in text at or after from, or the
// length of text.
func indexFrom(text string, from int, c byte) int {
	if n := strings.IndexByte(text[from:], c); n >= 0 {
		return from + n
	}
	return len(text)
}
