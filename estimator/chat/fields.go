package chat

import "crypto/sha256"

// member is a member that no table knows: its name, and the digest of its
// canonical value. It may change a count, so it is part of the hash.
type member struct {
	name   string
	digest [sha256.Size]byte
}

// digestOther reads the value of a member that no table knows.
func (s *scanner) digestOther(extra *[]member, name string) error {
	if err := s.afford(2 * sizeOf[member]()); err != nil { // a list doubles
		return err
	}
	s.member.Reset()
	if err := s.value(s.member); err != nil {
		return err
	}
	m := member{name: name}
	s.member.Sum(m.digest[:0])
	*extra = append(*extra, m)
	return nil
}

// text returns a read function for a member that is a string.
func text[T any](at func(*T) *string) func(*scanner, *T) error {
	return func(s *scanner, t *T) (err error) {
		*at(t), err = s.stringValue()
		return err
	}
}

// flag returns a read function for a member that is true or false.
func flag[T any](at func(*T) *bool) func(*scanner, *T) error {
	return func(s *scanner, t *T) (err error) {
		*at(t), err = s.boolean()
		return err
	}
}

// number returns a read function for a member that is a number.
func number[T any](at func(*T) **Number) func(*scanner, *T) error {
	return func(s *scanner, t *T) error {
		raw, err := s.number()
		if err == nil {
			*at(t) = new(Number(raw))
		}
		return err
	}
}

// limit returns a read function for a member that limits the output.
func limit[T any](at func(*T) **int64) func(*scanner, *T) error {
	return func(s *scanner, t *T) (err error) {
		*at(t), err = s.tokenLimit()
		return err
	}
}

// list returns a read function for a member that is an array of objects.
func list[T, E any](at func(*T) *[]E, tab *table[E]) func(*scanner, *T) error {
	return func(s *scanner, t *T) error {
		return array(s, at(t), func(s *scanner, e *E) error { return object(s, e, tab) })
	}
}
