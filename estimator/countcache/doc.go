// Package countcache remembers token counts in the memory of this process.
//
// It knows how to keep the counts people ask for again within a bound that
// holds whatever is asked, how long a count may be believed, and how callers
// who ask for one count at the same moment share the work. It does not know
// how tokens are counted, what a request looks like, or what a count costs:
// it sees a key and a function to call when the key is new. Nor does it know
// where counts are shared with other processes: it asks a [Shared] before it
// makes a count that is dear.
//
// The store is go-cache, which has no bound of its own. The bound comes from
// keeping several small ones and dropping a whole one when there are too many
// entries; see shard and generations.
package countcache
