package cli

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"tollgate/api/metrics"
	"tollgate/estimator/countcache"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/redis"
)

// sharing is what this process shares with other replicas.
type sharing struct {
	store   *redis.Store
	metrics *metrics.Shared
}

// newSharing returns what is shared as the configuration has it, nil when
// nothing is: local counts are not, so without a vendor key there is nothing.
// The server need not be there.
func newSharing(c Config, log *slog.Logger) (*sharing, error) {
	if c.RedisURL == "" || c.VendorKey == "" {
		return nil, nil //nolint:nilnil // nothing shared is no error
	}
	s := &sharing{metrics: metrics.NewShared()}
	var err error
	s.store, err = redis.New(redis.Options{
		URL: c.RedisURL, Salt: c.RedisSalt, TTL: c.CacheTTL, Logger: log, Observer: s.metrics,
	})
	if err != nil {
		return nil, usageError(fmt.Errorf("TOLLGATE_REDIS_URL %w", err))
	}
	return s, nil
}

// close writes what waits to be written and ends the sharing.
func (s *sharing) close() {
	if s != nil {
		s.store.Close()
	}
}

// collectors are the metrics of what is shared.
func (s *sharing) collectors() []prometheus.Collector {
	if s == nil {
		return nil
	}
	return []prometheus.Collector{s.metrics}
}

// quota is the account's limit of calls a minute, which all replicas keep to
// together; nil when nothing is shared or there is no limit.
func (s *sharing) quota(c Config) (moonshot.Quota, error) {
	if s == nil || c.VendorRPM == 0 {
		return nil, nil //nolint:nilnil // no shared limit is no error
	}
	q, err := s.store.Quota(redis.QuotaOptions{Account: redis.Secret(string(c.VendorKey)), PerMinute: c.VendorRPM})
	if err != nil {
		return nil, fmt.Errorf("share TOLLGATE_VENDOR_RPM: %w", err)
	}
	return q, nil
}

// newCache returns the count cache of this process, in front of what is
// shared.
func newCache(c Config, shared *sharing, log *slog.Logger) *countcache.Cache {
	opts := countcache.Options{Entries: c.CacheEntries, TTL: c.CacheTTL, Logger: log}
	if shared != nil {
		opts.Shared = shared.store
	}
	return countcache.New(opts)
}
