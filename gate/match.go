package gate

import (
	"cmp"
	"slices"
)

// matcher finds the entry of the baseline that a case was: the one of its id,
// else one that has its content and whose own id is gone.
type matcher struct {
	old    map[string]*entry
	orphan map[string][]*entry // by content, whose id no case has any more
	used   map[string]bool
}

// index prepares the search.
func (m *matcher) index(cases []*measured) {
	ids := make(map[string]bool, len(cases))
	for _, c := range cases {
		ids[c.ID] = true
	}
	m.orphan = make(map[string][]*entry)
	for id, e := range m.old {
		if !ids[id] {
			key := e.measurement.Model + " " + e.measurement.Hash
			m.orphan[key] = append(m.orphan[key], e)
		}
	}
	for _, list := range m.orphan {
		slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.id, b.id) })
	}
}

// find returns the entry of a case; nil when it is new. An entry is found
// once.
func (m *matcher) find(c *measured) *entry {
	if e, ok := m.old[c.ID]; ok {
		m.used[e.id] = true
		return e
	}
	if c.Now == nil {
		return nil
	}
	key := c.Now.Model + " " + c.Now.Hash
	list := m.orphan[key]
	if len(list) == 0 {
		return nil
	}
	m.orphan[key] = list[1:]
	m.used[list[0].id] = true
	return list[0]
}

// rest returns the entries that no case was, by their ids.
func (m *matcher) rest() []*entry {
	var gone []*entry
	for id, e := range m.old {
		if !m.used[id] {
			gone = append(gone, e)
		}
	}
	slices.SortFunc(gone, func(a, b *entry) int { return cmp.Compare(a.id, b.id) })
	return gone
}
