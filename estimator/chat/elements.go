package chat

const (
	// fewElements is from how many elements on their density tells something.
	fewElements = 8

	// maxLeap is the most elements that room is made for because of what is
	// promised; else it is made for three times more.
	maxLeap = 1 << 14

	// stretch is how many elements are put together at most where the length of
	// the body is not known.
	stretch = 1 << 10

	// fewLevels is how deep the arrays of the request itself are.
	fewLevels = 2
)

// elements are those of an array on its way to become a slice. Their number is
// not known before their end, and a slice that grows leaves garbage of its own
// size behind. So room is made for as many as fit the rest of the body; where
// nobody knows how long that is, they are put together at the end.
type elements[T any] struct {
	began int64 // offset of the first
	full  [][]T // stretches before the last
	last  []T
}

// next returns room for the n-th element.
func (e *elements[T]) next(s *scanner, n int) (*T, error) {
	size := sizeOf[T]()
	if err := s.charge(size); err != nil {
		return nil, err
	}
	if len(e.last) == cap(e.last) {
		room, moves := e.room(s, n)
		if err := s.build((room - n) * size); err != nil {
			return nil, err
		}
		if moves {
			e.last = append(make([]T, 0, room), e.last...)
		} else {
			e.full, e.last = append(e.full, e.last), make([]T, 0, room-n)
		}
	}
	e.last = e.last[:len(e.last)+1]
	return &e.last[len(e.last)-1], nil
}

// room returns how many elements to make room for when n take up all there is,
// and whether they are to move there.
func (e *elements[T]) room(s *scanner, n int) (room int, moves bool) {
	if n == 0 && len(s.path)-s.outside > fewLevels {
		return 1, true // most messages have one part or call
	}
	rest := s.hint - s.offset()
	if n < fewElements {
		return max(2, 2*n), true
	}
	if rest <= 0 {
		return n + min(n, stretch), false
	}
	// As many more as fit the rest of the body if they go on as they did.
	more := int(min(rest*int64(n)/max(1, s.offset()-e.began), int64(max(maxLeap, 3*n))))
	return n + max(more+more/16, n/2), len(e.full) == 0
}

// all returns the n elements.
func (e *elements[T]) all(n int) []T {
	switch {
	case n == 0:
		return []T{}
	case len(e.full) == 0:
		return e.last
	}
	all := make([]T, 0, n)
	for _, some := range e.full {
		all = append(all, some...)
	}
	return append(all, e.last...)
}
