// Command accuracy counts texts with the vocabularies of OpenAI and prints how
// far each is off the true Kimi count, beside the estimates of tollgate's own
// table and a quarter of the characters, all of the same texts:
//
//	go run ./estimator/approx/train -vocab tiktoken.model -table ... -root ... -texts texts.jsonl
//	cd estimator/tokenizer/bench && go run ./accuracy texts.jsonl
//
// The file has a text a line, which train wrote: the kind, the text, what the
// vocabulary makes of it and what the table says. Errors are mean and 95th
// percentile of the absolute error, in per cent of the truth. What a quarter of
// the characters is off says what kind of texts these are: figures of two sets of
// texts compare only where that is about the same.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/tiktoken-go/tokenizer"
)

// text is a line of the file.
type text struct {
	Kind   string  `json:"kind"`
	Text   string  `json:"text"`
	Tokens float64 `json:"tokens"`
	Table  float64 `json:"table"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 1 {
		return errors.New("name the file of texts that train -texts wrote")
	}
	cl100k, err := tokenizer.Get(tokenizer.Cl100kBase)
	if err != nil {
		return err
	}
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		return err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	offs := make(map[string]*[4][]float64)
	in := json.NewDecoder(bufio.NewReader(f))
	for {
		var t text
		if err := in.Decode(&t); errors.Is(err, io.EOF) {
			return show(w, offs)
		} else if err != nil {
			return fmt.Errorf("read the texts: %w", err)
		}
		of := offs[t.Kind]
		if of == nil {
			of = new([4][]float64)
			offs[t.Kind] = of
		}
		of[0] = append(of[0], off(t.Table, t.Tokens))
		of[1] = append(of[1], off(float64(utf8.RuneCountInString(t.Text))/4, t.Tokens))
		for i, codec := range []tokenizer.Codec{cl100k, o200k} {
			n, err := codec.Count(t.Text)
			if err != nil {
				return fmt.Errorf("count a text of kind %s: %w", t.Kind, err)
			}
			of[i+2] = append(of[i+2], off(float64(n), t.Tokens))
		}
	}
}

// off is the absolute error in per cent.
func off(n, truth float64) float64 { return 100 * math.Abs(n-truth) / truth }

// show prints a line a kind.
func show(w io.Writer, offs map[string]*[4][]float64) error {
	_, err := fmt.Fprintf(w, "%-12s %5s | %-15s | %-15s | %-15s | %-15s\n",
		"kind", "texts", "table", "chars/4", "cl100k", "o200k")
	for _, kind := range slices.Sorted(maps.Keys(offs)) {
		_, _ = fmt.Fprintf(w, "%-12s %5d", kind, len(offs[kind][0]))
		for _, errs := range offs[kind] {
			slices.SortFunc(errs, cmp.Compare[float64])
			sum := 0.0
			for _, e := range errs {
				sum += e
			}
			_, _ = fmt.Fprintf(w, " | %5.2f / %5.2f%%", sum/float64(len(errs)), errs[len(errs)*95/100])
		}
		_, _ = fmt.Fprintln(w)
	}
	return err
}
