package local

import (
	"hash/maphash"
	"sync"
)

const (
	// memoLeast is the shortest text worth remembering, in bytes: below it the
	// count costs about as much as finding it would.
	memoLeast = 128

	// memoEntries is how many texts a generation remembers. Two generations of
	// them take about 10 MB.
	memoEntries = 1 << 16
)

// memo remembers the tallies of texts. In an agent's loop each request is the
// last one and a turn more: what was counted before is looked up, and only the
// turn is counted.
//
// It holds no text, only two seeded 64-bit hashes of it. The seeds are made
// anew in every process, so nobody can choose two texts that collide, and by
// accident 128 bits do not.
type memo struct {
	texts Texts
	seeds [2]maphash.Seed

	mu         sync.Mutex
	young, old map[memoKey]Tally // a full young generation becomes the old one
}

// memoKey identifies a text.
type memoKey struct {
	high, low uint64
	specials  bool
}

// newMemo returns texts that are counted once.
func newMemo(texts Texts) *memo {
	return &memo{texts: texts, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// Tally counts one text, or remembers what it came to.
func (m *memo) Tally(text string, specials bool, pause func()) Tally {
	return m.tally(text, nil, specials, pause)
}

// tally is Tally of a text whose digest may be known. Then that is hashed in its
// place: where two digests are the same, so are the texts.
func (m *memo) tally(text string, digest *[32]byte, specials bool, pause func()) Tally {
	if len(text) < memoLeast {
		return m.texts.Tally(text, specials, pause)
	}
	key := memoKey{specials: specials}
	if digest == nil {
		key.high, key.low = maphash.String(m.seeds[0], text), maphash.String(m.seeds[1], text)
	} else {
		key.high, key.low = maphash.Bytes(m.seeds[0], digest[:]), maphash.Bytes(m.seeds[1], digest[:])
	}
	if t, ok := m.find(key); ok {
		return t
	}
	t := m.texts.Tally(text, specials, pause)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(key, t)
	return t
}

// Bounds returns the bounds of a sum.
func (m *memo) Bounds(sum Tally) (low, tokens, high int64) { return m.texts.Bounds(sum) }

// find returns a tally that is remembered, and keeps it from growing old.
func (m *memo) find(key memoKey) (Tally, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t, ok := m.young[key]; ok {
		return t, true
	}
	t, ok := m.old[key]
	if ok {
		m.add(key, t)
	}
	return t, ok
}

// add remembers a tally. The lock is held.
func (m *memo) add(key memoKey, t Tally) {
	if m.young == nil || len(m.young) >= memoEntries {
		m.young, m.old = make(map[memoKey]Tally), m.young
	}
	m.young[key] = t
}
