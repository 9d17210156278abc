package metrics

import (
	"maps"
	"sync"
	"sync/atomic"
)

// series are the metrics of one name, each found by its labels. There are few
// and they are soon all there, so finding one takes no lock and no memory. It
// is safe for concurrent use.
type series[K comparable, M any] struct {
	resolve func(K) M // from the registry's own table, which is slower

	mu    sync.Mutex // held by whoever adds one
	known atomic.Pointer[map[K]M]
}

// newSeries returns series, with some there from the start: what is counted
// from 0 can be told from what is not counted.
func newSeries[K comparable, M any](resolve func(K) M, known ...K) *series[K, M] {
	s := &series[K, M]{resolve: resolve}
	s.known.Store(&map[K]M{})
	for _, k := range known {
		s.of(k)
	}
	return s
}

// of returns the metric with labels k.
func (s *series[K, M]) of(k K) M {
	if m, ok := (*s.known.Load())[k]; ok {
		return m
	}
	return s.add(k)
}

func (s *series[K, M]) add(k K) M {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := maps.Clone(*s.known.Load())
	m, ok := known[k]
	if !ok {
		m = s.resolve(k)
		known[k] = m
		s.known.Store(&known)
	}
	return m
}

// size is how many there are.
func (s *series[K, M]) size() int { return len(*s.known.Load()) }

// has reports whether the metric with labels k is there.
func (s *series[K, M]) has(k K) bool {
	_, ok := (*s.known.Load())[k]
	return ok
}
