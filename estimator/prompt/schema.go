package prompt

import (
	"errors"
	"strings"
)

// errSchema is the answer for a schema that the reference encoder raises on.
// One of them anywhere makes the whole declaration fall back to JSON.
var errSchema = errors.New("a schema that has no TypeScript form")

// typ is a JSON schema as the declaration prints it.
type typ struct {
	form        form
	description string
	undescribed bool     // the description has no printed form; an error where it is printed
	constraints []string // "name: value", in order of the names
	text        string   // of a leaf
	fields      []field  // of an object, in declaration order
	extra       *typ     // of an object: what additional properties are; nil when not said
	of          []typ    // of an array, its item; of a union, its members
}

type form uint8

const (
	leaf form = iota
	object
	array
	union
)

type field struct {
	name      string
	typ       typ
	optional  bool
	byDefault string // as printed; empty without a default
}

// schemas reads the schemas of one function and remembers the definitions they
// bring.
type schemas struct {
	defs    map[string]*value
	order   []string // names of defs, oldest first
	selfRef bool     // some schema read so far refers to the root
}

// read reads a schema in the place of a type. The order of the tests is the
// reference's: it decides what a schema with several of the keywords is.
func (s *schemas) read(v *value) (typ, error) {
	switch v.kind {
	case kindTrue:
		return typ{text: "any"}, nil
	case kindFalse:
		return typ{text: "null"}, nil
	case kindObject:
	default:
		return typ{}, errSchema
	}
	if ref := v.get("$ref"); ref != nil {
		return s.ref(v, ref)
	}
	if any := v.get("anyOf"); any != nil {
		return s.anyOf(v, any)
	}
	if enum := v.get("enum"); enum != nil {
		return readEnum(v, enum)
	}
	if name := v.get("type"); name != nil {
		return s.typed(v, name)
	}
	if len(v.members) == 0 {
		return typ{text: "any"}, nil
	}
	return typ{}, errSchema
}

// described starts the type of v with its description and those of the
// constraints that v has. The names are in order.
func described(v *value, f form, constraints ...string) typ {
	t := typ{form: f}
	for _, name := range constraints {
		if c := v.get(name); c != nil {
			t.constraints = append(t.constraints, name+": "+pyStr(c))
		}
	}
	var err error
	t.description, err = description(v)
	t.undescribed = err != nil
	return t
}

// commented reads a schema in a place where its comments are printed.
func (s *schemas) commented(v *value) (typ, error) {
	t, err := s.read(v)
	if err == nil && t.undescribed {
		err = errSchema
	}
	return t, err
}

// description is the description of a schema or a function; empty if it is
// absent or anything that Python takes for false.
func description(v *value) (string, error) {
	d := v.get("description")
	if !d.truthy() {
		return "", nil
	}
	if d.kind != kindString {
		return "", errSchema
	}
	return d.text, nil
}

func (s *schemas) typed(v, name *value) (typ, error) {
	if name.kind == kindArray {
		return readTypeList(v, name.items)
	}
	switch n := pyStr(name); n {
	case "object":
		return s.object(v)
	case "array":
		return s.array(v)
	case "string":
		return scalar(v, n, "maxLength", "minLength", "pattern"), nil
	case "number":
		return scalar(v, n, "maximum", "minimum"), nil
	case "integer":
		return scalar(v, "number", "maximum", "minimum"), nil
	default:
		return scalar(v, n), nil
	}
}

func scalar(v *value, text string, constraints ...string) typ {
	t := described(v, leaf, constraints...)
	t.text = text
	return t
}

// readTypeList reads a schema whose type is a list of names.
func readTypeList(v *value, items []value) (typ, error) {
	names := make([]string, 0, len(items))
	for i := range items {
		if items[i].kind != kindString {
			return typ{}, errSchema
		}
		switch name := items[i].text; name {
		case "string", "number", "boolean", "null":
			names = append(names, name)
		case "integer":
			names = append(names, "number")
		case "object":
			names = append(names, "{}")
		case "array":
			names = append(names, "Array<any>")
		default:
			return typ{}, errSchema
		}
	}
	return scalar(v, strings.Join(names, " | ")), nil
}

