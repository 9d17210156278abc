package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"tollgate/estimator/tokenizer"
)

const (
	// longChars is the length of a long piece: the limit of a run.
	longChars = 25_000
	// longTexts is how many pieces of a kind are counted one after the other, and
	// longRounds how often.
	longTexts  = 8
	longRounds = 15
)

// longTable prints what a byte costs in pieces that the pattern does not cut, as
// long as the tokenizer's limits allow, alone and next to one of prose, a text of
// many pieces: the medians of rounds that count both, the prose first.
func longTable(w io.Writer, tk *tokenizer.Tokenizer, prose corpus) {
	c := counter{"", longRounds, forget, func(text string) int64 { return tk.Count(text, true) }}
	fmt.Fprint(w, "\n| piece of 25,000 characters | bytes | ns a byte | times english, cold |\n|---|---|---|---|\n")
	worst := 0.0
	for _, p := range append(longPieces(), joinedWords(prose)) {
		var costs, ratios []float64
		for range c.rounds {
			base, m := measure(c, prose.slices), measure(c, p.texts)
			costs, ratios = append(costs, m.nsPerByte), append(ratios, m.nsPerByte/base.nsPerByte)
		}
		times := median(ratios)
		worst = max(worst, times)
		fmt.Fprintf(w, "| %s | %d | %.1f | %.1f |\n", p.name, len(p.texts[0]), median(costs), times)
	}
	fmt.Fprintf(w, "\nworst: %.2f times english\n", worst)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// longPiece are pieces of a kind.
type longPiece struct {
	name  string
	texts []string
}

// longPieces are random characters of one script, repeated ones, and what takes
// many merges.
func longPieces() []longPiece {
	r := rand.New(rand.NewPCG(13, 14))
	var out []longPiece
	for _, s := range scripts() {
		texts := randomly(func() string { return string(rune(s.first + r.IntN(s.count))) })
		out = append(out, longPiece{"random " + s.name, texts})
	}
	for _, units := range []string{"aaaaaaaa b", "ab cd ba dc ac db", "= -", "======== -", "п 𐐨 р 𐐩", "an the in re er ti on"} {
		choice := strings.Fields(units)
		texts := randomly(func() string { return choice[r.IntN(len(choice))] })
		out = append(out, longPiece{fmt.Sprintf("random of %q", choice), texts})
	}
	for _, blanks := range [][]string{{" ", "\t"}, {strings.Repeat(" ", 16), "\t"}, {"\r", "\n"}, {"\n", " "}} {
		texts := randomly(func() string { return blanks[r.IntN(len(blanks))] })
		out = append(out, longPiece{fmt.Sprintf("random of %q", blanks), texts})
	}
	for _, unit := range []string{"a", "ab", "abc", " ", "\t", "\n", "\r\n", "-", "=-=-", "internationalization", "一", "一㐀", "🚀", "\xff", "7"} {
		texts := randomly(func() string { return unit })
		out = append(out, longPiece{fmt.Sprintf("%q again and again", unit), texts})
	}
	return out
}

// joinedWords are long words of a text without anything between them: they take
// more merges than random letters, of more different tokens.
func joinedWords(text corpus) longPiece {
	var words []string
	seen := map[string]bool{}
	for _, word := range strings.Fields(strings.Join(text.slices, "")) {
		lower := strings.IndexFunc(word, func(c rune) bool { return c < 'a' || c > 'z' }) < 0
		if lower && len(word) > 8 && !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	r := rand.New(rand.NewPCG(15, 16))
	texts := randomly(func() string { return words[r.IntN(len(words))] })
	return longPiece{fmt.Sprintf("random of %d long English words", len(words)), texts}
}

// randomly puts together what next returns to texts of no more than longChars
// characters.
func randomly(next func() string) []string {
	out := make([]string, longTexts)
	for i := range out {
		var b strings.Builder
		unit := next()
		for chars := len([]rune(unit)); chars <= longChars; chars += len([]rune(unit)) {
			b.WriteString(unit)
			unit = next()
		}
		out[i] = b.String()
	}
	return out
}

type script struct {
	name         string
	first, count int
}

// scripts are ranges of characters, most of them letters without case, so that
// any of them make one piece.
func scripts() []script {
	return []script{
		{"letters", 'a', 26},
		{"capitals", 'A', 26},
		{"punctuation", '!', 15},
		{"accented letters", 0xDF, 24},
		{"Greek", 0x3B1, 25},
		{"Cyrillic", 0x430, 32},
		{"Armenian", 0x561, 38},
		{"Hebrew", 0x5D0, 27},
		{"Arabic", 0x621, 26},
		{"combining marks", 0x300, 112},
		{"Devanagari", 0x905, 53},
		{"Bengali", 0x985, 8},
		{"Thai", 0xE01, 46},
		{"Myanmar", 0x1000, 64},
		{"Georgian", 0x10D0, 43},
		{"Ethiopic", 0x1200, 72},
		{"kana", 0x3042, 80},
		{"Hangul", 0xAC00, 11172},
		{"Han", 0x4E00, 0x5200},
		{"common Han", 0x4E00, 64},
		{"rare Han", 0x20000, 0xA000},
		{"box drawing", 0x2500, 128},
		{"emoji", 0x1F300, 0x300},
	}
}
