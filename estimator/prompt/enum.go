package prompt

import (
	"slices"
	"strings"
)

// readEnum reads a schema with an enumeration.
func readEnum(v, enum *value) (typ, error) {
	t := described(v, leaf)
	values, err := enumerated(enum)
	if err != nil {
		return typ{}, err
	}
	if name := v.get("type"); name != nil {
		if err := checkEnum(name, values); err != nil {
			return typ{}, err
		}
	}
	texts := make([]string, len(values))
	for i := range values {
		texts[i] = pyStr(&values[i])
		if values[i].kind == kindString {
			texts[i] = `"` + texts[i] + `"`
		}
	}
	t.text = strings.Join(texts, " | ")
	return t, nil
}

// enumerated is what Python iterates over in an enum.
func enumerated(enum *value) ([]value, error) {
	var values []value
	switch enum.kind {
	case kindArray:
		return enum.items, nil
	case kindString:
		for _, c := range enum.text {
			values = append(values, value{kind: kindString, text: string(c)})
		}
	case kindObject:
		for i := range enum.members {
			values = append(values, value{kind: kindString, text: enum.members[i].key})
		}
	default:
		return nil, errSchema
	}
	return values, nil
}

// checkEnum refuses values that do not fit the declared type. A null fits
// every type, and true and false are numbers, as in Python.
func checkEnum(name *value, values []value) error {
	if name.kind == kindArray {
		var err error
		if name, err = enumType(name.items); err != nil {
			return err
		}
	}
	if name.kind != kindString {
		return nil
	}
	var fit []kind
	switch name.text {
	case "string":
		fit = []kind{kindString}
	case "number":
		fit = []kind{kindInt, kindFloat, kindTrue, kindFalse}
	case "integer":
		fit = []kind{kindInt, kindTrue, kindFalse}
	case "boolean":
		fit = []kind{kindTrue, kindFalse}
	default:
		return nil
	}
	for i := range values {
		if k := values[i].kind; k != kindNull && !slices.Contains(fit, k) {
			return errSchema
		}
	}
	return nil
}

// enumType is the one type of a list of types that an enum may have: a list of
// one, or of one and null.
func enumType(items []value) (*value, error) {
	isNull := func(v *value) bool { return v.kind == kindString && v.text == "null" }
	switch {
	case len(items) == 1:
		return &items[0], nil
	case len(items) == 2 && isNull(&items[0]):
		return &items[1], nil
	case len(items) == 2 && isNull(&items[1]):
		return &items[0], nil
	}
	return nil, errSchema
}
