package chat

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
			err = s.afford(2 * sizeOf[kept]()) // a list doubles
			*members = append(*members, kept{name: name, json: `""`})
		}
		return err
	}
}

// keepOther reads the value of a member of a tool that no table knows.
func (s *scanner) keepOther(members *[]kept, name string) error {
	if err := s.afford(2 * sizeOf[kept]()); err != nil { // a list doubles
		return err
	}
	json, err := s.keepValue()
	*members = append(*members, kept{name: name, json: json})
	return err
}

// function reads a tool's function.
func (s *scanner) function(t *Tool) error {
	if err := s.afford(sizeOf[Function]()); err != nil {
		return err
	}
	t.Function = &Function{}
	return object(s, t.Function, functionTable)
}
