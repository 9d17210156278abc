package gate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"tollgate/estimator/chat"
)

// input is one case that is to be measured.
type input struct {
	id   string
	file string // as configured, slashes between its elements
	line int    // of a JSONL file; 0 elsewhere
	spec *CaseSpec

	open  func() (io.ReadCloser, error) // of a request, as it would be sent
	text  *rendered                     // of a prompt or a filled request
	ready *chat.Request                 // of a JSONL line
	batch bool                          // a line of the vendor's batch file
	bad   error                         // why the line is no request
}

// inputs returns the cases of the configuration one after another, so that a
// JSONL file of any length is never held whole. It stops at the first error,
// which is a *ConfigError.
func (g *gate) inputs() iter.Seq2[*input, error] {
	return func(yield func(*input, error) bool) {
		for i := range g.opts.Config.Cases {
			spec := &g.opts.Config.Cases[i]
			for in, err := range g.expand(spec) {
				if err != nil {
					yield(nil, g.configError(spec, err))
					return
				}
				if !yield(in, nil) {
					return
				}
			}
		}
	}
}

// configError is what is wrong with a case of the configuration.
func (g *gate) configError(spec *CaseSpec, err error) error {
	wrong := fmt.Sprintf("case %s: %s", spec.ID, plainPath(err))
	if spec.Line > 0 {
		wrong = fmt.Sprintf("line %d: %s", spec.Line, wrong)
	}
	name := g.opts.Config.File
	if name == "" {
		name = "the command line"
	}
	return &ConfigError{File: name, Wrong: []string{wrong}}
}

// plainPath says why a file could not be used, by the name that the
// configuration has for it.
func plainPath(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return filepath.ToSlash(pathErr.Path) + ": " + pathErr.Err.Error()
	}
	return err.Error()
}

// expand returns the cases of one entry.
func (g *gate) expand(spec *CaseSpec) iter.Seq2[*input, error] {
	return func(yield func(*input, error) bool) {
		pattern := spec.Request
		if pattern == "" {
			pattern = spec.Prompt
		}
		files, err := g.match(pattern)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, file := range files {
			id := spec.ID
			if globs(pattern) {
				id = path.Join(spec.ID, beyond(pattern, file))
			}
			in := &input{id: id, file: file, spec: spec}
			for one, err := range g.read(in) {
				if !yield(one, err) || err != nil {
					return
				}
			}
		}
	}
}

// globs reports whether a path stands for several files.
func globs(pattern string) bool { return strings.ContainsAny(pattern, "*?[{") }

// beyond is what completes the id of a file that a glob found: its path below
// the part of the pattern that has no wildcard, without its ending.
func beyond(pattern, file string) string {
	base, _ := doublestar.SplitPattern(pattern)
	rest := strings.TrimPrefix(strings.TrimPrefix(file, base), "/")
	return strings.TrimSuffix(rest, path.Ext(rest))
}

// match returns the files that a path or a glob stands for, sorted. None is an
// error: a gate over nothing passes, and would go on doing so.
func (g *gate) match(pattern string) ([]string, error) {
	if !globs(pattern) {
		return []string{pattern}, nil
	}
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	found, err := doublestar.Glob(os.DirFS(g.path(base)), rest, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", pattern, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no file matches", pattern)
	}
	slices.Sort(found)
	for i := range found {
		found[i] = path.Join(base, found[i])
	}
	return found, nil
}

// path is where a configured path leads.
func (g *gate) path(configured string) string {
	p := filepath.FromSlash(configured)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(g.opts.Config.Dir, p)
}

// read returns the cases of one file.
func (g *gate) read(in *input) iter.Seq2[*input, error] {
	if in.spec.Request != "" && isLines(in.file) {
		return g.lines(in)
	}
	return func(yield func(*input, error) bool) { yield(in, g.prepare(in)) }
}

// isLines reports whether a file holds a request a line.
func isLines(file string) bool {
	switch path.Ext(file) {
	case ".jsonl", ".ndjson":
		return true
	}
	return false
}

// prepare makes a case of a whole file ready to be opened.
func (g *gate) prepare(in *input) error {
	if in.spec.Prompt != "" || in.spec.Values != "" {
		text, err := g.fill(in)
		if err != nil {
			return err
		}
		in.text = text
		in.open = func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(text.body)), nil
		}
		return nil
	}
	name := g.path(in.file)
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder; name files, or a glob such as %s/*.json", in.file, in.file)
	}
	in.open = func() (io.ReadCloser, error) { return os.Open(name) } //nolint:gosec // the operator names the file
	return nil
}

// lines returns a case a line of a JSONL file.
func (g *gate) lines(in *input) iter.Seq2[*input, error] {
	return func(yield func(*input, error) bool) {
		f, err := os.Open(g.path(in.file))
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = f.Close() }()
		lines := chat.NewLines(f, chat.LineOptions{Keep: g.opts.KeepBody})
		some := false
		for {
			line, err := lines.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", in.file, err))
				return
			}
			some = true
			if !yield(newLine(in, line), nil) {
				return
			}
		}
		if !some {
			yield(nil, fmt.Errorf("%s: it has no lines", in.file))
		}
	}
}

// newLine makes a case of a line.
func newLine(in *input, line *chat.Line) *input {
	one := *in
	one.line, one.batch, one.ready = line.Number, line.Batch, line.Request
	one.id = fmt.Sprintf("%s#%d", in.id, line.Number)
	if line.CustomID != "" {
		one.id = in.id + "#" + line.CustomID
	}
	if line.Err != nil {
		one.bad = line.Err
	}
	return &one
}
