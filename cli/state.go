package cli

import (
	"tollgate/api/metrics"
	"tollgate/estimator"
)

// state is what metrics tell of the service as it is now.
func (s *service) state() metrics.State {
	cache := s.cache.Stats()
	return metrics.State{
		Vendor:     s.vendor != nil,
		Vocabulary: s.local.Method() == estimator.MethodTokenizer,
		Draining:   s.draining.Load(),
		Lanes:      s.handler.Lanes(),
		Cache: metrics.CacheState{
			Entries: cache.Entries, Limit: cache.Limit,
			Hits: cache.Hits, Misses: cache.Misses, Shared: cache.Shared, Coalesced: cache.Coalesced,
			Failures: cache.Failures, Evictions: cache.Evictions, Skipped: cache.Skipped,
		},
	}
}
