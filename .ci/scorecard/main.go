// Command scorecard runs every test that logs a line of the scorecard, and
// writes the lines as a table: what can go wrong, what was done about it, what
// is expected and what was measured.
//
//	go run ./.ci/scorecard [-o api/SCORECARD.md] [-tags soak,attack] [-rows FILE] [-missing "17=slowhttptest is not here"]
//
// A test that has one says so itself, with one line a row:
//
//	t.Logf("scorecard | 27 | what was done | what is expected | what was measured")
//
// Where no figure may fail a test on a slow day, it begins with "missed: " when
// it is not what is expected, and the table says so.
//
// What is no test, such as a script, prints the same line among whatever else it
// prints, with "failed: " before a figure that fails; its output is given as
// -rows, and - is the standard input. Row 21 is read from the record that the command fuzz keeps.
//
// Packages are run whole; of files under a build tag, only their own tests, and
// only if the tag is among -tags. A row of which no line came is listed as not
// run, with the reason of -missing or what the test says when it skips.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "scorecard:", err)
		os.Exit(1)
	}
}

// reasons is -missing: why a row is not run, by its number.
type reasons map[int]string

func (r reasons) String() string { return "" }

func (r reasons) Set(v string) error {
	row, why, ok := strings.Cut(v, "=")
	n, err := strconv.Atoi(row)
	if !ok || err != nil || n < 1 || n > len(rows) {
		return errors.New(`want ROW=REASON, such as "17=slowhttptest is not here"`)
	}
	r[n] = why
	return nil
}

func run(args []string) error {
	missing := reasons{}
	flags := flag.NewFlagSet("scorecard", flag.ContinueOnError)
	out := flags.String("o", "api/SCORECARD.md", "where the table is written")
	rowsOf := flags.String("rows", "", "files with lines of commands that are no tests, separated by commas")
	record := flags.String("fuzz", ".ci/fuzz/record.tsv", "the record of the fuzz targets")
	tags := flags.String("tags", "", "build tags whose tests are run too, separated by commas")
	flags.Var(missing, "missing", "ROW=REASON why a row can not be run here; may be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	jobs, err := find(".")
	if err != nil {
		return err
	}
	found := results{lines: map[int][]line{}, skipped: map[int]string{}}
	if err := found.readAll(*rowsOf, *record); err != nil {
		return err
	}
	for _, j := range jobs {
		if j.tag == "" || strings.Contains(","+*tags+",", ","+j.tag+",") {
			if err := j.run(&found); err != nil {
				return err
			}
			continue
		}
		for _, of := range j.rows {
			for _, row := range of {
				found.skipped[row] = "needs -tags " + j.tag
			}
		}
	}
	for row, why := range missing {
		found.skipped[row] = why
	}
	if err := os.WriteFile(*out, table(&found, heading()), 0o644); err != nil {
		return err
	}
	if len(found.failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(found.failed, ", "))
	}
	return nil
}

// heading says when, of what and where the table was made.
func heading() string {
	commit := strings.TrimSpace(output("git", "rev-parse", "--short=12", "HEAD"))
	if output("git", "status", "--porcelain", "--untracked-files=no", "--", ":!api/SCORECARD.md") != "" {
		commit += " with changes"
	}
	return fmt.Sprintf("Made on %s from commit %s by `go run ./.ci/scorecard`, on %d cores (%s/%s) with %s.",
		time.Now().UTC().Format(time.DateOnly), commit, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		strings.TrimSpace(output("go", "env", "GOVERSION")))
}

// output is what a command prints, empty if it fails.
func output(name string, args ...string) string {
	b, _ := exec.Command(name, args...).Output()
	return string(b)
}

// table writes the table.
func table(r *results, heading string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Scorecard\n\nWhat can go wrong, what was done to the running service, and what came of it. %s\nEvery line is logged by a test or printed by a command.\n\n", heading)
	b.WriteString("| # | what goes wrong | what was done | expected | measured | |\n|---|---|---|---|---|---|\n")
	for i, name := range rows {
		lines := r.lines[i+1]
		if len(lines) == 0 {
			why := r.skipped[i+1]
			if why == "" {
				why = "no test logged it"
			}
			fmt.Fprintf(&b, "| %d | %s | not run: %s | | | not run |\n", i+1, name, cell(why))
		}
		for _, l := range lines {
			verdict := "pass"
			switch {
			case l.failed:
				verdict = "**FAIL**"
			case l.missed:
				verdict = "**missed**"
			}
			fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n", i+1, name, cell(l.done), cell(l.expected), cell(l.measured), verdict)
		}
	}
	return b.Bytes()
}

// cell is a text that can stand in a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(strings.TrimSpace(s))
}
