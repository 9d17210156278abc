package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// extra is arguments of the tests of a package, where the table shows more than
// the usual run does.
var extra = map[string][]string{"./estimator": {"-cases=1000000"}}

// job is a package, or its tests under a build tag.
type job struct {
	dir   string
	tag   string           // empty: all tests that have none
	tests []string         // of a tag
	rows  map[string][]int // by the test that logs them, as far as the source tells
}

// line is a line of the scorecard.
type line struct {
	done, expected, measured string
	failed                   bool
	missed                   bool // the test passed, as timings fail none, and the figure is not what is expected
}

// results is what all jobs came to.
type results struct {
	lines   map[int][]line
	skipped map[int]string // why a row has no line
	failed  []string       // tests and packages
}

var (
	rowOf  = regexp.MustCompile(`(?:"scorecard \| |\bscorecard\(\w+, "?)(\d+)`)
	tagOf  = regexp.MustCompile(`(?m)^//go:build (\w+)$`)
	testOf = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	saidOf = regexp.MustCompile(`(?m)^\s+\w+_test\.go:\d+: (.*)$`)
)

// find returns what has lines of the scorecard below a directory.
func find(root string) ([]*job, error) {
	var jobs []*job
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !rowOf.Match(text) {
			return nil
		}
		j := &job{dir: "./" + filepath.ToSlash(filepath.Dir(path)), rows: map[string][]int{}}
		if m := tagOf.FindSubmatch(text); m != nil {
			j.tag = string(m[1])
		}
		if at := slices.IndexFunc(jobs, func(o *job) bool { return o.dir == j.dir && o.tag == j.tag }); at >= 0 {
			j = jobs[at]
		} else {
			jobs = append(jobs, j)
		}
		j.note(string(text))
		return nil
	})
	return jobs, err
}

// note notes the tests of a file, and the rows that each of them logs: those
// that stand before the next test.
func (j *job) note(text string) {
	starts := testOf.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		test, end := text[at[2]:at[3]], len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		j.tests = append(j.tests, test)
		for _, m := range rowOf.FindAllStringSubmatch(text[at[0]:end], -1) {
			if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(rows) {
				j.rows[test] = append(j.rows[test], n)
			}
		}
	}
}

// run runs the tests and keeps their lines.
func (j *job) run(r *results) error {
	args := []string{"test", "-json", "-count=1", "-timeout=30m"}
	if j.tag != "" {
		args = append(args, "-tags="+j.tag, "-run=^("+strings.Join(j.tests, "|")+")$")
	}
	args = append(append(args, j.dir), extra[j.dir]...)
	fmt.Fprintln(os.Stderr, "go", strings.Join(args, " "))
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := j.read(events, r); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		if _, exited := errors.AsType[*exec.ExitError](err); !exited {
			return err
		}
		r.failed = append(r.failed, strings.TrimSpace(j.dir+" "+j.tag))
	}
	return nil
}

// event is what go test -json says.
type event struct{ Action, Test, Output string }

// read reads what the tests say.
func (j *job) read(events io.Reader, r *results) error {
	said := map[string]*strings.Builder{} // by test
	scanner := bufio.NewScanner(events)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) != nil {
			continue // of the build
		}
		if said[e.Test] == nil {
			said[e.Test] = &strings.Builder{}
		}
		said[e.Test].WriteString(e.Output)
		switch {
		case e.Test == "":
		case e.Action == "pass", e.Action == "fail", e.Action == "skip":
			if err := j.keep(e, said[e.Test].String(), r); err != nil {
				return err
			}
		}
	}
	return scanner.Err()
}

// keep keeps the lines of a test that has ended.
func (j *job) keep(e event, said string, r *results) error {
	if e.Action == "fail" {
		r.failed = append(r.failed, e.Test)
		fmt.Fprint(os.Stderr, said)
	}
	if m := saidOf.FindAllStringSubmatch(said, -1); e.Action == "skip" && m != nil {
		for _, row := range j.rows[e.Test] {
			r.skipped[row] = m[len(m)-1][1]
		}
	}
	for text := range strings.Lines(said) {
		if err := r.add(text, e.Action == "fail"); err != nil {
			return fmt.Errorf("%s: %w", e.Test, err)
		}
	}
	return nil
}

// add adds the line of the scorecard that a line of output has, if it has one.
func (r *results) add(text string, failed bool) error {
	_, text, ok := strings.Cut(text, "scorecard | ")
	if !ok {
		return nil
	}
	parts := strings.Split(strings.TrimSpace(text), " | ")
	number, _, _ := strings.Cut(parts[0], " ") // "16 memory" is of row 16
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(rows) || len(parts) < 4 {
		return fmt.Errorf("a line of the scorecard that is none: %s", text)
	}
	measured, missed := strings.CutPrefix(strings.Join(parts[3:], " | "), "missed: ")
	measured, told := strings.CutPrefix(measured, "failed: ")
	r.lines[n] = append(r.lines[n], line{
		done: parts[1], expected: parts[2], measured: measured, failed: failed || told, missed: missed,
	})
	return nil
}
