package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"tollgate/estimator/approx/internal/model"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// options are what the command is told.
type options struct {
	vocab string
	roots []string
	seed  uint64
	out   string
	table string
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.vocab, "vocab", "", "path of tiktoken.model, for the true costs")
	flags.Func("root", "a root of the corpus, as name=directory; repeated", func(s string) error {
		o.roots = append(o.roots, s)
		return nil
	})
	flags.Uint64Var(&o.seed, "seed", 1, "decides the split and the order of learning")
	flags.StringVar(&o.out, "out", "", "write the table here")
	flags.StringVar(&o.table, "table", "", "do not train: calibrate and measure this table")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.vocab == "" || len(o.roots) == 0 {
		return o, errors.New("-vocab and at least one -root are needed")
	}
	return o, nil
}

func run(args []string, out, log io.Writer) error {
	o, err := parse(args, log)
	if err != nil {
		return err
	}
	t, err := openTruth(o.vocab)
	if err != nil {
		return err
	}
	docs, err := corpus(o, log)
	if err != nil {
		return err
	}
	m, err := table(o, docs, t, log)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(o.seed, 3)) //nolint:gosec // reproducible, not secret
	for g := range m.Spreads {
		m.Spreads[g] = model.NoSpread
	}
	held := make(map[string][]point)
	for _, l := range lengths() {
		for k, ps := range measure(m, samples(docs, t, forCalibration, l, rng), family) {
			held[k+" "+l.String()] = ps
		}
	}
	m.Bounds, m.Spreads = calibrate(held)
	_, _ = fmt.Fprintf(out, "bounds: %+v, spreads: %v\n", m.Bounds, m.Spreads)
	show(out, m, docs, t, rng)
	return write(o.out, m, out)
}

// corpus reads the documents.
func corpus(o options, log io.Writer) ([]document, error) {
	sources, err := parseManifest(manifest)
	if err != nil {
		return nil, err
	}
	roots, err := parseRoots(o.roots)
	if err != nil {
		return nil, err
	}
	docs, err := load(sources, roots, o.seed, log)
	if err != nil {
		return nil, err
	}
	return append(docs, synthesize(o.seed)...), nil
}

// table trains a model or reads the one that is to be measured.
func table(o options, docs []document, t *truth, log io.Writer) (*model.Model, error) {
	if o.table == "" {
		return train(docs, t, o.seed, log), nil
	}
	raw, err := os.ReadFile(o.table)
	if err != nil {
		return nil, err
	}
	return model.Decode(string(raw))
}

// show prints how good the model is on texts it has not seen.
func show(w io.Writer, m *model.Model, docs []document, t *truth, rng *rand.Rand) {
	for _, l := range lengths() {
		test := samples(docs, t, forTest, l, rng)
		if l == long() {
			report(w, m, test)
		}
		cover(w, m, l, measure(m, test, strings.Clone))
		cover(w, m, l, measure(m, test, func(string) string { return "all" }))
	}
}

// write stores the table and says what to call it.
func write(name string, m *model.Model, out io.Writer) error {
	raw, err := m.Encode()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	_, _ = fmt.Fprintf(out, "%d bytes, Version = \"table-%x\"\n", len(raw), sum[:6])
	if name == "" {
		return nil
	}
	return os.WriteFile(name, raw, 0o644) //nolint:gosec // the table is public
}
