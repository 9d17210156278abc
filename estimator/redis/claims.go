package redis

import (
	"context"
	"maps"
	"slices"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// claimPrefix is what a value begins with that stands for a count which a
// replica is about to make.
const claimPrefix = "claim "

// renewals is how often a claim is renewed while it would last once.
const renewals = 4

// claimScript puts a claim in the place of what was seen there, if it is there
// still. What is no text was seen as nothing.
var claimScript = goredis.NewScript(`
local seen = redis.pcall('GETRANGE', KEYS[1], 0, 511)
if type(seen) == 'table' then seen = '' end
if seen ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`)

// releaseScript takes a claim back, unless something else has taken its place.
const releaseScript = `
local seen = redis.pcall('GETRANGE', KEYS[1], 0, 511)
if seen == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`

// renewScript makes claims last, of those that are still there.
const renewScript = `
local seen = redis.pcall('GETRANGE', KEYS[1], 0, 511)
if seen == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`

// claims are the names of what this replica is counting. It is safe for
// concurrent use.
type claims struct {
	mu    sync.Mutex
	names map[string]bool
}

func (c *claims) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.names == nil {
		c.names = map[string]bool{}
	}
	c.names[name] = true
}

func (c *claims) remove(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.names, name)
}

func (c *claims) has(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names[name]
}

func (c *claims) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.names))
}

// take claims a count, and reports whether it was free.
func (s *Store) take(ctx context.Context, name, seen string) (mine bool, err error) {
	failed := s.ask(ctx, opClaim, func(ctx context.Context) (string, error) {
		n, err := claimScript.Run(ctx, s.client, []string{name}, seen, s.claim, s.opts.ClaimTTL.Milliseconds()).Int()
		if err != nil {
			return "", err //nolint:wrapcheck // it is read, not told
		}
		if mine = n == 1; !mine {
			return "busy", nil
		}
		s.claims.add(name)
		return "ok", nil
	})
	if failed != nil {
		return false, failed
	}
	return mine, nil
}

// renew makes this replica's claims last for another while. What is not
// renewed, because the server does not answer or the replica is dead, ends by
// itself.
func (s *Store) renew(ctx context.Context) {
	for names := range slices.Chunk(s.claims.all(), batch) {
		failed := s.ask(ctx, opClaim, func(ctx context.Context) (string, error) {
			_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
				for _, name := range names {
					p.Eval(ctx, renewScript, []string{name}, s.claim, s.opts.ClaimTTL.Milliseconds())
				}
				return nil
			})
			return "renewed", err //nolint:wrapcheck // it is read, not told
		})
		if failed != nil {
			return
		}
	}
}
