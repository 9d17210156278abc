package estimator

import (
	"context"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// Method is how a number of tokens was found.
type Method string

// The methods, most trusted first. MethodAuto is only asked for, never
// answered; MethodMixed is only answered, where parts differ.
const (
	MethodAuto          Method = "auto"
	MethodVendor        Method = "vendor"        // the vendor's counting endpoint
	MethodTokenizer     Method = "tokenizer"     // the real vocabulary, on this machine
	MethodApproximation Method = "approximation" // the embedded statistical table
	MethodMixed         Method = "mixed"
)

// Part is a group of prompt tokens.
type Part string

// The parts of a prompt, in the order they are reported.
const (
	PartSystem           Part = "system"
	PartTools            Part = "tools"
	PartMessages         Part = "messages"
	PartMedia            Part = "media"
	PartGenerationPrompt Part = "generation_prompt"
)

// PartCount is the tokens of one part.
type PartCount struct {
	Part   Part
	Tokens int64
	Method Method
}

// Unbounded is the High of a count for which no upper bound is known.
const Unbounded int64 = -1

// Count is the size of a prompt in tokens.
//
// Tokens is the sum over Parts, and Low <= Tokens. Low and High bound the true
// size; they are equal when the method is believed exact. High is [Unbounded]
// when nothing honest can be said.
type Count struct {
	Method Method
	Tokens int64
	Low    int64
	High   int64
	Parts  []PartCount
	Gaps   []Gap

	// Provisional says that the same count may be better soon, because something
	// that can be found out was not yet. It is answered and not remembered.
	Provisional bool
}

// Gap is a part of the request that nobody could count exactly; its bounds are
// in the count.
type Gap struct {
	Pointer string // RFC 6901, into the request
	Reason  string // a sentence fragment for a person

	// Uncounted says that the part is in the count by its bounds only. Else it
	// was counted, by a rule that the vendor may not follow.
	Uncounted bool
}

// UncountableError says that a request has a part of which no single number is
// known, where a single number was asked for.
type UncountableError struct{ Gap }

// Error says which part it is and what to do.
func (e *UncountableError) Error() string {
	return "a part of the prompt can not be counted without the vendor's key: " + e.Reason +
		"; ask for an estimate, which has bounds"
}

// Counter counts the prompt tokens of a chat request. Implementations are safe
// for concurrent use and return an error rather than a number they do not
// believe.
type Counter interface {
	// Count counts req as model would be billed for it.
	Count(ctx context.Context, req *chat.Request, model *pricing.Model) (Count, error)
	// Method is what the counter's answers are marked with.
	Method() Method
	// Version names the method's revision. Counts of different versions never
	// share a cache entry.
	Version() string
}

// Listener is a [Counter] that asks somebody else, and notices when nobody
// answers there.
type Listener interface {
	Counter

	// Silence returns a context that ends as soon as no call was answered for much
	// longer than is usual, though there were some, and that has ended already
	// while this is so. The next answer ends the silence; later calls return
	// another context then.
	Silence() context.Context
}

// MessageCounter counts each message of a request by itself. Local counters
// are such, too.
type MessageCounter interface {
	Counter

	// Messages returns the tokens of every message of req, by its index.
	Messages(ctx context.Context, req *chat.Request, model *pricing.Model) ([]int64, error)
}

// CacheState is how the count cache answered.
type CacheState string

// The answers of a count cache.
const (
	CacheHit       CacheState = "hit"
	CacheMiss      CacheState = "miss"
	CacheCoalesced CacheState = "coalesced" // joined a request in flight
	CacheShared    CacheState = "shared"    // found in the shared cache
)

// CacheKey identifies a count: the same content counted by the same method in
// the same version.
type CacheKey struct {
	Hash   [32]byte // chat.Request.Hash
	Method Method
	Scope  string // the counter's Version, and whatever else tells counts apart
}

// Cache remembers counts. Implementations are safe for concurrent use.
type Cache interface {
	// Count returns the count under key, or calls fill for it. Callers that ask
	// for one key at once share one fill; its context outlives any of them. An
	// error of fill is returned to all who wait and is not remembered. A count
	// that is remembered is returned even if ctx has ended.
	Count(ctx context.Context, key CacheKey, fill func(context.Context) (Count, error)) (Count, CacheState, error)
}
