package main

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
)

// madeOf is how many bytes are made of a dictionary.
const madeOf = 5_000_000

// sentences makes text of a dictionary whose lines are a word and how often it
// was seen in some corpus: words drawn as often as that, three to nine to a
// sentence. How words follow each other is lost, but what stands inside of them
// is as in running text.
func sentences(dictionary []byte) []byte {
	words, upTo := parseDictionary(dictionary)
	if len(words) == 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(1, 4)) //nolint:gosec // reproducible, not secret
	var out bytes.Buffer
	for out.Len() < madeOf {
		for range 3 + rng.IntN(7) {
			i, _ := slices.BinarySearch(upTo, 1+rng.IntN(upTo[len(upTo)-1]))
			out.Write(words[i])
		}
		out.WriteString([]string{"，", "。", "。\n", "？\n", "！", "、"}[rng.IntN(6)])
	}
	return out.Bytes()
}

// parseDictionary returns the words and, for each, the sum of the frequencies up
// to it.
func parseDictionary(dictionary []byte) (words [][]byte, upTo []int) {
	sum := 0
	for line := range bytes.Lines(dictionary) {
		fields := bytes.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if n, err := strconv.Atoi(string(fields[1])); err == nil && n > 0 {
			sum += n
			words = append(words, fields[0])
			upTo = append(upTo, sum)
		}
	}
	return words, upTo
}
