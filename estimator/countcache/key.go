package countcache

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"sync/atomic"

	"tollgate/estimator"
)

// key is a cache key folded into 32 bytes.
//
// The length is chosen with care: a conversion of up to 32 bytes to a string
// that does not outlive the call stays on the stack, so that a look-up
// allocates nothing.
type key [sha256.Size]byte

// scope is the digest of what is in a cache key beside its hash.
type scope struct {
	method estimator.Method
	name   string
	digest key
}

// scopeOf returns the digest of k's method and scope. Each is preceded by its
// length, so that no two pairs have the same input. There are few of them, so
// last, the one before, is nearly always the same.
func scopeOf(k *estimator.CacheKey, last *atomic.Pointer[scope]) *key {
	if s := last.Load(); s != nil && s.method == k.Method && s.name == k.Scope {
		return &s.digest
	}
	b := binary.AppendUvarint(nil, uint64(len(k.Method)))
	b = append(b, k.Method...)
	b = binary.AppendUvarint(b, uint64(len(k.Scope)))
	b = append(b, k.Scope...)
	s := &scope{method: k.Method, name: k.Scope, digest: sha256.Sum256(b)}
	last.Store(s)
	return &s.digest
}

// digest folds k into a key: the XOR of its hash and of the digest of the rest.
// Two keys that differ are folded into one only if the hashes of two requests
// differ by exactly what the digests do, which nobody can bring about as long as
// SHA-256 holds.
func digest(k *estimator.CacheKey, last *atomic.Pointer[scope]) (sum key) {
	rest := scopeOf(k, last)
	subtle.XORBytes(sum[:], k.Hash[:], rest[:])
	return sum
}

// shard is which of n shards the key belongs to.
func (k *key) shard(n int) int {
	return int(binary.LittleEndian.Uint32(k[:4])>>1) % n
}
