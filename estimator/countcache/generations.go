package countcache

import gocache "github.com/patrickmn/go-cache"

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
type generation struct{ store *gocache.Cache }

func newGeneration() generation {
	return generation{gocache.New(gocache.NoExpiration, 0)}
}

// find returns the entry under k, or nil.
func (g generation) find(k key) *entry {
	v, _ := g.store.Get(string(k[:]))
	e, _ := v.(*entry)
	return e
}

func (g generation) set(k key, e *entry) {
	g.store.Set(string(k[:]), e, gocache.NoExpiration)
}

func (g generation) remove(k key) { g.store.Delete(string(k[:])) }

func (g generation) size() int { return g.store.ItemCount() }
