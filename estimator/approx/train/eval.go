package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"tollgate/estimator/approx/internal/model"
	"tollgate/estimator/tokenizer/pieces"
)

// sample is a text with its true count.
type sample struct {
	kind   string
	text   string
	tokens int
}

// length is a class of texts by their size in bytes, and how many are taken of
// each kind and of each document.
type length struct {
	lo, hi, limit, perDocument int
}

// long are the texts that the accuracy is stated for.
func long() length { return length{1500, 12000, 800, 3} }

// few are texts of a few lines.
func few() length { return length{80, 1500, 1200, 4} }

// lengths are the texts that the bounds are made for.
func lengths() []length {
	return []length{{1, 12, 1500, 30}, {12, 80, 1500, 30}, few(), long()}
}

func (l length) String() string { return fmt.Sprintf("%d-%d", l.lo, l.hi) }

// samples cuts the documents of one side into texts, where a line ends if it
// can, and adds texts mixed of all kinds.
func samples(docs []document, t *truth, which side, l length, rng *rand.Rand) []sample {
	byKind := make(map[string][]string)
	for _, d := range docs {
		if d.side == which {
			texts := slice(d.text, l, rng)
			if d.whole && l == long() && len(d.text) >= l.lo {
				texts = []string{d.text}
			}
			rng.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
			byKind[d.kind] = append(byKind[d.kind], texts[:min(len(texts), l.perDocument)]...)
		}
	}
	kinds := slices.Sorted(maps.Keys(byKind))
	for _, k := range kinds {
		rng.Shuffle(len(byKind[k]), func(i, j int) {
			byKind[k][i], byKind[k][j] = byKind[k][j], byKind[k][i]
		})
	}
	if l.lo >= 80 {
		byKind["mixed"] = mix(byKind, kinds, l, rng)
		kinds = append(kinds, "mixed")
	}
	var out []sample
	for _, k := range kinds {
		for _, text := range byKind[k][:min(l.limit, len(byKind[k]))] {
			out = append(out, sample{k, text, t.count(text)})
		}
	}
	return out
}

func slice(text string, l length, rng *rand.Rand) []string {
	var out []string
	for len(text) >= l.lo {
		part := cut(text, l.lo+rng.IntN(l.hi-l.lo))
		if i := strings.LastIndexByte(part, '\n'); i >= l.lo {
			part = part[:i+1]
		}
		if part == "" {
			_, n := utf8.DecodeRuneInString(text)
			part = text[:n]
		}
		out = append(out, part)
		text = text[len(part):]
	}
	return out
}

// mix joins parts of texts of different kinds.
func mix(byKind map[string][]string, kinds []string, l length, rng *rand.Rand) []string {
	var out []string
	for range l.limit {
		var text strings.Builder
		for size := l.lo + rng.IntN(l.hi-l.lo); text.Len() < size; {
			of := byKind[kinds[rng.IntN(len(kinds))]]
			if len(of) > 0 {
				text.WriteString(cut(of[rng.IntN(len(of))], 100+rng.IntN(900)))
			}
		}
		out = append(out, text.String())
	}
	return out
}

// estimate estimates text as the product does.
func estimate(m *model.Model, text string) float64 {
	var tokens int64
	for piece := range pieces.All(text) {
		tokens += m.Estimate(piece).Tokens
	}
	return float64(tokens) / model.Unit
}

// pointOf is what calibration sees of a sample.
func pointOf(m *model.Model, s sample) point {
	p := point{truth: float64(s.tokens)}
	for piece := range pieces.All(s.text) {
		e := m.Estimate(piece)
		g := m.PieceGroup(piece)
		p.tokens += float64(e.Tokens) / model.Unit
		p.doubt[g] += float64(e.Variance) / model.Unit
	}
	return p
}

// quarter is the rule of thumb: four characters a token.
func quarter(text string) float64 { return float64(utf8.RuneCountInString(text)) / 4 }

// quarterASCII is the rule of the Kimi command line: four ASCII characters a
// token, one of any other.
func quarterASCII(text string) float64 {
	n := 0.0
	for _, r := range text {
		if r < utf8.RuneSelf {
			n += 0.25
		} else {
			n++
		}
	}
	return n
}

