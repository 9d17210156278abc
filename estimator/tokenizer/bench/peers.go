package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	pkoukk "github.com/pkoukk/tiktoken-go"
	tiktokengo "github.com/tiktoken-go/tokenizer"
)

// kimiPattern is the pattern for regexp2, which writes class intersection with
// a negation as subtraction. It means the Unicode tables of the Go release.
const kimiPattern = `[\p{Han}]+` +
	`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}-[\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

// openPeers makes the counters of the other libraries.
func openPeers(vocab string, rounds int) ([]counter, error) {
	ranks, err := readRanks(vocab)
	if err != nil {
		return nil, err
	}
	core, err := pkoukk.NewCoreBPE(ranks, map[string]int{}, kimiPattern)
	if err != nil {
		return nil, fmt.Errorf("pkoukk/tiktoken-go: %w", err)
	}
	kimi := pkoukk.NewTiktoken(core, &pkoukk.Encoding{Name: "kimi"}, map[string]any{})
	out := []counter{{"pkoukk/tiktoken-go, Kimi ranks", rounds, func() {}, func(text string) int64 {
		return int64(len(kimi.EncodeOrdinary(text)))
	}}}
	for _, encoding := range []tiktokengo.Encoding{tiktokengo.O200kBase, tiktokengo.Cl100kBase} {
		codec, err := tiktokengo.Get(encoding)
		if err != nil {
			return nil, fmt.Errorf("tiktoken-go/tokenizer: %w", err)
		}
		out = append(out, counter{"tiktoken-go/tokenizer, " + string(encoding), rounds, func() {}, func(text string) int64 {
			n, _ := codec.Count(text)
			return int64(n)
		}})
	}
	return out, nil
}

// readRanks reads the vocabulary file the plain way.
func readRanks(path string) (map[string]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ranks := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		encoded, _, _ := strings.Cut(lines.Text(), " ")
		token, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, err
		}
		ranks[string(token)] = len(ranks)
	}
	return ranks, nil
}
