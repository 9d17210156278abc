package redis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"tollgate/estimator"
)

// prefix is what all keys begin with: an account of the server needs no right
// to any other.
const prefix = "tollgate:"

// keys makes the names of what is in the server.
type keys struct{ salt []byte }

// count is the name of a count. The method and the scope, which hold nothing
// of a request, stand for themselves, so that an operator can tell versions
// apart; the hash covers them as well, lest two keys have one name.
func (k keys) count(key estimator.CacheKey) string {
	var b []byte
	b = append(b, key.Hash[:]...)
	b = binary.AppendUvarint(b, uint64(len(key.Method)))
	b = append(b, key.Method...)
	b = append(b, key.Scope...)
	return prefix + "count:v1:" + k.hash("count", b) + ":" + string(key.Method) + ":" + key.Scope
}

// hash is b under the salt, for a use.
func (k keys) hash(use string, b []byte) string { return hex.EncodeToString(sum(k.salt, use, b)) }

// sum is the HMAC of b, for a use: what was made for one is of no worth for
// another.
func sum(salt []byte, use string, b []byte) []byte {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(use + ":"))
	mac.Write(b)
	return mac.Sum(nil)
}
