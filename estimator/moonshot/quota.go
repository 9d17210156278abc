package moonshot

import (
	"context"
	"time"
)

// DefaultConcurrency is how many exchanges are under way at most when nothing
// was set. It leaves most of the concurrency of every tier that has any to
// leave (50 for the first that is paid for) to the account's real traffic, and
// carries more than that tier's 200 requests a minute: eight exchanges of 300 ms
// are 1,600. On an account that may do one thing at a time the vendor's first
// refusal teaches the client to; see [Options].
// Source: https://platform.kimi.com/docs/pricing/limits.
const DefaultConcurrency = 8

// Quota is a limit that several clients share, such as the replicas of a
// service on one account. It is asked before every exchange, after the limits
// of the client itself have let it through. Implementations are safe for
// concurrent use and fast.
type Quota interface {
	// Take takes the right to make one exchange. A wait of 0 gives it; a longer
	// one says that nothing was taken and when to ask again. An error says that
	// the quota could not be asked: then the client's own limits alone decide.
	Take(ctx context.Context) (wait time.Duration, err error)
}
