package countcache_test

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/countcache"
)

// liveHeap is the bytes of reachable objects.
func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// resident is the memory of this process in bytes, or 0 where the system does
// not tell.
func resident() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	kib, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	n, _ := strconv.ParseInt(string(kib), 10, 64)
	return n * 1024
}

func TestAnEntryCostsLessThan170Bytes(t *testing.T) {
	const bound = 60_000
	before := liveHeap()
	c := countcache.New(countcache.Options{Entries: bound})
	for i := range bound + bound/2 {
		_, _, err := c.Count(t.Context(), keyOf(i), gives(int64(i)))
		require.NoError(t, err)
	}
	perEntry := float64(liveHeap()-before) / float64(c.Stats().Entries)
	t.Logf("scorecard | 15 | %d different contents into a cache of %d | no more entries than it is given, less than 170 bytes each | "+
		"%d entries, %.0f bytes each", bound+bound/2, bound, c.Stats().Entries, perEntry)
	require.Less(t, perEntry, 170.0)
}

// BenchmarkFiveMillionUnique puts 5,000,000 different counts through a cache
// of 1,000,000 and reports what it holds then. One round is enough:
//
//	go test -run '^$' -bench FiveMillion -benchtime 1x ./estimator/countcache
func BenchmarkFiveMillionUnique(b *testing.B) {
	const unique, bound = 5_000_000, 1_000_000
	for b.Loop() {
		before := liveHeap()
		c := countcache.New(countcache.Options{Entries: bound})
		ctx, worst := b.Context(), int64(0)
		for i := range unique {
			_, _, err := c.Count(ctx, keyOf(i), gives(int64(i)))
			if err != nil {
				b.Fatal(err)
			}
			if i%100_000 == 0 {
				worst = max(worst, c.Stats().Entries)
			}
		}
		peak := resident()
		live := liveHeap() - before
		entries := c.Stats().Entries
		if worst > bound || entries > bound {
			b.Fatalf("%d entries, want at most %d", max(worst, entries), bound)
		}
		b.ReportMetric(float64(entries), "entries")
		b.ReportMetric(float64(worst), "most-entries")
		b.ReportMetric(float64(live)/float64(entries), "B/entry")
		b.ReportMetric(float64(live)/1e6, "MB-live")
		b.ReportMetric(float64(peak)/1e6, "MB-resident")
	}
}
