package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tollgate/gate"
	gatereport "tollgate/gate/report"
)

// target is where a report goes.
type target struct {
	format gatereport.Format
	path   string   // empty: the standard output
	file   *os.File // nil for the standard output, and until it is created
}

// outputs reads where the report goes; the first is the standard output.
func (cmd *gateCmd) outputs() ([]*target, error) {
	first, err := gatereport.ParseFormat(cmd.Format)
	if err != nil {
		return nil, fmt.Errorf("--format: %w", err)
	}
	targets := []*target{{format: first}}
	for _, o := range cmd.Output {
		name, path, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("--output: want FORMAT=FILE, such as junit=report.xml")
		}
		format, err := gatereport.ParseFormat(name)
		if err != nil {
			return nil, fmt.Errorf("--output: %w", err)
		}
		targets = append(targets, &target{format: format, path: path})
	}
	return targets, nil
}

// createAll creates the files, before anything is measured or written: a gate
// that can not say what it found is told so first, whatever it would find.
func createAll(targets []*target) error {
	for _, t := range targets {
		if t.path == "" {
			continue
		}
		f, err := os.Create(t.path)
		if err != nil {
			discardAll(targets)
			return fmt.Errorf("--output: write %s: %s", t.format, reasonOf(err))
		}
		t.file = f
	}
	return nil
}

// discardAll removes what was created, as there is no report to write. A pipe
// or a device stays.
func discardAll(targets []*target) {
	for _, t := range targets {
		if t.file == nil {
			continue
		}
		info, err := t.file.Stat()
		_ = t.file.Close() // nothing was written
		if err == nil && info.Mode().IsRegular() {
			_ = os.Remove(t.path) // the error that led here is the one to tell
		}
	}
}

// tell writes the reports and returns the exit code that belongs to them. The
// standard output comes last: its text names the exit code, which is another one
// where a file can not be written. A quiet gate writes nothing to it.
func (cmd *gateCmd) tell(p *Process, found *gate.Report, outputs []*target, quiet bool) error {
	o := gatereport.Options{}
	if dir := filepath.Dir(cmd.Config); cmd.Config != "" && dir != "." {
		o.ConfigDir = filepath.ToSlash(dir)
	}
	o.Width = p.width()
	for _, t := range outputs[1:] {
		if err := errors.Join(gatereport.Write(t.file, t.format, found, o), t.file.Close()); err != nil {
			return usageError(fmt.Errorf("--output: write %s: %s", t.format, reasonOf(err)))
		}
	}
	o.Colour = bool(p.painter())
	if !quiet {
		if err := gatereport.Write(p.Stdout, outputs[0].format, found, o); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
	}
	if code := found.Outcome.ExitCode(); code != gate.ExitPass {
		return &exitError{code: code}
	}
	return nil
}
