package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const opQuota operation = "quota"

// QuotaOptions is what a [Quota] needs.
type QuotaOptions struct {
	// Account is what the calls are counted for: the vendor's key. Only its hash
	// leaves the process. Required.
	Account Secret

	// PerMinute is how many calls are made in any minute at most, by all
	// replicas together. Required; every replica has to be given the same.
	PerMinute int

	// Burst is how many of them may be made at once; 0 means a tenth, and at
	// least one.
	Burst int
}

// Quota allows calls at a rate that replicas share. It is safe for concurrent
// use, as long as its store is open.
type Quota struct {
	store    *Store
	name     string
	interval time.Duration // between calls, once the burst is used up
	horizon  time.Duration // how far ahead of time calls may be
}

// Quota returns a quota. The error is about opts.
func (s *Store) Quota(opts QuotaOptions) (*Quota, error) {
	orDefault(&opts.Burst, max(1, opts.PerMinute/10))
	if opts.Account == "" || opts.PerMinute < 1 || opts.Burst < 1 || opts.Burst > opts.PerMinute {
		return nil, errors.New("shared quota: give an account, a positive number of calls a minute, and no larger burst")
	}
	// A minute sees the burst and what comes due in the rest of it, which is as
	// many as intervals begin: the interval is what makes the sum PerMinute.
	interval := (time.Minute / time.Duration(opts.PerMinute-opts.Burst+1)).Truncate(time.Microsecond) + time.Microsecond
	return &Quota{
		store: s, name: s.keys.quota(string(opts.Account)),
		interval: interval, horizon: interval * time.Duration(opts.Burst),
	}, nil
}

// quotaScript is the generic cell rate algorithm: of a quota only the moment
// is kept at which it will be whole again, in microseconds of the server's
// clock, which is the same for all replicas. A moment that cannot be, because
// the clock was set back or others wrote it, counts as the last that can; what
// is no number, as none.
var quotaScript = goredis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, horizon = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.pcall('GET', KEYS[1])
local whole = type(kept) == 'string' and tonumber(kept) or now
if not (whole >= now) then whole = now end
if whole > now + horizon then whole = now + horizon end
local wait = whole + interval - horizon - now
if wait > 0 then return math.ceil(wait) end
whole = whole + interval
redis.call('SET', KEYS[1], string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000) + 1)
return 0
`)

// Take asks for one call. 0 means that it may be made, and is counted; more,
// that it may not, and after how long it is worth asking again.
//
// The error, which wraps [ErrUnavailable], means that nobody could be asked
// within Options.Timeout. The caller then goes by a limit of its own. That limit is the
// whole rate, not a replica's share, for a replica does not know how many
// there are: without the server, replicas together may call as often as
// PerMinute each.
func (q *Quota) Take(ctx context.Context) (time.Duration, error) {
	var wait time.Duration
	failed := q.store.ask(ctx, opQuota, func(ctx context.Context) (string, error) {
		n, err := quotaScript.Run(ctx, q.store.client, []string{q.name},
			q.interval.Microseconds(), q.horizon.Microseconds()).Int64()
		if err != nil {
			return "", err //nolint:wrapcheck // it is read, not told
		}
		if n < 0 || n > q.horizon.Microseconds() {
			return "", &failure{reason: reasonRefused, answers: true} // no server of ours says that
		}
		wait = time.Duration(n) * time.Microsecond
		if wait > 0 {
			return "busy", nil
		}
		return "ok", nil
	})
	if failed != nil {
		return 0, couldNot("take from the shared quota", failed)
	}
	return wait, nil
}

// quota is the name of the quota of a vendor's account, which its key stands
// for.
func (k keys) quota(vendorKey string) string {
	return prefix + "quota:v1:" + k.hash("quota", []byte(vendorKey))
}
