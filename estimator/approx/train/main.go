package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
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
	dev   bool
	texts string
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
	flags.StringVar(&o.texts, "texts", "", "write the long texts that were measured here, a JSON object a line, to count them otherwise")
	flags.BoolVar(&o.dev, "dev", false, "measure on the texts that calibrate the bounds and leave the test alone: for work on the method")
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
	m.Bounds, m.Spreads = calibrate(calibrationPoints(m, docs, t, rng))
	_, _ = fmt.Fprintf(out, "bounds: %+v, spreads: %v\n", m.Bounds, m.Spreads)
	docs = slices.DeleteFunc(docs, func(d document) bool { return d.side != o.shown() })
	test := show(out, m, docs, t, rng)
	if err := writeTexts(o.texts, m, test); err != nil {
		return err
	}
	return write(o.out, m, out)
}

// calibrationPoints estimates the texts that the bounds are made by, grouped by
// families of kinds and by length; texts from a few lines on are one group.
func calibrationPoints(m *model.Model, docs []document, t *truth, rng *rand.Rand) map[string][]point {
	held := make(map[string][]point)
	for _, l := range lengths() {
		for k, ps := range measure(m, samples(docs, t, forBounds, l, rng), family) {
			name := k + " " + l.String()
			if l.lo >= few().lo {
				name = k
			}
			held[name] = append(held[name], ps...)
		}
	}
	return held
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

// shown is the side that is measured.
func (o options) shown() side {
	if o.dev {
		return forBounds
	}
	return forTest
}

// explained are the kinds whose errors are told by class of pieces.
var explained = []string{"go", "python", "json", "english", "zh"}

// show prints how good the model is on documents of one side, and returns the
// long texts.
func show(w io.Writer, m *model.Model, docs []document, t *truth, rng *rand.Rand) (longs []sample) {
	for _, l := range lengths() {
		test := samples(docs, t, docs[0].side, l, rng)
		if l == long() {
			longs = test
			report(w, m, test)
			for kind, of := range byKind(test) {
				if slices.Contains(explained, kind) {
					classes(w, m, t, of)
				}
			}
		}
		cover(w, m, l, measure(m, test, strings.Clone))
		cover(w, m, l, measure(m, test, func(string) string { return "all" }))
	}
	return longs
}

// writeTexts stores texts with their true counts and estimates, unless name is
// empty.
func writeTexts(name string, m *model.Model, texts []sample) error {
	if name == "" {
		return nil
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for _, s := range texts {
		err := lines.Encode(map[string]any{"kind": s.kind, "text": s.text, "tokens": s.tokens, "table": estimate(m, s.text)})
		if err != nil {
			return err
		}
	}
	return os.WriteFile(name, out.Bytes(), 0o600)
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
