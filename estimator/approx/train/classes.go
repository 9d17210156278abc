package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tollgate/estimator/approx/internal/model"
	"tollgate/estimator/tokenizer/pieces"
)

// classOf names what kind of piece piece is, to tell where errors come from.
func classOf(piece string) string {
	prefix, rest := prefixOf(piece)
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case strings.TrimSpace(piece) == "":
		return "blanks"
	case unicode.IsNumber(r):
		return "digits"
	case unicode.Is(unicode.Han, r):
		return "Han"
	case !unicode.IsLetter(r) && !unicode.IsMark(r):
		return "signs"
	case strings.IndexFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0:
		return "other letters"
	}
	return "word " + caseOf(rest) + ", " + prefix
}

// prefixOf takes the one character before a word off a piece, if there is one,
// and names it.
func prefixOf(piece string) (name, rest string) {
	r, n := utf8.DecodeRuneInString(piece)
	if n == len(piece) || unicode.IsLetter(r) || unicode.IsNumber(r) {
		return "bare", piece
	}
	switch r {
	case ' ':
		return "after space", piece[n:]
	case '_':
		return "after _", piece[n:]
	}
	return "after sign", piece[n:]
}

// caseOf tells how an ASCII word is written.
func caseOf(word string) string {
	switch {
	case word == strings.ToLower(word):
		return "lower"
	case word == strings.ToUpper(word):
		return "CAPS"
	}
	return "Capital"
}

// share is what pieces of a class do to the estimates of some texts.
type share struct {
	pieces, named, tokens, off float64
	square                     float64 // of the error of single texts, as shares of the truth
}

// classes prints, for a kind, where the error comes from: for every class of
// pieces its share of the tokens, how many of them the table names, what it adds
// to the bias, and the root mean square of what it adds to a text's error, in per
// cent of the text.
func classes(w io.Writer, m *model.Model, t *truth, of []sample) {
	total := make(map[string]*share)
	all := 0.0
	for _, s := range of {
		all += float64(s.tokens)
		for class, one := range classesOf(m, t, s.text) {
			sum := total[class]
			if sum == nil {
				sum = new(share)
				total[class] = sum
			}
			sum.pieces += one.pieces
			sum.named += one.named
			sum.tokens += one.tokens
			sum.off += one.off
			rel := one.off / float64(s.tokens)
			sum.square += rel * rel
		}
	}
	_, _ = fmt.Fprintf(w, "%-28s %8s %8s %8s %8s  (%s)\n", "class", "tokens", "named", "bias", "error", of[0].kind)
	for _, class := range slices.Sorted(maps.Keys(total)) {
		s := total[class]
		_, _ = fmt.Fprintf(w, "%-28s %7.2f%% %7.1f%% %+7.3f%% %7.3f%%\n", class, 100*s.tokens/all, 100*s.named/s.pieces,
			100*s.off/all, 100*math.Sqrt(s.square/float64(len(of))))
	}
}

// classesOf is classes for one text.
func classesOf(m *model.Model, t *truth, text string) map[string]*share {
	found := make(map[string]*share)
	for piece := range pieces.All(text) {
		class := classOf(piece)
		s := found[class]
		if s == nil {
			s = new(share)
			found[class] = s
		}
		cost := float64(t.count(piece))
		s.pieces++
		s.tokens += cost
		s.off += float64(m.Estimate(piece).Tokens)/model.Unit - cost
		if len(piece) < 2 || m.Pieces.Known(piece) > 0 || classOf(piece) == "digits" {
			s.named++
		}
	}
	return found
}
