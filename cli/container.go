package cli

import (
	"fmt"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"tollgate/api"
)

const (
	defaultCacheEntries = 1_000_000
	defaultMaxBodyBytes = 100 << 20

	// noLimit is where control groups of the first version put their limit when
	// they have none: near the largest number there is.
	noLimit = 1 << 60
)

// ContainerMemory returns how much memory the control group of this process
// may use, in bytes: 0 where there is no limit, or no such thing.
func ContainerMemory() int64 {
	limit, err := memlimit.FromCgroup()
	if err != nil || limit >= noLimit {
		return 0
	}
	return int64(limit)
}

// space is how the memory there is is divided, in bytes unless it is said
// otherwise. The parts are defaults: what is set by hand is taken as it is.
type space struct {
	container int64 // what there is; 0: nothing says
	heap      int64 // what Go may use of it; 0: any amount
	room      int64 // what of the heap is for bodies and counts
	bodies    int64 // see api.Options.MemoryBytes
	largest   int64 // body
	entries   int64 // counts remembered, a number
}

// spaceOf divides the memory of a container; 0 is one without a limit. What
// reaches the limit is killed with all that is in flight, so the parts add up to
// less. From about 640 MiB on they are what they are without a limit.
func spaceOf(container int64) space {
	s := space{container: container, bodies: api.DefaultMemoryBytes, largest: defaultMaxBodyBytes, entries: defaultCacheEntries}
	if container <= 0 {
		return s
	}
	// Beside the heap there are the kernel's buffers for connections, and pages of
	// the program that had better stay.
	const outside = 12 << 20
	s.heap = max(container-max(container/8, outside), leastMemory)
	s.room = s.heap - min(s.heap/2, baseMemory)
	s.bodies = min(s.bodies, max(s.room/3*2, leastMemory))
	s.largest = largestOf(s.bodies)
	s.entries = min(s.entries, max(s.room/3/grownEntryBytes, 1))
	return s
}

// largestOf is the largest body that a budget for bodies can take alone, in the
// proportion of their defaults.
func largestOf(bodies int64) int64 {
	if bodies >= api.DefaultMemoryBytes {
		return defaultMaxBodyBytes
	}
	return bodies * defaultMaxBodyBytes / api.DefaultMemoryBytes
}

// crowded says what does not fit into the container.
func (s space) crowded(c *Config) []string {
	if s.container <= 0 {
		return nil
	}
	var found []string
	if c.MemoryBytes > s.room || c.CacheEntries > (s.room-c.MemoryBytes)/grownEntryBytes {
		found = append(found, fmt.Sprintf("bodies of %d bytes and %d counts are more than a container of %d bytes has to spare: "+
			"under load it can be killed; lower TOLLGATE_MEMORY_BYTES or TOLLGATE_CACHE_ENTRIES, or give it more memory",
			c.MemoryBytes, c.CacheEntries, s.container))
	}
	if c.MaxBodyBytes > max(s.largest, largestOf(c.MemoryBytes)) {
		found = append(found, fmt.Sprintf("a body of %d bytes is more than a container of %d bytes has to spare: "+
			"one can get it killed; lower TOLLGATE_MAX_BODY_BYTES or give it more memory", c.MaxBodyBytes, s.container))
	}
	return found
}
