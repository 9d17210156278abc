package countcache_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/countcache"
)

// Of entries that lie side by side, one that stays keeps the memory of all.
func TestAnEntryThatStaysBehindKeepsLittleOfItsNeighbours(t *testing.T) {
	const bound = 25_600
	before := liveHeap()
	c := countcache.New(countcache.Options{Entries: bound})
	for i := range 4 * bound {
		for range 1 + min(i%64, 1) { // all but one in 64 are asked for again, and move
			_, _, err := c.Count(t.Context(), keyOf(i), gives(int64(i)))
			require.NoError(t, err)
		}
	}
	perEntry := float64(liveHeap()-before) / float64(c.Stats().Entries)
	t.Logf("%d entries, %.0f bytes each", c.Stats().Entries, perEntry)
	require.Less(t, perEntry, 250.0)
}
