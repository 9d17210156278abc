package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"
)

// digest stands for a key. Digests have one length, so comparing them tells
// nothing of a key's own.
type digest [sha256.Size]byte

// Keyring is the keys that callers may use. They can be replaced while
// requests are answered. One without keys lets nobody in.
type Keyring struct{ digests atomic.Pointer[[]digest] }

// NewKeyring returns a keyring with these keys.
func NewKeyring(keys ...string) *Keyring {
	k := &Keyring{}
	k.Replace(keys)
	return k
}

// Replace makes these the keys, from the next request on.
func (k *Keyring) Replace(keys []string) {
	digests := make([]digest, 0, len(keys))
	for _, key := range keys {
		digests = append(digests, sha256.Sum256([]byte(key)))
	}
	k.digests.Store(&digests)
}

// find compares key with every key there is, in a time that depends on their
// number only.
func (k *Keyring) find(key string) (digest, bool) {
	sum, found := sha256.Sum256([]byte(key)), 0
	for _, d := range *k.digests.Load() {
		found |= subtle.ConstantTimeCompare(sum[:], d[:])
	}
	return sum, found == 1
}

// admit stops a caller without a key of the service, if it has any, and one
// who calls too often. Who has no key, or a wrong one, is known by his address
// and is held to the same limit: keys can not be guessed any faster.
func (s *server) admit(c *gin.Context) error {
	if s.APIKeys == nil && s.limits.rate == 0 {
		return nil // everybody may do anything: who it is makes no difference
	}
	caller, refused := s.identify(c)
	if err := s.limits.admit(caller); err != nil {
		return err
	}
	callOf(c).caller = caller
	return refused
}

// identify says who calls.
func (s *server) identify(c *gin.Context) (caller, error) {
	stranger := caller{address: addressOf(c.Request.RemoteAddr)}
	if s.APIKeys == nil {
		return stranger, nil
	}
	key, ok := keyOf(c.Request)
	if !ok {
		return stranger, &Error{
			Status: http.StatusUnauthorized,
			Code:   "key_missing",
			Detail: "send a key of this service as Authorization: Bearer <key>",
		}
	}
	sum, ok := s.APIKeys.find(strings.TrimSpace(key))
	if !ok {
		return stranger, &Error{
			Status: http.StatusForbidden,
			Code:   "key_refused",
			Detail: "this key is not one of the service's; ask whoever runs it (a vendor key does not open it)",
		}
	}
	return caller{key: sum}, nil
}

// keyOf is the key that a request brings. Anthropic's clients send theirs in a
// header of its own.
func keyOf(r *http.Request) (key string, ok bool) {
	if key := r.Header.Get("X-Api-Key"); key != "" && r.URL.Path == anthropicPath {
		return key, true
	}
	scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return key, ok && strings.EqualFold(scheme, "Bearer")
}
