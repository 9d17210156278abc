package cli

import (
	"log/slog"
	"math"
	"runtime/debug"
)

const (
	// entryBytes is about what a count that is remembered takes up.
	entryBytes = 100

	// grownEntryBytes is what it takes up at worst: right after its map grew.
	grownEntryBytes = 150

	// baseMemory is for all that is neither a body nor a count: the tables, the
	// vocabulary, connections, and what waits for the garbage collector.
	baseMemory = 96 << 20

	// slack is how much garbage may pile up beyond as much as is held. By itself the
	// collector starts once there is as much as that, which is little: under load it
	// ran dozens of times a second, and each time held up whoever was being answered.
	slack = 16 << 20
)

// limitMemory tells the garbage collector how much there is to use, unless
// GOMEMLIMIT has done so: by itself it lets the heap grow to twice of what is
// held. The limit is soft. It costs time to come close to it, and nothing fails
// there.
//
// In a container it is less than what that may use.
//
// It returns room for slack to be kept for as long as the service runs. Nothing
// is ever written to it, so it takes up addresses and no memory, but the collector
// takes it for something that is held, and for a part of what the limit is for.
func limitMemory(c Config, p *Process, log *slog.Logger) []byte {
	if v, ok := p.LookupEnv("GOMEMLIMIT"); ok && v != "" {
		return nil
	}
	limit := int64(math.MaxInt64)
	if most := (limit - baseMemory) / 4; c.MemoryBytes < most && c.CacheEntries < most/entryBytes {
		limit = c.MemoryBytes + entryBytes*c.CacheEntries + baseMemory
	}
	counted := limit // slack is a part of baseMemory there
	if c.heap > 0 && c.heap < limit {
		limit, counted = c.heap, c.heap+slack
	}
	debug.SetMemoryLimit(counted)
	log.Info("memory", "bodies", c.MemoryBytes, "largest", c.MaxBodyBytes, "counts", c.CacheEntries, "limit", limit)
	return make([]byte, slack)
}

// connections returns how many callers' connections there may be, by the
// descriptors there are. It says so when those are few.
func connections(log *slog.Logger) int {
	soft, hard, ok := fileLimit()
	if !ok {
		return maxConnections
	}
	spare := max(spareFiles, soft/8)
	most := int(min(max(soft, spare+1)-spare, maxConnections))
	log.Info("file descriptors", "soft", soft, "hard", hard, "connections", most)
	if soft < fewFiles {
		log.Warn("few file descriptors: a few slow clients can use them up; raise the limit, say by ulimit -n 20000, "+
			"LimitNOFILE= of systemd or --ulimit nofile of the container runtime", "soft", soft, "hard", hard)
	}
	return most
}
