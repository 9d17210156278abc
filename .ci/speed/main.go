// Command speed measures what a request costs beside the least that any server
// would need for it, and writes the ratios and a picture of them.
//
//	go run ./.ci/speed [-quick] [-rows 1,4] [-o api/SPEED.md] [-picture api/speed.svg]
//	go run ./.ci/speed -profile FILE
//
// It builds the server, starts it and the floors as processes of their own,
// pins them to one core and itself, who makes the load, to another, and runs
// the two sides of a ratio in turn, several rounds. A figure is the median over
// the rounds; its spread is the least and the most. What a floor does is in
// floor.go. Wherever only a ratio is stated, the absolute figure is of a machine
// that nobody else has.
//
// With -rows it measures only those, and writes nothing unless -o says so. Where
// a load only has to be much, spin.go makes it, else load.go does. The
// vocabulary, for the figures that need it, is $TOLLGATE_TEST_KIMI/tiktoken.model.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "floor" {
		fail(serveFloor(os.Args[2], os.Args[3:]))
		return
	}
	fail(run(os.Args[1:]))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

// row is one thing to reach. A file has one.
type row struct {
	number  int
	title   string
	bound   string // what stands in the way of more, in a sentence or two
	measure func(*bench) ([]figure, error)
}

// figure is what one measurement of a row came to.
type figure struct {
	what    string // that was done
	floor   string // what it is held against, with its figure
	wanted  string
	reached string // with its spread
	met     verdict
}

// verdict says whether what was wanted was reached.
type verdict string

const (
	met    verdict = "met"
	missed verdict = "**missed**"
	noted  verdict = "" // nothing is wanted of it
	absent verdict = "not measured"
)

// judge is met if ok is true.
func judge(ok bool) verdict {
	if ok {
		return met
	}
	return missed
}

// rows is all there is to reach.
func rows() []row {
	return []row{row1(), row2(), row3(), row4(), row5(), row6(), row7()}
}

func run(args []string) error {
	flags := flag.NewFlagSet("speed", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "few and short rounds: to see that it works")
	only := flags.String("rows", "", "numbers of the rows to measure, separated by commas; all if not set")
	out := flags.String("o", "", "where the table is written; api/SPEED.md if all rows are measured")
	picture := flags.String("picture", "api/speed.svg", "where the picture is written, if row 7 is measured")
	profile := flags.String("profile", "", "measure nothing, and write a profile of where the server's processor goes, for go tool pprof")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	b, err := newBench(*quick)
	if err != nil {
		return err
	}
	defer b.close()
	if *profile != "" {
		return b.profile(*profile)
	}
	r := report{about: b.about()}
	first := hostTimeNow()
	for _, row := range chosen {
		began, before := time.Now(), hostTimeNow()
		figures, err := row.measure(b)
		if err != nil {
			return fmt.Errorf("row %d: %w", row.number, err)
		}
		r.add(row, figures)
		fmt.Fprint(os.Stderr, r.lines(row, figures))
		fmt.Fprintf(os.Stderr, "(row %d: %s; others had %.1f %% of the processors)\n",
			row.number, time.Since(began).Round(time.Second), hostTimeNow().stolenSince(before))
	}
	r.about += fmt.Sprintf(" Others on the same host had %.1f %% of the processors' time meanwhile.", hostTimeNow().stolenSince(first))
	if *out == "" && *only == "" {
		*out = "api/SPEED.md"
	}
	if *out == "" {
		return nil
	}
	if err := b.curves.draw(*picture); err != nil {
		return err
	}
	return os.WriteFile(*out, r.markdown(), 0o644)
}

// choose returns the rows of a list of numbers, all of an empty one.
func choose(list string) ([]row, error) {
	if list == "" {
		return rows(), nil
	}
	var chosen []row
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(text)
		at := slices.IndexFunc(rows(), func(r row) bool { return r.number == n })
		if err != nil || at < 0 {
			return nil, errors.New("want numbers of rows, such as -rows 1,4")
		}
		chosen = append(chosen, rows()[at])
	}
	return chosen, nil
}
