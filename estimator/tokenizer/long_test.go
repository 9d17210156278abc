package tokenizer_test

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// longPieces are texts that the pattern does not cut, of that many characters.
func longPieces(chars int) map[string]string {
	r := rand.New(rand.NewPCG(13, 14))
	runes := func(first, count, n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(rune(first + r.IntN(count)))
		}
		return b.String()
	}
	return map[string]string{
		"one letter":      strings.Repeat("a", chars),
		"two letters":     strings.Repeat("ab", chars/2),
		"random letters":  runes('a', 26, chars),
		"random capitals": runes('A', 26, chars),
		"ACGT":            strings.Map(func(r rune) rune { return rune("acgt"[r-'a']) }, runes('a', 4, chars)),
		"spaces":          strings.Repeat(" ", chars),
		"line breaks":     strings.Repeat("\n", chars),
		"dashes":          strings.Repeat("-", chars),
		"runs of stars":   strings.Repeat(strings.Repeat("*", 300)+"-", chars/301+1)[:chars],
		"punctuation":     runes('!', 15, chars),
		"Cyrillic":        runes(0x430, 32, chars),
		"kana":            runes(0x3042, 80, chars),
		"Hangul":          runes(0xAC00, 11172, chars),
		"Thai":            runes(0xE01, 46, chars),
		"Han":             runes(0x4E00, 0x5200, chars),
		"common Han":      runes(0x4E00, 64, chars),
		"one Han":         strings.Repeat("一", chars),
		"rare Han":        runes(0x20000, 0xA000, chars),
		"emoji":           runes(0x1F300, 0x300, chars),
		"one emoji":       strings.Repeat("🚀", chars),
		"mixed Han":       strings.Repeat("一㐀", chars/2),
		"blanks":          strings.Map(func(r rune) rune { return rune(" \t\t"[r-'a']) }, runes('a', 3, chars)),
		"carriage":        strings.Repeat("\r\n", chars/2),
		"bad bytes":       strings.Repeat("\xd0\xd0\xbf\xe1\x83", chars/5),
		"two widths":      strings.Repeat("п\U00010428", chars/2),
		"Georgian":        runes(0x10D0, 43, chars),
		"Armenian":        runes(0x561, 38, chars),
		"Hebrew":          runes(0x5D0, 27, chars),
		"Myanmar":         runes(0x1000, 64, chars),
		"accents":         runes(0xC0, 0x100, chars),
	}
}

// BenchmarkLongPiece counts pieces of 25,000 characters.
func BenchmarkLongPiece(b *testing.B) {
	tk, _ := kimi(b)
	for name, text := range longPieces(25_000) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				tk.Count(text, true)
			}
		})
	}
}
