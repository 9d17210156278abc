package chat

// maxKey is the longest key accepted, in bytes.
const maxKey = 64 << 10

// field is a member that an object of the API is known to have. Such objects
// are read by tables of fields: the order of their keys carries no meaning.
type field[T any] struct {
	name string
	read func(*scanner, *T) error
	// nullable is set where read wants to see a null itself. Elsewhere a null
	// is treated as a member that the table does not know.
	nullable bool
}

// table is everything that is known of one kind of API object. It has at most
// 32 fields.
type table[T any] struct {
	fields []field[T]
	// other reads the value of a member that is not in fields.
	other func(s *scanner, t *T, name string) error
}

// object reads an object of the API into t.
func object[T any](s *scanner, t *T, tab *table[T]) error {
	if err := s.enter('{', "must be a JSON object"); err != nil {
		return err
	}
	var seen uint32
	names := s.names.open()
	for n := 0; ; n++ {
		more, err := s.more('}', n)
		if err != nil {
			return err
		}
		if !more {
			s.forget(names)
			return nil
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		i := tab.find(key)
		if i < 0 {
			err = s.unknown(key, &names, func(name string) error { return tab.other(s, t, name) })
		} else {
			err = known(s, t, tab, i, &seen)
		}
		if err != nil {
			return err
		}
	}
}

// find returns the index of the field with a name, or -1.
func (tab *table[T]) find(name []byte) int {
	for i := range tab.fields {
		if tab.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}

// known reads the value of field i. seen has a bit for every field there was.
func known[T any](s *scanner, t *T, tab *table[T], i int, seen *uint32) error {
	f := &tab.fields[i]
	s.at(step{key: f.name, index: isKey})
	if *seen&(1<<i) != 0 {
		return s.duplicate()
	}
	*seen |= 1 << i
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == 'n' && !f.nullable {
		return tab.other(s, t, f.name)
	}
	return f.read(s, t)
}

// unknown notes the name of a member and reads its value.
func (s *scanner) unknown(key []byte, names *nameSet, read func(string) error) error {
	if err := s.remember(key, names); err != nil {
		return err
	}
	return read(string(key))
}

// remember notes the name of a member.
func (s *scanner) remember(key []byte, set *nameSet) error {
	from, fresh := s.names.add(key, set)
	s.at(step{index: isKey, from: from, to: from + len(key)})
	if !fresh {
		return s.duplicate()
	}
	return s.afford(nameCost + len(key))
}

// forget forgets the names of an object that ends.
func (s *scanner) forget(set nameSet) {
	s.refund(s.names.cost(set))
	s.names.close(set)
}

// array reads an array whose elements are objects, or what else read accepts.
func array[T any](s *scanner, dst *[]T, read func(*scanner, *T) error) error {
	if err := s.enter('[', "must be a JSON array"); err != nil {
		return err
	}
	list := elements[T]{began: s.offset()}
	for n := 0; ; n++ {
		more, err := s.more(']', n)
		if err != nil {
			return err
		}
		if !more {
			*dst = list.all(n)
			return nil
		}
		s.at(step{index: n})
		if s.elements++; s.elements > MaxElements {
			return s.fail(OutOfRange, "too many messages, content parts, tools and tool calls in one request")
		}
		element, err := list.next(s, n)
		if err != nil {
			return err
		}
		if err := read(s, element); err != nil {
			return err
		}
	}
}

// enter consumes the bracket that opens an object or an array.
func (s *scanner) enter(bracket byte, want string) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != bracket {
		return s.fail(WrongType, want)
	}
	if len(s.path)-s.outside == MaxDepth {
		return s.fail(Malformed, "nested too deep")
	}
	s.pos++
	s.path = append(s.path, step{index: noIndex})
	return nil
}

// at says which member or element of the innermost object or array comes.
func (s *scanner) at(st step) { s.path[len(s.path)-1] = st }

// more consumes what stands before member or element n, and reports whether
// there is one. When there is none it consumes the closing bracket.
func (s *scanner) more(bracket byte, n int) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	if c == bracket {
		s.pos++
		s.path = s.path[:len(s.path)-1]
		return false, nil
	}
	s.at(step{index: noIndex})
	if n == 0 {
		return true, nil
	}
	if c != ',' {
		return false, s.fail(Malformed, "want a comma or the closing bracket")
	}
	s.pos++
	if c, err = s.peek(); err == nil && c == bracket {
		err = s.fail(Malformed, "there is a comma before the closing bracket")
	}
	return true, err
}

// duplicate is the error for a key that was there before.
func (s *scanner) duplicate() error {
	return s.fail(Malformed, "this key is there twice; readers differ in which one counts")
}

// key consumes a member's name and the colon. The name stands in s.scratch.
func (s *scanner) key() ([]byte, error) {
	c, err := s.peek()
	if err != nil {
		return nil, err
	} else if c != '"' {
		return nil, s.fail(Malformed, "want a key in double quotes")
	}
	s.pos++
	s.scratch = s.scratch[:0]
	for closed := false; !closed; {
		var seg []byte
		var err error
		if seg, closed, err = s.segment(); err != nil {
			return nil, err
		}
		if len(s.scratch)+len(seg) > maxKey {
			return nil, s.fail(Malformed, "a key of more than 65536 bytes")
		}
		s.scratch = append(s.scratch, seg...)
	}
	if c, err := s.peek(); err != nil {
		return nil, err
	} else if c != ':' {
		return nil, s.fail(Malformed, "want a colon behind the key")
	}
	s.pos++
	return s.scratch, nil
}
