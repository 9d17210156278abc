package chat

import (
	"cmp"
	"slices"
)

// kept is a member of a tool or its function that the table does not know, or
// that was null, with its canonical value: tools may be printed whole.
type kept struct {
	name string
	json string
}

// toolTable is an entry of tools.
var toolTable = &table[Tool]{
	fields: []field[Tool]{
		{name: "type", read: printed("type", func(t *Tool) (*string, *[]kept) { return &t.Type, &t.members })},
		{name: "function", read: (*scanner).function},
	},
	other: func(s *scanner, t *Tool, name string) error { return s.keepOther(&t.members, name) },
}

// functionTable is the function of a tool.
var functionTable = &table[Function]{
	fields: []field[Function]{
		{name: "name", read: printed("name", func(f *Function) (*string, *[]kept) { return &f.Name, &f.members })},
		{name: "description", read: printed("description",
			func(f *Function) (*string, *[]kept) { return &f.Description, &f.members })},
		{name: "parameters", read: func(s *scanner, f *Function) (err error) {
			f.Parameters, err = s.keepValue()
			return err
		}},
	},
	other: func(s *scanner, f *Function, name string) error { return s.keepOther(&f.members, name) },
}

// printed returns a read function for a member of a tool that is a string. An
// empty one is kept apart from none: where tools are printed whole it shows.
func printed[T any](name string, at func(*T) (*string, *[]kept)) func(*scanner, *T) error {
	return func(s *scanner, t *T) error {
		dst, members := at(t)
		var err error
		if *dst, err = s.stringValue(); err == nil && *dst == "" {
			*members = append(*members, kept{name: name, json: `""`})
		}
		return err
	}
}

// keepOther reads the value of a member of a tool that no table knows.
func (s *scanner) keepOther(members *[]kept, name string) error {
	json, err := s.keepValue()
	*members = append(*members, kept{name: name, json: json})
	return err
}

// function reads a tool's function.
func (s *scanner) function(t *Tool) error {
	t.Function = &Function{}
	return object(s, t.Function, functionTable)
}

// printTools writes the JSON of every tool.
func (s *scanner) printTools(tools []Tool) {
	for i := range tools {
		start := s.text.Len()
		s.scratch = tools[i].append(s.scratch[:0])
		s.keepText(s.scratch)
		tools[i].JSON = s.text.String()[start:]
	}
}

// append appends the tool as compact JSON with its own keys in a fixed order:
// the usual ones first, then the others by name.
func (t *Tool) append(b []byte) []byte {
	b = append(b, '{')
	b = appendText(b, "type", t.Type)
	if t.Function != nil {
		b = appendKey(b, "function")
		b = append(b, '{')
		b = appendText(b, "name", t.Function.Name)
		b = appendText(b, "description", t.Function.Description)
		if t.Function.Parameters != "" {
			b = append(appendKey(b, "parameters"), t.Function.Parameters...)
		}
		b = append(appendKept(b, t.Function.members), '}')
	}
	return append(appendKept(b, t.members), '}')
}

// appendText appends a member with a string, unless it is empty.
func appendText(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendQuoted(appendKey(b, name), value)
}

// appendKept appends members by name.
func appendKept(b []byte, members []kept) []byte {
	slices.SortFunc(members, func(x, y kept) int { return cmp.Compare(x.name, y.name) })
	for _, m := range members {
		b = append(appendKey(b, m.name), m.json...)
	}
	return b
}

// appendKey appends a key, with a comma before it unless it is the first.
func appendKey(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendQuoted(b, name), ':')
}
