package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// keyring is the digests of the keys that callers may use. Digests have one
// length, so comparing them tells nothing of a key's own.
type keyring [][sha256.Size]byte

func newKeyring(keys []string) keyring {
	ring := make(keyring, 0, len(keys))
	for _, k := range keys {
		ring = append(ring, sha256.Sum256([]byte(k)))
	}
	return ring
}

// holds compares key with every key there is, in a time that depends on their
// number only.
func (k keyring) holds(key string) bool {
	sum, found := sha256.Sum256([]byte(key)), 0
	for i := range k {
		found |= subtle.ConstantTimeCompare(sum[:], k[i][:])
	}
	return found == 1
}

// authenticate stops a caller without a key of the service, if it has any.
func (s *server) authenticate(c *gin.Context) error {
	if len(s.keys) == 0 {
		return nil
	}
	scheme, key, ok := strings.Cut(c.GetHeader("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return &Error{
			Status: http.StatusUnauthorized,
			Code:   "key_missing",
			Detail: "send a key of this service as Authorization: Bearer <key>",
		}
	}
	if !s.keys.holds(strings.TrimSpace(key)) {
		return &Error{
			Status: http.StatusForbidden,
			Code:   "key_refused",
			Detail: "this key is not one of the service's; ask whoever runs it (a vendor key does not open it)",
		}
	}
	return nil
}
