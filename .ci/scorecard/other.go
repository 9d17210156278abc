package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readAll reads what is not logged by tests: files of other commands' output,
// separated by commas, and the record of the fuzz targets.
func (r *results) readAll(files, record string) error {
	for name := range strings.SplitSeq(files, ",") {
		if name == "" {
			continue
		}
		if err := r.readRows(name); err != nil {
			return err
		}
	}
	return r.readFuzz(".", record)
}

// readRows reads the lines that a command has printed.
func (r *results) readRows(name string) error {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return fmt.Errorf("read the rows of a command: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if err := r.add(line, false); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

const (
	fuzzRow = 21

	// fuzzTime is how long each target has to have run.
	fuzzTime = 10 * time.Minute
)

// fuzzed is what the record says of a target.
type fuzzed struct {
	ran    time.Duration // since it last failed
	execs  int64
	result string // of the last run
	date   string
}

// readFuzz makes row 21 of the record of the fuzz targets.
func (r *results) readFuzz(root, path string) error {
	targets, err := fuzzTargets(root)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		r.skipped[fuzzRow] = "there is no record of go run ./.ci/fuzz"
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the record of the fuzz targets: %w", err)
	}
	all := map[string]*fuzzed{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 7 || cells[0] == "target" {
			continue
		}
		f := all[cells[0]]
		if f == nil {
			f = &fuzzed{}
			all[cells[0]] = f
		}
		seconds, _ := strconv.Atoi(cells[3])
		execs, _ := strconv.ParseInt(cells[4], 10, 64)
		f.ran += time.Duration(seconds) * time.Second
		f.execs += execs
		f.date, f.result = cells[1], cells[6]
		if f.result != "ok" {
			f.ran = 0
		}
	}
	r.lines[fuzzRow] = append(r.lines[fuzzRow], fuzzLine(targets, all))
	return nil
}

// fuzzLine says how much of what has to be fuzzed was.
func fuzzLine(targets []string, all map[string]*fuzzed) line {
	l := line{
		done:     "every fuzz target for 10 minutes by go run ./.ci/fuzz, on one processor",
		expected: "no panic, nothing that hangs, no answer that contradicts another",
	}
	var enough int
	var ran time.Duration
	var execs int64
	var short, failed []string
	last := ""
	for _, name := range targets {
		f := all[name]
		if f == nil {
			f = &fuzzed{}
		}
		ran, execs, last = ran+f.ran, execs+f.execs, max(last, f.date)
		switch {
		case f.result != "" && f.result != "ok":
			failed = append(failed, name)
		case f.ran >= fuzzTime:
			enough++
		default:
			short = append(short, name)
		}
	}
	l.measured = fmt.Sprintf("%d of %d targets for 10 minutes or more, %.1f hours and %d million inputs in all, the last on %s",
		enough, len(targets), ran.Hours(), execs/1e6, last)
	if len(short) > 0 {
		l.missed = true
		l.measured += "; not long enough: " + strings.Join(short, ", ")
	}
	if len(failed) > 0 {
		l.failed = true
		l.measured += "; failed: " + strings.Join(failed, ", ")
	}
	return l
}

var fuzzOf = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzzTargets returns the fuzz targets below a directory, as the record names
// them.
func fuzzTargets(root string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range fuzzOf.FindAllSubmatch(text, -1) {
			all = append(all, "tollgate/"+filepath.ToSlash(filepath.Dir(path))+"."+string(m[1]))
		}
		return nil
	})
	slices.Sort(all)
	return all, err
}
