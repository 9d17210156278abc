package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tollgate/estimator/tokenizer"
)

// longTable prints what a byte costs in pieces that the pattern does not cut,
// as long as the tokenizer's limits allow.
func longTable(w io.Writer, tk *tokenizer.Tokenizer) {
	fmt.Fprint(w, "\n| piece of 25,000 characters | bytes | ns a byte |\n|---|---|---|\n")
	for _, p := range longPieces() {
		best := time.Duration(0)
		for range 20 {
			start := processorTime()
			tk.Count(p.text, true)
			best = least(best, processorTime()-start)
		}
		fmt.Fprintf(w, "| %s | %d | %.1f |\n", p.name, len(p.text), float64(best.Nanoseconds())/float64(len(p.text)))
	}
}

type longPiece struct{ name, text string }

// longPieces are random characters of one script and repeated ones.
func longPieces() []longPiece {
	const chars = 25_000
	r := rand.New(rand.NewPCG(13, 14))
	var out []longPiece
	for _, script := range []struct {
		name         string
		first, count int
	}{
		{"letters", 'a', 26},
		{"capitals", 'A', 26},
		{"punctuation", '!', 15},
		{"Cyrillic", 0x430, 32},
		{"Thai", 0xE01, 46},
		{"kana", 0x3042, 80},
		{"Hangul", 0xAC00, 11172},
		{"Han", 0x4E00, 0x5200},
		{"rare Han", 0x20000, 0xA000},
		{"emoji", 0x1F300, 0x300},
	} {
		var b strings.Builder
		for range chars {
			b.WriteRune(rune(script.first + r.IntN(script.count)))
		}
		out = append(out, longPiece{"random " + script.name, b.String()})
	}
	for _, unit := range []string{"a", "ab", " ", "-", "一", "一㐀", "🚀"} {
		out = append(out, longPiece{fmt.Sprintf("%q again and again", unit), strings.Repeat(unit, chars/len([]rune(unit)))})
	}
	return slices.Clip(out)
}
