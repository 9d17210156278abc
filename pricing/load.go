package pricing

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var embedded embed.FS

// maxTable bounds a price file, in bytes. The embedded table has about 100 KB
// in all.
const maxTable = 4 << 20

// Embedded returns the table that this program was built with.
func Embedded() (*Book, error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, fmt.Errorf("embedded prices: %w", err)
	}
	return Load(data)
}

// Load reads one table from all *.yaml files in the roots of systems. Mistakes
// are a [*RecordError] that names every one.
func Load(systems ...fs.FS) (*Book, error) {
	var t table
	for _, fsys := range systems {
		names, err := fs.Glob(fsys, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("list price files: %w", err)
		}
		for _, name := range names {
			if err := t.open(fsys, name); err != nil {
				return nil, err
			}
		}
	}
	return t.book("prices")
}

// Read reads one table from a price file: one record or more, each a YAML
// document. The name stands in messages. Mistakes are a [*RecordError].
func Read(name string, r io.Reader) (*Book, error) {
	var t table
	if err := t.read(filepath.Base(name), r); err != nil {
		return nil, err
	}
	return t.book(filepath.Base(name))
}

// record is a model and where it was read.
type record struct {
	file   string
	model  *Model
	layout *layout
}

// table gathers records and their mistakes.
type table struct {
	records  []record
	problems []Problem
}

func (t *table) open(fsys fs.FS, name string) (err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("open price file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return t.read(name, f)
}

// read adds the records of one file. Only a failure to read is returned;
// mistakes are kept.
func (t *table) read(name string, r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return fmt.Errorf("read price file %s: %w", name, err)
	}
	if len(text) > maxTable {
		t.fail(name, fmt.Sprintf("the file is over %d bytes", maxTable))
		return nil
	}
	documents := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		err := documents.Decode(&doc)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			// What follows a mistake of form cannot be read.
			t.problems = append(t.problems, Problem{File: name, Line: yamlLine(err), Message: err.Error()})
			return nil
		}
		t.add(name, &doc)
	}
}

// yamlLine returns the line that the text of a YAML error names, which is the
// only place where it stands; 1 if it names none.
func yamlLine(err error) int {
	line := 1
	_, _ = fmt.Sscanf(err.Error(), "yaml: line %d:", &line) // it stays 1 then
	return line
}

func (t *table) fail(file, message string) {
	t.problems = append(t.problems, Problem{File: file, Line: 1, Message: message})
}

// add reads the record in one document.
func (t *table) add(file string, doc *yaml.Node) {
	d := &decoder{file: file}
	if len(doc.Content) != 1 {
		d.failf(doc, "an empty document")
		t.problems = append(t.problems, d.problems...)
		return
	}
	m, l := d.model(doc.Content[0])
	if len(d.problems) == 0 {
		d.check(m, l) // rules among values need the values
	}
	t.problems = append(t.problems, d.problems...)
	t.records = append(t.records, record{file: file, model: m, layout: l})
}

// book returns the table if every record keeps every rule.
func (t *table) book(name string) (*Book, error) {
	if len(t.records) == 0 && len(t.problems) == 0 {
		t.fail(name, "no price record")
	}
	problems := append(t.problems, checkTogether(t.records)...)
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(x, y Problem) int {
			return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
		})
		return nil, &RecordError{Problems: problems}
	}
	models := make([]*Model, len(t.records))
	for i := range t.records {
		models[i] = t.records[i].model
	}
	return newBook(models)
}
