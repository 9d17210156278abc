package pieces_test

import (
	"slices"
	"unicode/utf8"

	"tollgate/estimator/tokenizer/pieces"
)

// A matcher is given characters and a place among them, and returns all places
// where it may end, the one it likes best first.
type matcher func(text []rune, i int) []int

// reference splits text by trying the alternatives of the pattern one by one,
// each with full backtracking. It is as slow as it is plain.
func reference(text string) (out []string, kinds []pieces.Kind) {
	chars, starts := decode(text)
	for i := 0; i < len(chars); {
		end, kind := referenceNext(chars, i)
		out = append(out, text[starts[i]:starts[end]])
		kinds = append(kinds, kind)
		i = end
	}
	return out, kinds
}

// decode returns the characters of text and where each starts in it, with the
// length of text at the end.
func decode(text string) (chars []rune, starts []int) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		chars = append(chars, r)
		starts = append(starts, i)
		i += size
	}
	return chars, append(starts, len(text))
}

func referenceNext(chars []rune, i int) (int, pieces.Kind) {
	for _, alt := range alternatives() {
		if ends := sequence(alt.parts...)(chars, i); len(ends) > 0 && ends[0] > i {
			return ends[0], alt.kind
		}
	}
	panic("no alternative of the pattern fits")
}

type alternative struct {
	kind  pieces.Kind
	parts []matcher
}

// alternatives is the pattern, written down a second time.
func alternatives() []alternative {
	const many = 1 << 30
	up, lo := is(pieces.ClassUp), is(pieces.ClassLo)
	prefix := isNot(pieces.ClassBreak | pieces.ClassLetter | pieces.ClassNumber)
	punct := isNot(pieces.ClassSpace | pieces.ClassLetter | pieces.ClassNumber)
	space, brk := is(pieces.ClassSpace), is(pieces.ClassBreak)
	blank := func(r rune) bool { return r == ' ' }
	return []alternative{
		{pieces.Han, []matcher{repeat(is(pieces.ClassHan), 1, many)}},
		{pieces.Letters, []matcher{repeat(prefix, 0, 1), repeat(up, 0, many), repeat(lo, 1, many), contraction}},
		{pieces.Letters, []matcher{repeat(prefix, 0, 1), repeat(up, 1, many), repeat(lo, 0, many), contraction}},
		{pieces.Digits, []matcher{repeat(is(pieces.ClassNumber), 1, 3)}},
		{pieces.Punctuation, []matcher{repeat(blank, 0, 1), repeat(punct, 1, many), repeat(brk, 0, many)}},
		{pieces.Newline, []matcher{repeat(space, 0, many), repeat(brk, 1, many)}},
		{pieces.Space, []matcher{repeat(space, 1, many), notBefore(isNot(pieces.ClassSpace))}},
		{pieces.Space, []matcher{repeat(space, 1, many)}},
	}
}

func is(class uint8) func(rune) bool {
	return func(r rune) bool { return pieces.ClassOf(r)&class != 0 }
}

func isNot(class uint8) func(rune) bool {
	return func(r rune) bool { return pieces.ClassOf(r)&class == 0 }
}

// repeat matches from least to most characters, rather more.
func repeat(ok func(rune) bool, least, most int) matcher {
	return func(text []rune, i int) []int {
		var ends []int
		for n := 0; n <= most; n++ {
			if n >= least {
				ends = append(ends, i+n)
			}
			if i+n == len(text) || !ok(text[i+n]) {
				break
			}
		}
		slices.Reverse(ends)
		return ends
	}
}

// sequence matches the parts one after the other; a part that can not go on
// sends the one before it to its next choice.
func sequence(parts ...matcher) matcher {
	return func(text []rune, i int) []int {
		if len(parts) == 0 {
			return []int{i}
		}
		for _, end := range parts[0](text, i) {
			if ends := sequence(parts[1:]...)(text, end); len(ends) > 0 {
				return ends[:1]
			}
		}
		return nil
	}
}

// notBefore matches nothing where no character that fits follows.
func notBefore(ok func(rune) bool) matcher {
	return func(text []rune, i int) []int {
		if i < len(text) && ok(text[i]) {
			return nil
		}
		return []int{i}
	}
}

func contraction(text []rune, i int) []int {
	for _, tail := range []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		end := i + len(tail)
		if end <= len(text) && fold(text[i:end]) == tail {
			return []int{end, i}
		}
	}
	return []int{i}
}

// fold is simple case folding for the letters of contractions.
func fold(text []rune) string {
	out := make([]rune, len(text))
	for i, r := range text {
		switch {
		case r == 'ſ':
			r = 's'
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		}
		out[i] = r
	}
	return string(out)
}

// referenceChunks cuts text at limits, character by character.
func referenceChunks(text string, limits pieces.Limits) []string {
	chars, starts := decode(text)
	var out []string
	for slice := 0; slice < len(chars); slice += limits.Chars {
		end := min(slice+limits.Chars, len(chars))
		from, run := slice, 0
		for i := slice; i < end; i++ {
			if i > slice && pythonSpace(chars[i]) == pythonSpace(chars[i-1]) {
				run++
			} else {
				run = 1
			}
			if run > limits.Run {
				out = append(out, text[starts[from]:starts[i]])
				from, run = i, 1
			}
		}
		out = append(out, text[starts[from]:starts[end]])
	}
	return out
}

func pythonSpace(r rune) bool {
	return pieces.ClassOf(r)&pieces.ClassSpace != 0 || slices.Contains([]rune{0x1C, 0x1D, 0x1E, 0x1F}, r)
}