// report prints mean and 95th percentile of the absolute error a kind, in per
// cent, for the table and for the two rules of thumb.
func report(w io.Writer, m *model.Model, all []sample) {
	table := func(text string) float64 { return estimate(m, text) }
	_, _ = fmt.Fprintf(w, "%-10s %5s %7s | %-14s | %-15s | %-15s\n",
		"kind", "texts", "bias", "table", "chars/4", "kimi-cli")
	for kind, of := range byKind(all) {
		bias, mean, p95 := errorsOf(table, of)
		_, _ = fmt.Fprintf(w, "%-10s %5d %+6.2f%% | %5.2f / %5.2f%%", kind, len(of), bias, mean, p95)
		for _, rule := range []func(string) float64{quarter, quarterASCII} {
			_, mean, p95 = errorsOf(rule, of)
			_, _ = fmt.Fprintf(w, " | %5.1f / %5.1f%%", mean, p95)
		}
		_, _ = fmt.Fprintln(w)
	}
}

// byKind yields the samples of each kind, which lie together.
func byKind(all []sample) func(func(string, []sample) bool) {
	return func(yield func(string, []sample) bool) {
		for len(all) > 0 {
			n := slices.IndexFunc(all, func(s sample) bool { return s.kind != all[0].kind })
			if n < 0 {
				n = len(all)
			}
			if !yield(all[0].kind, all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// errorsOf returns the mean signed error, and mean and 95th percentile of the
// absolute error, in per cent of the truth.
func errorsOf(rule func(string) float64, of []sample) (bias, mean, p95 float64) {
	errs := make([]float64, 0, len(of))
	for _, s := range of {
		e := 100 * (rule(s.text) - float64(s.tokens)) / float64(s.tokens)
		bias += e
		mean += math.Abs(e)
		errs = append(errs, math.Abs(e))
	}
	slices.SortFunc(errs, cmp.Compare[float64])
	n := float64(len(errs))
	return bias / n, mean / n, errs[len(errs)*95/100]
}

// family joins kinds that are alike, so that a group has enough texts to find
// one in a hundred.
func family(kind string) string {
	switch kind {
	case "new-python", "held-python", "std-python":
		return "python"
	case "new-json", "held-json", "npm":
		return "json"
	case "readme":
		return "english"
	case "go", "python", "english", "markdown", "json", "zh", "zh-tw", "ja", "ko", "mixed", "random", "logs":
		return kind
	case "zh-manual":
		return "zh"
	case "js", "c", "rust", "php", "css", "shell", "html", "xml", "config":
		return "other code"
	case "ru", "uk", "sr", "el":
		return "cyrillic, greek"
	case "world", "th", "hi", "he", "fa", "ta", "te", "kn", "mr", "gu", "pa", "ar":
		return "asia"
	}
	return "europe"
}

// measure estimates the samples and groups them by name.
func measure(m *model.Model, all []sample, name func(string) string) map[string][]point {
	groups := make(map[string][]point)
	for _, s := range all {
		key := name(s.kind)
		groups[key] = append(groups[key], pointOf(m, s))
	}
	return groups
}

// cover prints how often the bounds hold, and how wide they are: the mean of
// high less low, in per cent of the truth and in tokens.
func cover(w io.Writer, m *model.Model, l length, groups map[string][]point) {
	plain := [model.Groups / 2]float64{1, 1, 1, 1, 1, 1, 1, 1} // the model has spread them
	_, _ = fmt.Fprintf(w, "%-16s %5s %8s %8s %8s  (texts of %s bytes)\n", "kind", "texts", "covered", "width", "tokens", l)
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		in, share, width := 0, 0.0, 0.0
		for _, p := range groups[k] {
			low, high := m.Bounds.Range(p.tokens, p.variance(&plain))
			if float64(low) <= p.truth && p.truth <= float64(high) {
				in++
			}
			share += float64(high-low) / p.truth
			width += float64(high - low)
		}
		n := float64(len(groups[k]))
		_, _ = fmt.Fprintf(w, "%-16s %5d %7.2f%% %7.1f%% %8.1f\n", k, len(groups[k]), 100*float64(in)/n, 100*share/n, width/n)
	}
}
