package redis

import (
	"time"

	"tollgate/estimator"
)

// MaxTokens is the largest number that is written.
const MaxTokens = maxTokens

// Codec is a codec to test.
type Codec struct{ c codec }

// NewCodec returns the codec of a salt.
func NewCodec(salt string) Codec { return Codec{codec{salt: []byte(salt)}} }

// Encode writes a count.
func (c Codec) Encode(key string, count estimator.Count, made time.Time) (string, bool) {
	return c.c.encode(key, count, made)
}

// Decode reads a count.
func (c Codec) Decode(key, value string) (estimator.Count, time.Time, bool) {
	return c.c.decode(key, value)
}

// Seal returns the last word of a value.
func (c Codec) Seal(key, line string) string { return c.c.seal(key, line) }
