// Command bench measures the tokenizer against the Go libraries that count
// OpenAI's tokens, in one run over the same texts:
//
//	go run . -vocab tiktoken.model -corpora DIR
//
// DIR holds english.txt, and code.txt, chinese.txt, japanese.txt and russian.txt
// if they are to be measured, each best 4 MB or more. It prints a table of
// megabytes (10^6 bytes) a second of processor time on one core, the best of some
// rounds, which a busy machine disturbs less than the time on the wall; and what
// the longest pieces cost a byte, compared with english.txt. What is compared is
// measured in turn, since a machine may be half as fast for some seconds.
//
// It is a module of its own so that the product does not depend on its peers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"tollgate/estimator/tokenizer"
)

// sliceBytes is the length of the texts a corpus is cut into, for all alike.
const sliceBytes = 64 << 10

// counter is one column of a row: something that counts tokens.
type counter struct {
	name   string
	rounds int
	before func() // each round
	count  func(text string) int64
}

func main() {
	vocab := flag.String("vocab", tokenizer.FileName, "path of the Kimi vocabulary")
	corpora := flag.String("corpora", ".", "directory with english.txt and the others")
	peers := flag.Bool("peers", true, "measure the other libraries too")
	rounds := flag.Int("rounds", 15, "rounds for ours; peers get a fifth")
	flag.Parse()
	if *rounds < 1 {
		fmt.Fprintln(os.Stderr, "bench: -rounds must be 1 or more")
		os.Exit(2)
	}
	runtime.LockOSThread() // processor time is that of a thread
	if err := run(os.Stdout, options{*vocab, *corpora, *peers, *rounds}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	vocab, corpora string
	peers          bool
	rounds         int
}

// run measures everything and prints it to w.
func run(w io.Writer, o options) error {
	tk, err := load(w, o)
	if err != nil {
		return err
	}
	ours := func(text string) int64 { return tk.Count(text, true) }
	counters := []counter{
		{"tollgate, cold", o.rounds, forget, ours},
		{"tollgate, warm", o.rounds, func() {}, ours},
	}
	if o.peers {
		others, err := openPeers(o.vocab, max(1, o.rounds/5))
		if err != nil {
			return err
		}
		counters = append(counters, others...)
	}
	texts, err := readCorpora(o.corpora)
	if err != nil {
		return err
	}
	table(w, texts, counters)
	longTable(w, tk, texts[0])
	return nil
}

// forget empties the pools, and with them what counting has remembered: a value
// in a pool survives one collection.
func forget() {
	runtime.GC()
	runtime.GC()
}

// load opens the vocabulary a few times and prints the best time and what it
// leaves on the heap.
func load(w io.Writer, o options) (*tokenizer.Tokenizer, error) {
	var tk *tokenizer.Tokenizer
	var before, after runtime.MemStats
	forget()
	runtime.ReadMemStats(&before)
	best, bestWall := time.Duration(0), time.Duration(0)
	for range 7 {
		start, wall := processorTime(), time.Now()
		opened, err := tokenizer.Open(o.vocab)
		if err != nil {
			return nil, err
		}
		tk = opened
		best, bestWall = least(best, processorTime()-start), least(bestWall, time.Since(wall))
	}
	forget()
	runtime.ReadMemStats(&after)
	_, err := fmt.Fprintf(w, "load: %v of processor time, %v on the wall; heap %.1f MB\n\n",
		best.Round(100*time.Microsecond), bestWall.Round(100*time.Microsecond), float64(after.HeapAlloc-before.HeapAlloc)/1e6)
	return tk, err
}

func least(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// corpus is a text to count.
type corpus struct {
	kind   string
	size   int // in bytes
	slices []string
}

// readCorpora reads what is there of the corpora in dir, english first.
func readCorpora(dir string) ([]corpus, error) {
	var out []corpus
	for _, kind := range []string{"english", "code", "chinese", "japanese", "russian"} {
		raw, err := os.ReadFile(filepath.Join(dir, kind+".txt"))
		if len(out) > 0 && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, corpus{kind, len(raw), cut(string(raw))})
	}
	return out, nil
}

// table prints a row a counter and a column a corpus.
func table(w io.Writer, texts []corpus, counters []counter) {
	fmt.Fprint(w, "| MB/s |")
	columns := make([][]measured, len(texts))
	for i, text := range texts {
		fmt.Fprintf(w, " %s (%.1f MB) |", text.kind, float64(text.size)/1e6)
		columns[i] = inTurn(counters, text.slices)
	}
	fmt.Fprintf(w, " tokens |\n|%s\n", strings.Repeat("---|", len(texts)+2))
	for row, c := range counters {
		fmt.Fprintf(w, "| %s |", c.name)
		var counts []string
		for _, column := range columns {
			fmt.Fprintf(w, " %.1f |", 1000/column[row].nsPerByte)
			counts = append(counts, fmt.Sprint(column[row].tokens))
		}
		fmt.Fprintf(w, " %s |\n", strings.Join(counts, ", "))
	}
}

// inTurn measures the counters on the same texts, a round of each after the
// other, and returns the best of each one's rounds.
func inTurn(counters []counter, texts []string) []measured {
	rounds := 0
	for _, c := range counters {
		rounds = max(rounds, c.rounds)
	}
	best := make([]measured, len(counters))
	for round := range rounds {
		for i, c := range counters {
			if round%(rounds/c.rounds) != 0 { // fewer rounds, spread over all
				continue
			}
			if m := measure(c, texts); best[i].nsPerByte == 0 || m.nsPerByte < best[i].nsPerByte {
				best[i] = m
			}
		}
	}
	return best
}

// cut cuts text into pieces of about sliceBytes, not inside a character.
func cut(text string) []string {
	var out []string
	for len(text) > 0 {
		n := min(sliceBytes, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n++
		}
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

// measured is what counting some texts came to.
type measured struct {
	nsPerByte float64
	tokens    int64
}

// measure counts texts with c once.
func measure(c counter, texts []string) measured {
	c.before()
	size, tokens := 0, int64(0)
	start := processorTime()
	for _, text := range texts {
		size += len(text)
		tokens += c.count(text)
	}
	return measured{float64((processorTime() - start).Nanoseconds()) / float64(size), tokens}
}
