package redis

import (
	"context"
	"strings"
	"time"

	"tollgate/estimator"
)

// How long a replica waits before it looks again whether another one has
// counted: twice as long each time.
const (
	firstLook = 10 * time.Millisecond
	lastLook  = 80 * time.Millisecond
)

// Get returns the count under key and its age.
//
// If there is none, the caller is expected to count and has to tell
// [Store.Done] what came of it, whatever that is: Get has claimed the count,
// and the others wait for it. If another replica has claimed it before, Get
// waits for that, as long as it lives and no longer than Options.Patience. A
// server that fails, hangs or has something else under the key has no count.
func (s *Store) Get(ctx context.Context, key estimator.CacheKey) (estimator.Count, time.Duration, bool) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Patience)
	defer cancel()
	name := s.keys.count(key)
	for pause := firstLook; ; {
		f, err := s.look(ctx, name)
		if err != nil || f.ok {
			return f.count, f.age, f.ok
		}
		if !f.claimed || f.own {
			mine, err := s.take(ctx, name, f.seen)
			if err != nil || mine {
				return estimator.Count{}, 0, false
			} // else another was faster
		}
		if !sleep(ctx, pause) {
			return estimator.Count{}, 0, false
		}
		pause = min(2*pause, lastLook)
	}
}

// found is what lies under a key.
type found struct {
	seen    string // the value, as far as it is read
	count   estimator.Count
	age     time.Duration
	ok      bool // there is a count
	claimed bool // a replica is about to count
	own     bool // and it is this one
	stale   bool // there is a count of another time
}

// look reads what lies under a name.
func (s *Store) look(ctx context.Context, name string) (f found, err error) {
	failed := s.ask(ctx, opGet, func(ctx context.Context) (string, error) {
		// Not all of it: what others put there may be of any size.
		value, err := s.client.GetRange(ctx, name, 0, maxValue-1).Result()
		if err != nil {
			return "", err //nolint:wrapcheck // it is read, not told
		}
		f = s.read(name, value)
		return f.result(), nil
	})
	if failed != nil && failed.reason != reasonForeign {
		return f, failed
	}
	return f, nil
}

// read understands a value.
func (s *Store) read(name, value string) found {
	f := found{seen: value}
	if strings.HasPrefix(value, claimPrefix) {
		// This replica's own is of a flight that has ended: there is one a key.
		f.claimed, f.own = true, value == s.claim
		return f
	}
	count, made, ok := s.codec.decode(name, value)
	if !ok {
		return f
	}
	age := s.opts.Clock().Sub(made)
	if age < -maxSkew || age >= s.opts.TTL {
		f.stale = true
		return f
	}
	f.count, f.age, f.ok = count, max(age, 0), true
	return f
}

// result is what a look-up is called in metrics.
func (f *found) result() string {
	switch {
	case f.ok:
		return "hit"
	case f.claimed:
		return "claimed"
	case f.seen == "":
		return "miss"
	case f.stale:
		return "stale"
	}
	return string(reasonForeign)
}
