package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"tollgate/gate"
)

// writeJSON writes the report for programs, a case a line, so that a report of
// any length is never held whole. The writer keeps its first error; the one
// returned is that of what can not be written as JSON.
func writeJSON(w io.Writer, r *gate.Report) error {
	var head bytes.Buffer
	if err := encode(&head, newHead(r), "  "); err != nil {
		return err
	}
	_, _ = w.Write(bytes.TrimSuffix(head.Bytes(), []byte("\n}")))
	if err := list(w, "cases", r.Cases, func(c *gate.Case) *wireCase { return newCase(r, c) }); err != nil {
		return err
	}
	if err := list(w, "removed", r.Removed, newRemoved); err != nil {
		return err
	}
	_, _ = io.WriteString(w, "\n}\n")
	return nil
}

// list writes a member that is a list, an element a line.
func list[T, W any](w io.Writer, name string, elements []T, wire func(*T) W) error {
	_, _ = fmt.Fprintf(w, ",\n  %q: [", name)
	var line bytes.Buffer
	for i := range elements {
		line.Reset()
		if i > 0 {
			line.WriteByte(',')
		}
		line.WriteString("\n    ")
		if err := encode(&line, wire(&elements[i]), ""); err != nil {
			return err
		}
		_, _ = w.Write(line.Bytes())
	}
	if len(elements) > 0 {
		_, _ = io.WriteString(w, "\n  ")
	}
	_, _ = io.WriteString(w, "]")
	return nil
}

// encode writes a value as JSON, without a line break behind it.
func encode(b *bytes.Buffer, v any, indent string) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false) // it is no web page, and people read it
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	b.Truncate(b.Len() - 1)
	return nil
}
