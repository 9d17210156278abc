package tokenizer_test

import (
	"slices"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/pieces"
)

// reference is the rule by the letter: a map from bytes to numbers, and merging
// the pair with the lowest number until none is left.
type reference map[string]int

func newReference(list []string) reference {
	r := reference{}
	for id, s := range list {
		r[s] = id
	}
	return r
}

// encode returns the tokens of a text without control tokens.
func (r reference) encode(text string) []int {
	var ids []int
	for piece := range pieces.All(text) {
		ids = append(ids, r.piece(piece)...)
	}
	return ids
}

// piece returns the tokens of one piece.
func (r reference) piece(piece string) []int {
	if id, ok := r[piece]; ok {
		return []int{id}
	}
	ids, _, _ := r.merge(piece)
	return ids
}

// merge merges the bytes of piece. It returns the halves of the last merge, and
// whether the merges came in the order of their numbers.
func (r reference) merge(piece string) (ids []int, halves [2]string, ordered bool) {
	var parts []string
	for i := range len(piece) {
		parts = append(parts, piece[i:i+1])
	}
	unions := make([]int, len(parts)) // of each part with the next
	for i := range parts {
		unions[i] = r.union(parts, i)
	}
	youngest := -1
	ordered = true
	for {
		at := -1
		for i, id := range unions {
			if id >= 0 && (at < 0 || id < unions[at]) {
				at = i
			}
		}
		if at < 0 {
			break
		}
		ordered = ordered && unions[at] >= youngest
		youngest = unions[at]
		halves = [2]string{parts[at], parts[at+1]}
		parts[at] += parts[at+1]
		parts = slices.Delete(parts, at+1, at+2)
		unions = slices.Delete(unions, at+1, at+2)
		for i := max(0, at-1); i <= at; i++ {
			unions[i] = r.union(parts, i)
		}
	}
	for _, part := range parts {
		ids = append(ids, r[part])
	}
	return ids, halves, ordered
}

// union returns what part i and the next merge into, or -1.
func (r reference) union(parts []string, i int) int {
	if i+1 < len(parts) {
		if id, ok := r[parts[i]+parts[i+1]]; ok {
			return id
		}
	}
	return -1
}

// full is encode with control tokens of family, cut at limits.
func (r reference) full(text string, family pieces.Family, limits pieces.Limits) []int {
	var ids []int
	chunks := pieces.NewChunks(text, limits)
	for part, ok := chunks.Next(); ok; part, ok = chunks.Next() {
		for {
			at, found := family.Find(part, 0)
			if !found {
				break
			}
			ids = append(append(ids, r.encode(part[:at.Start])...), at.ID)
			part = part[at.End:]
		}
		ids = append(ids, r.encode(part)...)
	}
	return ids
}

// train makes a vocabulary of n tokens by merging, again and again, the most
// frequent pair in the pieces of text: the smallest pair in bytes on ties.
func train(text string, n int) []string {
	list := make([]string, 0, n)
	for c := range 256 {
		list = append(list, string([]byte{byte(c)}))
	}
	var words [][]string
	for piece := range pieces.All(text) {
		var parts []string
		for i := range len(piece) {
			parts = append(parts, piece[i:i+1])
		}
		words = append(words, parts)
	}
	for len(list) < n {
		counts := map[[2]string]int{}
		for _, w := range words {
			for i := range len(w) - 1 {
				counts[[2]string{w[i], w[i+1]}]++
			}
		}
		best, most := [2]string{}, 1
		for pair, count := range counts {
			if count > most || count == most && count > 1 && pair[0]+"\x00"+pair[1] < best[0]+"\x00"+best[1] {
				best, most = pair, count
			}
		}
		if most == 1 {
			break
		}
		list = append(list, best[0]+best[1])
		for i, w := range words {
			words[i] = mergePair(w, best)
		}
	}
	return list
}

// mergePair joins each occurrence of pair in parts.
func mergePair(parts []string, pair [2]string) []string {
	out := parts[:0]
	for i := 0; i < len(parts); i++ {
		if i+1 < len(parts) && parts[i] == pair[0] && parts[i+1] == pair[1] {
			out = append(out, pair[0]+pair[1])
			i++
			continue
		}
		out = append(out, parts[i])
	}
	return out
}

var _ interface {
	Count(text string, specials bool) int64
} = (*tokenizer.Tokenizer)(nil)
