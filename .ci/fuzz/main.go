// Command fuzz runs every fuzz target of the module for a while, keeps the
// inputs that reach new code, and records what was run.
//
//	go run ./.ci/fuzz [-time 10m] [-only regexp] [-part 1/2] [-missing]
//
// Targets run one after the other, each with one worker and at a low priority,
// so that two commands may run side by side (-part 1/2 and -part 2/2). -missing
// leaves out targets that the record has enough of.
//
// Every run is a line of .ci/fuzz/record.tsv, from which the scorecard reads
// row 21. Inputs that reach code which no earlier input of the target reaches
// are copied to testdata/fuzz of the package, up to a small size, where every
// run of the tests reads them. Whatever fails is there too, put there by go test.
//
// The exit status is 1 when a target failed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// buildTags leave out gin's msgpack codec, whose instrumented build takes minutes.
const buildTags = "-tags=nomsgpack"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	time    time.Duration
	only    *regexp.Regexp
	part    int // from 1
	parts   int
	missing bool
	record  string
}

func parse(args []string) (*options, error) {
	o := &options{only: regexp.MustCompile("")}
	flags := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	flags.DurationVar(&o.time, "time", 10*time.Minute, "how long each target runs")
	flags.Func("only", "regexp of the targets to run, such as chat.FuzzScan", func(v string) (err error) {
		o.only, err = regexp.Compile(v)
		return err
	})
	part := flags.String("part", "1/1", "N/M: only every M-th target, from the N-th")
	flags.BoolVar(&o.missing, "missing", false, "only targets that the record has less than -time of")
	flags.StringVar(&o.record, "record", ".ci/fuzz/record.tsv", "where runs are recorded")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if _, err := fmt.Sscanf(*part, "%d/%d", &o.part, &o.parts); err != nil || o.part < 1 || o.part > o.parts {
		return nil, errors.New("-part: want N/M, such as 1/2")
	}
	return o, nil
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	targets, err := list()
	if err != nil {
		return err
	}
	had, err := readRecord(o.record)
	if err != nil {
		return err
	}
	var failed []string
	for i, t := range targets {
		enough := o.missing && had[t.String()] >= o.time
		if i%o.parts != o.part-1 || enough || !o.only.MatchString(t.String()) {
			continue
		}
		r := t.fuzz(o.time)
		if err := r.append(o.record); err != nil {
			return err
		}
		if r.result != ok {
			failed = append(failed, t.String())
		} else if err := t.keep(); err != nil {
			fmt.Fprintln(os.Stderr, "fuzz: no input kept:", err)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

// target is a fuzz target.
type target struct {
	pkg  string // its import path
	dir  string // its directory
	name string
}

func (t target) String() string { return t.pkg + "." + t.name }

// list returns all targets of the module.
func list() ([]target, error) {
	packages, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Dir}}", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	var all []target
	for text := range strings.Lines(string(packages)) {
		pkg, dir, _ := strings.Cut(strings.TrimSpace(text), " ")
		names, err := exec.Command("go", "test", buildTags, "-list", "^Fuzz", pkg).Output()
		if err != nil {
			return nil, fmt.Errorf("list the targets of %s: %w", pkg, err)
		}
		for name := range strings.Lines(string(names)) {
			if strings.HasPrefix(name, "Fuzz") {
				all = append(all, target{pkg: pkg, dir: dir, name: strings.TrimSpace(name)})
			}
		}
	}
	return all, nil
}
