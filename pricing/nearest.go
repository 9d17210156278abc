package pricing

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxEcho    = 64 // characters of a caller's model id that are kept
	maxNearest = 3  // ids that a misspelt one is answered with

	// Slips that a misspelling may have: a quarter of its length, but from
	// minSlips to maxSlips. With more, the answer would be a guess.
	minSlips = 2
	maxSlips = 5
)

// unknown is the error for an id that no model has.
func (b *Book) unknown(id string) error {
	return &UnknownModelError{ID: printable(id), Nearest: b.nearest(id)}
}

// printable keeps at most maxEcho characters of s and replaces those that a
// terminal or a log would not show as they are.
func printable(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == maxEcho {
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// nearest returns the known ids that id may be a misspelling of. An alias
// stands for its model.
func (b *Book) nearest(id string) []string {
	if len(id) > maxEcho {
		return nil // longer than any id: not a misspelling, and costly to compare
	}
	type candidate struct {
		id       string
		distance int
	}
	want := spelling(id)
	limit := min(max(minSlips, len(want)/4), maxSlips)
	var found []candidate
	for _, m := range b.models {
		best := distance(want, m.ID, limit)
		for _, a := range m.Aliases {
			best = min(best, distance(want, spelling(a), limit))
		}
		if best <= limit {
			found = append(found, candidate{m.ID, best})
		}
	}
	slices.SortStableFunc(found, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.id, y.id))
	})
	var ids []string
	for _, c := range found[:min(len(found), maxNearest)] {
		ids = append(ids, c.id)
	}
	return ids
}

// spelling is what two names are compared by: without capitals and without the
// provider before the last slash, which would make all names of one provider
// look alike.
func spelling(name string) string {
	return strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
}

// distance is the Levenshtein distance between two strings of up to maxEcho
// bytes, in bytes; or something above limit if it is over limit.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	var row [maxEcho + 1]int
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}
