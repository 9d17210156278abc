package countcache

import (
	"crypto/sha256"
	"encoding/binary"

	"tollgate/estimator"
)

// key is a cache key folded into 32 bytes.
//
// The length is chosen with care: a conversion of up to 32 bytes to a string
// that does not outlive the call stays on the stack, so that a look-up
// allocates nothing.
type key [sha256.Size]byte

// maxInline is the room for method and scope in a digest's input that is built
// on the stack; longer ones are built on the heap and mean the same.
const maxInline = 96

// digest folds k into a key. Method and scope may hold any bytes: each is
// preceded by its length, so that no two keys have the same input.
func digest(k estimator.CacheKey) key {
	var buf [len(k.Hash) + 2*binary.MaxVarintLen64 + maxInline]byte
	b := append(buf[:0], k.Hash[:]...)
	b = binary.AppendUvarint(b, uint64(len(k.Method)))
	b = append(b, k.Method...)
	b = binary.AppendUvarint(b, uint64(len(k.Scope)))
	b = append(b, k.Scope...)
	return sha256.Sum256(b)
}

// shard is which of n shards the key belongs to.
func (k *key) shard(n int) int {
	return int(binary.LittleEndian.Uint32(k[:4])>>1) % n
}
