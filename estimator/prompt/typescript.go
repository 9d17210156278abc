package prompt

import (
	"slices"
	"strings"
)

// The declaration indents by two spaces, and calls the root of a schema that
// refers to itself "parameters".
const (
	indentStep = "  "
	rootName   = "parameters"
)

// typeScript declares tools as the K2.5 tokenizer does. The text is empty when
// no tool is a function, and an error means that a schema has no such form.
func typeScript(tools []value) (string, error) {
	var b strings.Builder
	for i := range tools {
		function := tools[i].get("function")
		if t := tools[i].get("type"); t == nil || t.kind != kindString || t.text != typeFunction || !function.truthy() {
			continue
		}
		if function.kind != kindObject {
			return "", errSchema
		}
		if b.Len() == 0 {
			b.WriteString("# Tools\n\n## functions\nnamespace functions {\n")
		}
		if err := declareFunction(&b, function); err != nil {
			return "", err
		}
	}
	if b.Len() > 0 {
		b.WriteString("}\n")
	}
	return b.String(), nil
}

// declareFunction writes the interfaces, the comment and the type of a
// function, each with its newline.
func declareFunction(b *strings.Builder, function *value) error {
	var s schemas
	root := typ{form: object}
	if parameters := function.get("parameters"); parameters.truthy() {
		if parameters.kind != kindObject {
			return errSchema
		}
		var err error
		if root, err = s.object(parameters); err != nil {
			return err
		}
	}
	selfRef := s.selfRef // of the parameters; what the definitions say comes too late
	if selfRef {
		declareRoot(b, root.fields)
	}
	if err := s.declare(b); err != nil {
		return err
	}
	comment, err := description(function)
	if err != nil {
		return err
	}
	writeComment(b, comment, "")
	name := "function"
	if n := function.get("name"); n != nil {
		name = pyStr(n)
	}
	b.WriteString("type " + name + " = (_: ")
	if selfRef {
		b.WriteString(rootName)
	} else {
		root.write(b, "")
	}
	b.WriteString(") => any;\n")
	return nil
}

// declareRoot writes the parameters as an interface, in declaration order.
func declareRoot(b *strings.Builder, fields []field) {
	b.WriteString("interface " + rootName + " {")
	for i := range fields {
		b.WriteString(separator(i))
		fields[i].write(b, indentStep)
	}
	if len(fields) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
}

// declare writes the definitions as interfaces. Definitions that only turn up
// in a definition are not declared.
func (s *schemas) declare(b *strings.Builder) error {
	names := slices.Clone(s.order)
	defs := make([]*value, len(names))
	for i, name := range names {
		defs[i] = s.defs[name] // reading one may put another in its place
	}
	for i, def := range defs {
		t, err := s.read(def)
		if err != nil || def.kind != kindObject {
			return errSchema
		}
		comment, err := description(def)
		if err != nil {
			return err
		}
		writeComment(b, comment, "")
		b.WriteString("interface " + names[i] + " ")
		t.write(b, "")
		b.WriteByte('\n')
	}
	return nil
}

// separator stands before the i-th line of a block.
func separator(i int) string {
	if i == 0 {
		return "\n"
	}
	return ",\n"
}

// writeComment writes each line of text as a comment. An empty line stays
// empty; an empty text is no comment.
func writeComment(b *strings.Builder, text, indent string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			b.WriteString(indent + "// " + line)
		}
		b.WriteByte('\n')
	}
}

// hasDoc reports whether the type is preceded by comments.
func (t *typ) hasDoc() bool { return t.description != "" || len(t.constraints) > 0 }

func (t *typ) writeDoc(b *strings.Builder, indent string) {
	writeComment(b, t.description, indent)
	if len(t.constraints) > 0 {
		b.WriteString(indent + "// " + strings.Join(t.constraints, ", ") + "\n")
	}
}

func (f *field) write(b *strings.Builder, indent string) {
	f.typ.writeDoc(b, indent)
	if f.byDefault != "" {
		b.WriteString(indent + "// Default: " + f.byDefault + "\n")
	}
	b.WriteString(indent + f.name)
	if f.optional {
		b.WriteByte('?')
	}
	b.WriteString(": ")
	f.typ.write(b, indent)
}

// write writes the type. Its first line is not indented, the others are.
func (t *typ) write(b *strings.Builder, indent string) {
	switch t.form {
	case leaf:
		b.WriteString(t.text)
	case union:
		for i := range t.of {
			if i > 0 {
				b.WriteString(" | ")
			}
			t.of[i].write(b, indent)
		}
	case array:
		t.writeArray(b, indent)
	case object:
		t.writeObject(b, indent)
	}
}

func (t *typ) writeArray(b *strings.Builder, indent string) {
	item := &t.of[0]
	if !item.hasDoc() {
		b.WriteString("Array<")
		item.write(b, indent)
		b.WriteByte('>')
		return
	}
	b.WriteString("Array<\n")
	item.writeDoc(b, indent+indentStep)
	b.WriteString(indent + indentStep)
	item.write(b, indent+indentStep)
	b.WriteString("\n" + indent + ">")
}

// writeObject writes the required fields, then the optional ones, each group by
// name, then what additional properties are.
func (t *typ) writeObject(b *strings.Builder, indent string) {
	if len(t.fields) == 0 && t.extra == nil {
		b.WriteString("{}")
		return
	}
	fields := slices.Clone(t.fields)
	slices.SortStableFunc(fields, func(x, y field) int {
		if x.optional != y.optional {
			if y.optional {
				return -1
			}
			return 1
		}
		return strings.Compare(x.name, y.name)
	})
	b.WriteByte('{')
	inner := indent + indentStep
	for i := range fields {
		b.WriteString(separator(i))
		fields[i].write(b, inner)
	}
	if t.extra != nil {
		b.WriteString(separator(len(fields)) + inner + "[k: string]: ")
		t.extra.write(b, inner)
	}
	b.WriteString("\n" + indent + "}")
}
