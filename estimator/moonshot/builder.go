package moonshot

import "tollgate/estimator"

// builder puts a count together. Its zero value is an empty count.
type builder struct {
	parts     []estimator.PartCount
	gaps      []estimator.Gap
	tokens    int64
	low, high int64
	unbounded bool
}

// add adds a part. A part of no tokens is left out.
func (b *builder) add(p estimator.Part, n amount) {
	b.tokens += n.tokens
	b.low += n.low
	b.widen(n.high)
	if n.tokens > 0 {
		b.parts = append(b.parts, estimator.PartCount{Part: p, Tokens: n.tokens, Method: n.method})
	}
}

// widen raises the upper bound by n, which may be [estimator.Unbounded].
func (b *builder) widen(n int64) {
	if n == estimator.Unbounded {
		b.unbounded = true
		return
	}
	b.high += n
}

// lower drops the lower bound by n.
func (b *builder) lower(n int64) { b.low -= n }

// gapIf says what could not be counted exactly, if that is so.
func (b *builder) gapIf(so bool, pointer, reason string) {
	if so {
		b.gaps = append(b.gaps, estimator.Gap{Pointer: pointer, Reason: reason})
	}
}

// count returns what was put together.
func (b *builder) count() estimator.Count {
	c := estimator.Count{
		Tokens: b.tokens, Low: max(b.low, 1), High: b.high, Parts: b.parts, Gaps: b.gaps,
	}
	if b.unbounded {
		c.High = estimator.Unbounded
	}
	for i, p := range b.parts {
		if i > 0 && p.Method != c.Method {
			c.Method = estimator.MethodMixed
			return c
		}
		c.Method = p.Method
	}
	return c
}
