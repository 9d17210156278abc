package chat

// fewNames is up to how many names of an object are compared one by one.
const fewNames = 16

// names holds the member names of the objects that are open, without a string
// for each: they are needed to find duplicates and to name places.
type names struct {
	text []byte
	ends []int // of each name in text
}

// nameSet is the names of one open object.
type nameSet struct {
	first int                 // index of its first name in ends
	start int                 // of its first name in text
	many  map[string]struct{} // all of them, once they are more than a few
}

// open starts the names of an object.
func (n *names) open() nameSet {
	return nameSet{first: len(n.ends), start: len(n.text)}
}

// close forgets the names of the innermost object.
func (n *names) close(set nameSet) {
	n.ends, n.text = n.ends[:set.first], n.text[:set.start]
}

// add notes a name. It returns where in text it stands, and whether the object
// did not have it yet.
func (n *names) add(name []byte, set *nameSet) (from int, fresh bool) {
	fresh = !n.has(name, set)
	from = len(n.text)
	n.text = append(n.text, name...)
	n.ends = append(n.ends, len(n.text))
	if set.many != nil {
		set.many[string(name)] = struct{}{}
	}
	return from, fresh
}

// has reports whether the innermost object has a name.
func (n *names) has(name []byte, set *nameSet) bool {
	if set.many != nil {
		_, ok := set.many[string(name)]
		return ok
	}
	from, found := set.start, false
	for _, end := range n.ends[set.first:] {
		found = found || string(n.text[from:end]) == string(name)
		from = end
	}
	if len(n.ends)-set.first >= fewNames {
		n.index(set)
	}
	return found
}

// index makes the set's map.
func (n *names) index(set *nameSet) {
	set.many = make(map[string]struct{}, 4*fewNames)
	from := set.start
	for _, end := range n.ends[set.first:] {
		set.many[string(n.text[from:end])] = struct{}{}
		from = end
	}
}
