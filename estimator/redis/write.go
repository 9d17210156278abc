package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"tollgate/estimator"
)

const (
	// batch is how many counts are written with one trip.
	batch = 64
	// drainTimeout is how long a store that is closed goes on writing.
	drainTimeout = time.Second
)

// job is a count that waits to be written; without a value, a claim that is to
// be taken back.
type job struct {
	name, value string
	ttl         time.Duration
}

// Done shares the count that was made because [Store.Get] had none; without
// ok there is none, and another replica may try. It does not wait: the count
// is written when there is time, or, when too many wait already, not at all.
func (s *Store) Done(key estimator.CacheKey, count estimator.Count, ok bool) {
	j := job{name: s.keys.count(key)}
	s.claims.remove(j.name)
	if ok {
		j.value, _ = s.codec.encode(j.name, count, s.opts.Clock())
		j.ttl = s.jitter(s.opts.TTL)
	}
	select {
	case s.queue <- j:
	default:
		s.opts.Observer.Command(string(opWrite), "dropped", 0)
	}
}

// jitter returns d, a tenth more or less.
func (s *Store) jitter(d time.Duration) time.Duration {
	return d + time.Duration((s.opts.Rand()-0.5)*0.2*float64(d))
}

// work writes what waits and renews claims, until the store is closed and for a moment longer.
func (s *Store) work() {
	s.hello(context.Background())
	renewal := time.NewTicker(s.opts.ClaimTTL / renewals)
	defer renewal.Stop()
	for {
		select {
		case <-renewal.C:
			s.renew(context.Background())
		case j := <-s.queue:
			_ = s.write(context.Background(), s.more(j)) // what is lost is counted again
		case <-s.stop:
			s.drain()
			return
		}
	}
}

// more returns first and what else waits, up to a batch.
func (s *Store) more(first job) []job {
	jobs := []job{first}
	for len(jobs) < batch {
		select {
		case j := <-s.queue:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// drain writes what still waits, unless the server does not take it.
func (s *Store) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case j := <-s.queue:
			if f := s.write(ctx, s.more(j)); f != nil && !f.answers {
				return
			}
		default:
			return
		}
	}
}

// write does jobs with one trip.
func (s *Store) write(ctx context.Context, jobs []job) *failure {
	return s.ask(ctx, opWrite, func(ctx context.Context) (string, error) {
		_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, j := range jobs {
				switch {
				case j.value == "" && s.claims.has(j.name): // it was claimed again since
				case j.value == "":
					p.Eval(ctx, releaseScript, []string{j.name}, s.claim)
				default:
					p.Set(ctx, j.name, j.value, j.ttl)
				}
			}
			return nil
		})
		return "ok", err //nolint:wrapcheck // it is read, not told
	})
}
