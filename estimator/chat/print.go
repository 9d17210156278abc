package chat

import (
	"cmp"
	"slices"
	"strings"
)

// controls are the escapes of the characters below the space that have no
// shorter one, six bytes each.
const controls = `\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f` +
	`\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f`

// shortEscapes are the others, two bytes each, in the order of unescaped.
const shortEscapes = `\"\\\/\b\f\n\r\t`

// escaped returns c as it stands inside a JSON string, if it can not stand for
// itself.
func escaped(c byte) (escape string, ok bool) {
	if c >= 0x20 && c != '"' && c != '\\' {
		return "", false
	}
	if i := strings.IndexByte(unescaped, c); i >= 0 {
		return shortEscapes[2*i : 2*i+2], true
	}
	return controls[6*int(c) : 6*int(c)+6], true
}

// appendQuoted appends text as a JSON string.
func appendQuoted[T string | []byte](b []byte, text T) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(text) {
		if escape, ok := escaped(text[i]); ok {
			b = append(append(b, text[from:i]...), escape...)
			from = i + 1
		}
	}
	return append(append(b, text[from:]...), '"')
}

// printTools writes the JSON of every tool.
func (s *scanner) printTools(tools []Tool) {
	var size printer
	for i := range tools {
		tools[i].sort()
		tools[i].print(&size)
	}
	s.begin()
	if len(tools) == 0 || s.room.Cap()-s.room.Len() < size.size && !s.makeTextRoom(size.size) {
		return
	}
	for i := range tools {
		s.begin()
		tools[i].print(&printer{to: s})
		tools[i].JSON = s.textSoFar()
	}
}

// printer writes JSON to what is kept, or only says how long it is.
type printer struct {
	to    *scanner // nil: nowhere
	size  int
	first bool // the next member is the first of its object
}

// put writes text as it is.
func (p *printer) put(text string) {
	p.size += len(text)
	if p.to != nil {
		p.to.keepString(text)
	}
}

// open begins an object.
func (p *printer) open() {
	p.put("{")
	p.first = true
}

// key writes a key, with a comma before it unless it is the first.
func (p *printer) key(name string) {
	if !p.first {
		p.put(",")
	}
	p.first = false
	p.quote(name)
	p.put(":")
}

// quote writes text as a JSON string.
func (p *printer) quote(text string) {
	p.put(`"`)
	from := 0
	for i := range len(text) {
		if escape, ok := escaped(text[i]); ok {
			p.put(text[from:i])
			p.put(escape)
			from = i + 1
		}
	}
	p.put(text[from:])
	p.put(`"`)
}

// text writes a member with a string, unless it is empty.
func (p *printer) text(name, value string) {
	if value != "" {
		p.key(name)
		p.quote(value)
	}
}

// kept writes members that were kept as they are.
func (p *printer) kept(members []kept) {
	for i := range members {
		p.key(members[i].name)
		p.put(members[i].json)
	}
}

// sort puts the members that no table knows in the order of their names.
func (t *Tool) sort() {
	byName := func(x, y kept) int { return cmp.Compare(x.name, y.name) }
	slices.SortFunc(t.members, byName)
	if t.Function != nil {
		slices.SortFunc(t.Function.members, byName)
	}
}

// print writes the tool as compact JSON with its own keys in a fixed order: the
// usual ones first, then the others by name.
func (t *Tool) print(p *printer) {
	p.open()
	p.text("type", t.Type)
	if t.Function != nil {
		p.key("function")
		p.open()
		p.text("name", t.Function.Name)
		p.text("description", t.Function.Description)
		if t.Function.Parameters != "" {
			p.key("parameters")
			p.put(t.Function.Parameters)
		}
		p.kept(t.Function.members)
		p.put("}")
		p.first = false
	}
	p.kept(t.members)
	p.put("}")
}
