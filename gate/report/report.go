// Package report writes what the gate found: for a terminal, for a pull request,
// and for the programs of a CI pipeline.
//
// It knows how reports look and how far each place lets them reach. It decides
// nothing: outcomes, reasons and the exit code are read from a [gate.Report]. It
// reads no environment and no files, and there is no text of any prompt in what
// it is given.
package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"tollgate/gate"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	Table    Format = "table"    // for a person at a terminal
	Markdown Format = "markdown" // for a pull request, or a step's summary
	JSON     Format = "json"     // for programs; see [Schema]
	JUnit    Format = "junit"    // XML, for what shows test results
	GitHub   Format = "github"   // workflow commands, which GitHub turns into annotations
)

// formats are all formats, as they are named to a person.
var formats = []Format{Table, Markdown, JSON, JUnit, GitHub}

// ParseFormat returns the format that s names.
func ParseFormat(s string) (Format, error) {
	names := make([]string, len(formats))
	for i, f := range formats {
		if s == string(f) {
			return f, nil
		}
		names[i] = string(f)
	}
	return "", fmt.Errorf("unknown format %q: use %s", s, strings.Join(names, ", "))
}

// Options is how a report is to look.
type Options struct {
	Colour bool // of a table
	Width  int  // of a table, in columns of the terminal; 0: 100

	// ConfigDir leads from the root of the repository to the folder that the
	// paths of cases start from. Annotations need it to find the files.
	ConfigDir string
}

// Write writes a report. Its error is that of the writer, or an unknown format.
func Write(w io.Writer, f Format, r *gate.Report, o Options) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch f {
	case Table:
		writeTable(out, r, o)
	case Markdown:
		writeMarkdown(out, r)
	case JSON:
		err = writeJSON(out, r)
	case JUnit:
		err = writeJUnit(out, r)
	case GitHub:
		writeGitHub(out, r, o)
	default:
		_, err = ParseFormat(string(f))
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of what [JSON] writes.
func Schema() []byte { return []byte(schema) }
