package countcache

import (
	"math"
	"slices"
	"time"

	"tollgate/estimator"
)

// maxParts is how many parts an entry has room for: one of each there is.
const maxParts = 5

// unbounded is [estimator.Unbounded] in an entry, and the first number of
// tokens that an entry can not hold. It is far above any prompt: a request of
// 100 MB has at most as many tokens as bytes.
const unbounded = math.MaxUint32

// entry is a count as it is remembered. It has no pointers, so the garbage
// collector does not look into it, and it is 48 bytes long, which is a size
// the allocator has, so nothing is lost to rounding up.
type entry struct {
	expires time.Duration // age of the cache from which on the count is not believed
	tokens  uint32
	low     uint32
	high    uint32 // unbounded for no bound
	sizes   [maxParts]uint32
	parts   [maxParts]uint8 // index in partNames in the low four bits, in methodNames in the high four
	method  uint8           // index in methodNames
	len     uint8           // how many parts there are
}

// partNames says what the part indices of an entry mean.
func partNames() [maxParts]estimator.Part {
	return [...]estimator.Part{
		estimator.PartSystem, estimator.PartTools, estimator.PartMessages,
		estimator.PartMedia, estimator.PartGenerationPrompt,
	}
}

// methodNames says what the method indices of an entry mean.
func methodNames() [4]estimator.Method {
	return [...]estimator.Method{
		estimator.MethodVendor, estimator.MethodTokenizer,
		estimator.MethodApproximation, estimator.MethodMixed,
	}
}

// newEntry returns count as an entry, or false if it can not be remembered
// exactly: it has gaps, or parts, methods or numbers that an entry has no room
// for.
func newEntry(count estimator.Count, expires time.Duration) (*entry, bool) {
	p := packer{parts: partNames(), methods: methodNames()}
	e := &entry{
		expires: expires,
		tokens:  p.size(count.Tokens),
		low:     p.size(count.Low),
		high:    unbounded,
		method:  p.method(count.Method),
	}
	if count.High != estimator.Unbounded {
		e.high = p.size(count.High)
	}
	if len(count.Gaps) > 0 || len(count.Parts) > maxParts {
		return nil, false
	}
	for i, part := range count.Parts {
		e.sizes[i] = p.size(part.Tokens)
		e.parts[i] = p.part(part.Part) | p.method(part.Method)<<4
		e.len++
	}
	return e, !p.failed
}

// packer makes small numbers of what a count holds and remembers whether one
// of them did not fit.
type packer struct {
	parts   [maxParts]estimator.Part
	methods [4]estimator.Method
	failed  bool
}

func (p *packer) size(n int64) uint32 {
	if n < 0 || n >= unbounded {
		p.failed = true
		return 0
	}
	return uint32(n)
}

func (p *packer) part(name estimator.Part) uint8 {
	return p.index(slices.Index(p.parts[:], name))
}

func (p *packer) method(name estimator.Method) uint8 {
	return p.index(slices.Index(p.methods[:], name))
}

func (p *packer) index(i int) uint8 {
	if i < 0 {
		p.failed = true
		return 0
	}
	return uint8(i & 0x0f)
}

// count is the count that e remembers. Its slice is new.
func (e *entry) count() estimator.Count {
	parts, methods := partNames(), methodNames()
	c := estimator.Count{
		Method: methods[e.method],
		Tokens: int64(e.tokens),
		Low:    int64(e.low),
		High:   int64(e.high),
	}
	if e.high == unbounded {
		c.High = estimator.Unbounded
	}
	if e.len == 0 {
		return c
	}
	c.Parts = make([]estimator.PartCount, e.len)
	for i := range c.Parts {
		c.Parts[i] = estimator.PartCount{
			Part:   parts[e.parts[i]&0x0f],
			Tokens: int64(e.sizes[i]),
			Method: methods[e.parts[i]>>4],
		}
	}
	return c
}
