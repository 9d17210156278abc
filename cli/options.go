package cli

import "fmt"

// optionReader reads options and collects what is wrong with them.
type optionReader struct{ wrong []error }

// read reads an option that was given.
func read[T any](r *optionReader, name, value string, parse func(string) (T, error)) T {
	v, err := parse(value)
	if err != nil {
		r.wrong = append(r.wrong, fmt.Errorf("%s: %w", name, err))
	}
	return v
}

// optional reads an option that may not have been given: nil then.
func optional[T any](r *optionReader, name, value string, parse func(string) (T, error)) *T {
	if value == "" {
		return nil
	}
	return new(read(r, name, value, parse))
}
