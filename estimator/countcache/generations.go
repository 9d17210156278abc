package countcache

import (
	"strings"

	gocache "github.com/patrickmn/go-cache"
)

// generations are entries by age: what was put in since the last turn, and
// what was put in between the turn before and that.
//
// To make room, what is old is dropped as a whole. That takes the same moment
// however much it is, and it keeps no order among entries that every request
// would have to update.
type generations struct {
	young, old generation
}

func newGenerations() generations {
	return generations{young: newGeneration(), old: newGeneration()}
}

// turned makes the young generation the old one; what was old is gone.
func (g generations) turned() generations {
	return generations{young: newGeneration(), old: g.young}
}

// find returns the entry under k, or nil.
func (g generations) find(k key) *entry {
	if e := g.young.find(k); e != nil {
		return e
	}
	return g.old.find(k)
}

func (g generations) remove(k key) {
	g.young.remove(k)
	g.old.remove(k)
}

func (g generations) size() int { return g.young.size() + g.old.size() }

// generation is a go-cache. It has no expiry of its own, for entries carry
// theirs, and no janitor, for that would lock it while it walks over every
// entry.
type generation struct {
	store *gocache.Cache
	made  *blocks
}

func newGeneration() generation {
	return generation{gocache.New(gocache.NoExpiration, 0), &blocks{}}
}

// find returns the entry under k, or nil.
func (g generation) find(k key) *entry {
	v, _ := g.store.Get(string(k[:]))
	e, _ := v.(*entry)
	return e
}

// set puts a copy of e in. Who found what was there before may go on reading it.
func (g generation) set(k key, e *entry) {
	name, place := g.made.add(k, e)
	g.store.Set(name, place, gocache.NoExpiration)
}

func (g generation) remove(k key) { g.store.Delete(string(k[:])) }

func (g generation) size() int { return g.store.ItemCount() }

// worn reports whether so many entries came and went that a generation of limit
// entries takes up about twice the memory that it should: what was taken out is
// freed only with its neighbours.
func (g generation) worn(limit int) bool { return g.made.count >= 2*limit }

// blockEntries is how many entries a block has: the most whose keys and whose
// entries are of sizes that the allocator has, 2,048 and 3,072 bytes.
const blockEntries = 64

// blocks are the memory that the entries of a generation and their keys are in,
// many in one piece. Each in a piece of its own they would keep the garbage
// collector busy four times as long, and a collector that has to share the only
// processor keeps it for longer at a time the longer it is busy.
type blocks struct {
	count   int             // of all that was added
	keys    strings.Builder // of the block at hand
	entries []entry         // of the block at hand
}

// add returns a copy of e, and k as text.
func (b *blocks) add(k key, e *entry) (name string, place *entry) {
	if len(b.entries) == cap(b.entries) {
		b.keys, b.entries = strings.Builder{}, make([]entry, 0, blockEntries)
		b.keys.Grow(blockEntries * len(k))
	}
	b.count++
	from := b.keys.Len()
	b.keys.Write(k[:])
	b.entries = append(b.entries, *e)
	return b.keys.String()[from:], &b.entries[len(b.entries)-1]
}
