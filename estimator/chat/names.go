package chat

import (
	"hash/maphash"
	"slices"
)

const (
	// fewNames is up to how many names of an object are compared one by one.
	fewNames = 16

	// nameCost is what finding a name again takes up beside its text, in bytes.
	nameCost = 32
)

// names holds the member names of the objects that are open, without a string
// for each: they are needed to find duplicates and to name places.
//
// The names of an object with more than a few are also in a table. Objects open
// and close like brackets, so what was put into the table last is taken out
// first, and a table with linear probing can just be wiped where it was put.
type names struct {
	text []byte
	ends []uint32 // of each name in text

	seed  maphash.Seed
	table []uint32 // 1 + index of a name; 0 is free. A power of two of them
	used  int      // places of table that are not free
}

// nameSet is the names of one open object.
type nameSet struct {
	first  int    // index of its first name in ends
	start  uint32 // of its first name in text
	tabled bool   // they are in the table
}

// reset forgets all names, wherever the scan ended.
func (n *names) reset() {
	if n.used > 0 {
		clear(n.table)
		n.used = 0
	}
	n.text, n.ends = n.text[:0], n.ends[:0]
	if cap(n.text) > maxIdle || cap(n.ends) > maxIdle/4 || len(n.table) > maxIdle/4 {
		*n = names{seed: n.seed}
	}
}

// open starts the names of an object.
func (n *names) open() nameSet {
	return nameSet{first: len(n.ends), start: uint32(len(n.text))} //nolint:gosec // names are bounded by their charge
}

// close forgets the names of the innermost object.
func (n *names) close(set nameSet) {
	for i := len(n.ends) - 1; set.tabled && i >= set.first; i-- {
		n.table[n.placeOf(i)] = 0
		n.used--
	}
	n.ends, n.text = n.ends[:set.first], n.text[:set.start]
}

// add notes a name. It returns where in text it stands, and whether the object
// did not have it yet.
func (n *names) add(name []byte, set *nameSet) (from int, fresh bool) {
	if !set.tabled && len(n.ends)-set.first >= fewNames {
		for i := set.first; i < len(n.ends); i++ {
			n.put(i)
		}
		set.tabled = true
	}
	fresh = !n.has(name, set)
	from = len(n.text)
	n.text = append(grown(n.text, len(name)), name...)
	n.ends = append(grown(n.ends, 1), uint32(len(n.text))) //nolint:gosec // names are bounded by their charge
	if set.tabled {
		n.put(len(n.ends) - 1)
	}
	return from, fresh
}

// has reports whether the innermost object has a name.
func (n *names) has(name []byte, set *nameSet) bool {
	if set.tabled {
		return n.table[n.place(name, set.first)] != 0
	}
	from := set.start
	for _, end := range n.ends[set.first:] {
		if string(n.text[from:end]) == string(name) {
			return true
		}
		from = end
	}
	return false
}

// name returns a name by its index.
func (n *names) name(i int) []byte {
	if i == 0 {
		return n.text[:n.ends[0]]
	}
	return n.text[n.ends[i-1]:n.ends[i]]
}

// put puts a name into the table.
func (n *names) put(i int) {
	if 4*(n.used+1) > 3*len(n.table) {
		n.rehash()
	}
	n.table[n.place(n.name(i), len(n.ends))] = uint32(i + 1) //nolint:gosec // names are bounded by their charge
	n.used++
}

// place returns where in the table a name of the innermost object is, or a free
// place for it. Names before first are of other objects.
func (n *names) place(name []byte, first int) int {
	mask := len(n.table) - 1
	at := int(maphash.Bytes(n.seed, name)) & mask //nolint:gosec // any bits will do
	for {
		i := int(n.table[at]) - 1
		if i < 0 || i >= first && string(n.name(i)) == string(name) {
			return at
		}
		at = (at + 1) & mask
	}
}

// placeOf returns where in the table a name is.
func (n *names) placeOf(i int) int {
	mask := len(n.table) - 1
	at := int(maphash.Bytes(n.seed, n.name(i))) & mask //nolint:gosec // any bits will do
	for int(n.table[at]) != i+1 {
		at = (at + 1) & mask
	}
	return at
}

// rehash doubles the table. The names go in by age, so that the youngest can
// be wiped.
func (n *names) rehash() {
	old := n.table
	n.table = make([]uint32, max(4*fewNames, 2*len(old)))
	slices.Sort(old)
	for _, i := range old {
		if i > 0 {
			n.table[n.place(n.name(int(i)-1), len(n.ends))] = i
		}
	}
}

// cost is what the names of the innermost object are charged with.
func (n *names) cost(set nameSet) int {
	return (len(n.ends)-set.first)*nameCost + len(n.text) - int(set.start)
}

// grown returns b with room for n more, at least doubled when there is none.
func grown[T any](b []T, n int) []T {
	if cap(b)-len(b) >= n {
		return b
	}
	larger := make([]T, len(b), max(2*cap(b), len(b)+n))
	copy(larger, b)
	return larger
}
