package chat

import "reflect"

const (
	// freeOfCharge is what any body may be made into beside its text, in bytes,
	// and shareOfBody how many quarters of a byte more for each byte of it: a
	// message of two letters takes 31 bytes to write and makes 72.
	freeOfCharge = 512 << 10
	shareOfBody  = 9

	// reserveFrom is up to what nothing is reserved for it, and reserveStep how
	// much is reserved at once from then on.
	reserveFrom = 16 << 10
	reserveStep = 64 << 10
)

// sizeOf returns the size of a T, in bytes.
func sizeOf[T any]() int { return int(reflect.TypeFor[T]().Size()) }

// charge counts n bytes of what the request is made into. It refuses a body
// that makes much of few bytes, such as one of nothing but empty objects: no
// request that a model answers does. What it counts depends on nothing but the
// body, so a body is refused always or never.
func (s *scanner) charge(n int) error {
	s.charged += n
	if int64(s.charged) > freeOfCharge+s.offset()*shareOfBody/4 {
		return s.fail(OutOfRange, "too many messages, content parts, tools, tool calls or unknown members for so small a request")
	}
	return nil
}

// build reserves n bytes for what the request is made into.
func (s *scanner) build(n int) error {
	s.built += n
	for s.built > s.reserved {
		if err := s.hold(reserveStep); err != nil {
			return err
		}
		s.reserved += reserveStep
	}
	return nil
}

// afford charges and reserves.
func (s *scanner) afford(n int) error {
	if err := s.charge(n); err != nil {
		return err
	}
	return s.build(n)
}

// refund takes back what names that are forgotten were charged with.
func (s *scanner) refund(n int) {
	s.charged -= n
	s.built -= n
}
