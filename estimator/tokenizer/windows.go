package tokenizer

import "strings"

// windows merges a piece of any length, one window after the other.
//
// A window is cut at a token a little before its end, and the next one begins with
// that token. If it has the token too, the tokens of both are those of the whole:
// a list of tokens is what their text merges into if each two neighbours are what
// the text of those two does, as the first merge over an edge would be there too.
// And they are that where they are neighbours in what any text merges into. The
// token is one of the first window's with what is before it, and of the second's
// with what follows.
//
// If it has not, the merging goes on from where the end of the first window can
// have made no difference, and the windows overlap more from then on. That is rare:
// text depends on what follows it for more than a few tokens if it was made for that.
//
// Where text repeats itself a window is often the one before it again, and is then
// not merged a second time.
type windows struct {
	rest string // what is to be merged yet
	back int    // how many parts before its end a window is cut, at least
	// first is the token at the cut, or none if the cut is sure. If the next window
	// begins with another one, unsure tokens have to go, and the rest is sure.
	first  uint32
	unsure int
	sure   string
	// same is the text of the window that was merged last, whose parts the merger
	// still has, and what may have been looked at beyond: the character after it. It
	// is "" if the piece ends before that. end is where the window ends, and left how
	// many tokens it has.
	same      string
	end, left int
}

// overlap is how many parts a window is cut before its end at first.
const overlap = 32

// count returns the number of tokens of a piece.
func (m *merger) count(v *vocabulary, piece string) int {
	n := 0
	for w := (windows{rest: piece, back: overlap, first: none}); w.rest != ""; {
		added, _ := w.merge(m, v)
		n += added
	}
	return n
}

// appendTo appends the tokens of a piece to ids.
func (m *merger) appendTo(ids []int, v *vocabulary, piece string) []int {
	for w := (windows{rest: piece, back: overlap, first: none}); w.rest != ""; {
		added, cut := w.merge(m, v)
		ids = ids[:len(ids)+min(added, 0)]
		for at := 0; at < cut; at = int(m.next[at]) {
			ids = append(ids, int(m.ids[at]))
		}
	}
	return ids
}

// merge merges the next window. It returns how many tokens that adds, those of the
// parts before cut, or less than 0 if some have to go.
func (w *windows) merge(m *merger, v *vocabulary) (added, cut int) {
	if w.same == "" || !strings.HasPrefix(w.rest, w.same) {
		w.run(m, v)
	}
	end, left := w.end, w.left
	if w.first != none && w.first != m.ids[0] {
		w.rest, w.first, w.back = w.sure, none, 2*w.back
		return -w.unsure, 0
	}
	if end == len(w.rest) {
		w.rest = ""
		return left, m.n
	}
	cut, after := m.cut(v.reach)
	near, afterNear := m.nearCut(w.back)
	w.first = none
	if near > cut {
		w.first, w.unsure, w.sure = m.ids[near], after-afterNear, w.rest[m.starts[cut]:]
		cut, after = near, afterNear
	}
	w.rest = w.rest[m.starts[cut]:]
	return left - after, cut
}

// run merges the beginning of the rest.
func (w *windows) run(m *merger, v *vocabulary) {
	w.end = m.load(v, w.rest)
	w.left = m.run(v)
	w.same = ""
	if seen := w.end + maxCharBytes; seen <= len(w.rest) {
		w.same = w.rest[:seen]
	}
}

// nearCut is cut, but at a token that is not shorter than the one before it: at the
// end of a run of one character are ever shorter ones, which will not be there if
// the run goes on.
func (m *merger) nearCut(back int) (cut, after int) {
	cut, after = m.cut(back)
	for cut > 0 {
		before := m.prev[cut]
		if m.starts[cut]-m.starts[before] <= m.starts[m.next[cut]]-m.starts[cut] {
			break
		}
		cut = int(before)
		after++
	}
	return cut, after
}

// cut returns the last part that starts at least back parts before the end of the
// window, and how many tokens follow, with it. It is not the first.
func (m *merger) cut(back int) (cut, after int) {
	cut = m.n
	for cut > m.n-back {
		cut = int(m.prev[cut])
		after++
	}
	return cut, after
}