func (s *schemas) ref(v, ref *value) (typ, error) {
	const prefix = "#/$defs/"
	switch {
	case ref.kind != kindString:
		return typ{}, errSchema
	case ref.text == "#":
		s.selfRef = true
		return scalar(v, rootName), nil
	case !strings.HasPrefix(ref.text, prefix):
		return typ{}, errSchema
	}
	name := ref.text[strings.LastIndexByte(ref.text, '/')+1:]
	if def := s.defs[name]; def == nil || def.kind != kindObject {
		return typ{}, errSchema
	}
	return scalar(v, name), nil
}

func (s *schemas) anyOf(v, list *value) (typ, error) {
	if empty := !list.truthy() && (list.kind == kindString || list.kind == kindObject); list.kind != kindArray && !empty {
		return typ{}, errSchema
	}
	t := described(v, union)
	t.of = make([]typ, len(list.items))
	for i := range list.items {
		var err error
		if t.of[i], err = s.read(&list.items[i]); err != nil {
			return typ{}, err
		}
	}
	return t, nil
}

func (s *schemas) array(v *value) (typ, error) {
	t := described(v, array, "maxItems", "minItems")
	item := typ{text: "any"}
	if items := v.get("items"); items.truthy() {
		var err error
		if item, err = s.commented(items); err != nil {
			return typ{}, err
		}
	}
	t.of = []typ{item}
	return t, nil
}

func (s *schemas) object(v *value) (typ, error) {
	t := described(v, object)
	err := s.define(v.get("$defs"))
	if err != nil {
		return typ{}, err
	}
	if t.extra, err = s.additional(v.get("additionalProperties")); err != nil {
		return typ{}, err
	}
	t.fields, err = s.properties(v)
	return t, err
}

// define remembers definitions. One that comes again takes the place of the
// older.
func (s *schemas) define(defs *value) error {
	if !defs.truthy() {
		return nil
	}
	if defs.kind != kindObject {
		return errSchema
	}
	if s.defs == nil {
		s.defs = make(map[string]*value, len(defs.members))
	}
	for i := range defs.members {
		m := &defs.members[i]
		if s.defs[m.key] == nil {
			s.order = append(s.order, m.key)
		}
		s.defs[m.key] = &m.value
	}
	return nil
}

func (s *schemas) additional(v *value) (*typ, error) {
	if v == nil || v.kind == kindNull {
		return nil, nil
	}
	switch v.kind {
	case kindTrue:
		return &typ{text: "any"}, nil
	case kindFalse:
		return &typ{text: "never"}, nil
	case kindObject:
		t, err := s.read(v)
		return &t, err
	default:
		return nil, errSchema
	}
}

func (s *schemas) properties(v *value) ([]field, error) {
	props := v.get("properties")
	if props == nil {
		return nil, nil
	}
	if props.kind != kindObject {
		return nil, errSchema
	}
	required, err := readRequired(v.get("required"))
	if err != nil {
		return nil, err
	}
	fields := make([]field, 0, len(props.members))
	for i := range props.members {
		m := &props.members[i]
		f := field{name: m.key, optional: !required[m.key], byDefault: printDefault(m.value.get("default"))}
		if f.typ, err = s.commented(&m.value); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// readRequired reads the names in required. The reference makes a Python set of
// whatever stands there: a string is the set of its characters.
func readRequired(v *value) (map[string]bool, error) {
	if v == nil {
		return nil, nil
	}
	set := map[string]bool{}
	switch v.kind {
	case kindArray:
		for i := range v.items {
			switch item := &v.items[i]; item.kind {
			case kindString:
				set[item.text] = true
			case kindArray, kindObject:
				return nil, errSchema
			default: // no name equals it
			}
		}
	case kindObject:
		for i := range v.members {
			set[v.members[i].key] = true
		}
	case kindString:
		for _, c := range v.text {
			set[string(c)] = true
		}
	default:
		return nil, errSchema
	}
	return set, nil
}

// printDefault prints a default: scalars as Python does, the rest as JSON.
func printDefault(v *value) string {
	if v == nil {
		return ""
	}
	switch v.kind {
	case kindNull:
		return ""
	case kindString, kindArray, kindObject:
		return string(spacedJSON().append(nil, v))
	default:
		return pyStr(v)
	}
}
