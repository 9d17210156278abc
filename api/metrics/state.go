package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"tollgate/api"
)

// State is how the program is at a moment. It is read for every scrape.
type State struct {
	Vendor     bool // there is a vendor key
	Vocabulary bool // the real vocabulary is loaded
	Draining   bool // the program is about to stop
	Lanes      []api.LaneLoad
	Cache      CacheState
}

// CacheState is how the count cache in memory is. All but Entries and Limit
// are sums since the program began.
type CacheState struct {
	Entries, Limit                  int64 // counts remembered
	Hits, Misses, Shared, Coalesced int64 // callers, by how they were answered; fills for misses
	Failures                        int64 // fills that ended in an error
	Evictions                       int64 // counts dropped to make room
	Skipped                         int64 // counts that could not be remembered
}

var (
	vendorConfigured = desc("tollgate_vendor_configured", "1 if there is a vendor key, so that the vendor is asked, else 0.")
	vocabularyLoaded = desc("tollgate_vocabulary_loaded", "1 if the real vocabulary is loaded, so that local counts are exact, else 0.")
	draining         = desc("tollgate_draining", "1 while the program is about to stop, else 0.")

	laneBytes = desc("tollgate_body_memory_bytes",
		"What bodies, and what is made of them, hold now, by lane: small for those of up to 256 KiB, else large.", "lane")
	laneLimit = desc("tollgate_body_memory_limit_bytes",
		"What they may hold at most, by lane. Beyond it they wait, and are then turned away.", "lane")
	laneWaiting = desc("tollgate_admission_waiting_requests",
		"Requests that wait to be let in, by lane and by what they wait for: memory, or a turn to be worked on.", "lane", "for")

	cacheEntries = desc("tollgate_cache_entries", "Counts in the cache in memory, expired ones included.")
	cacheLimit   = desc("tollgate_cache_entries_limit", "Counts that the cache in memory may hold.")
	cacheLookups = desc("tollgate_cache_lookups_total",
		"Look-ups in the count cache, by result: hit, shared (found in the shared cache), coalesced (waited for another's), "+
			"miss (counted). Counts that failed are among the misses.", "result")
	cacheFailures  = desc("tollgate_cache_fill_failures_total", "Counts that ended in an error, the vendor's failures among them.")
	cacheEvictions = desc("tollgate_cache_evictions_total", "Counts dropped from the cache in memory to make room.")
	cacheSkipped   = desc("tollgate_cache_skipped_total", "Counts that were answered and not remembered, because they may be better the next time.")
)

// stateCollector tells of the program's state, whenever it is asked.
type stateCollector struct{ state func() State }

// Describe implements [prometheus.Collector].
func (stateCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		vendorConfigured, vocabularyLoaded, draining, laneBytes, laneLimit, laneWaiting,
		cacheEntries, cacheLimit, cacheLookups, cacheFailures, cacheEvictions, cacheSkipped,
	} {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	if c.state == nil {
		return
	}
	s := c.state()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(vendorConfigured, truth(s.Vendor))
	gauge(vocabularyLoaded, truth(s.Vocabulary))
	gauge(draining, truth(s.Draining))
	for _, l := range s.Lanes {
		gauge(laneBytes, float64(l.Bytes), l.Lane)
		gauge(laneLimit, float64(l.Limit), l.Lane)
		gauge(laneWaiting, float64(l.WaitingForMemory), l.Lane, "memory")
		gauge(laneWaiting, float64(l.WaitingForTurn), l.Lane, "turn")
	}
	gauge(cacheEntries, float64(s.Cache.Entries))
	gauge(cacheLimit, float64(s.Cache.Limit))
	s.Cache.collect(out)
}

// collect sends the cache's sums.
func (c *CacheState) collect(out chan<- prometheus.Metric) {
	sum := func(d *prometheus.Desc, v int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	sum(cacheLookups, c.Hits, "hit")
	sum(cacheLookups, c.Misses, "miss")
	sum(cacheLookups, c.Shared, "shared")
	sum(cacheLookups, c.Coalesced, "coalesced")
	sum(cacheFailures, c.Failures)
	sum(cacheEvictions, c.Evictions)
	sum(cacheSkipped, c.Skipped)
}
