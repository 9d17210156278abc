package moonshot

import (
	"fmt"
	"time"
)

// Kind is what sort of failure kept the vendor from counting.
type Kind string

// The kinds of failure.
const (
	KindInvalidRequest Kind = "invalid_request" // the vendor refuses the request itself
	KindAuth           Kind = "auth"            // it does not accept the key
	KindPermission     Kind = "permission"      // it accepts the key, but not for this
	KindModelNotFound  Kind = "model_not_found"
	KindContentFilter  Kind = "content_filter"
	KindQuota          Kind = "quota"        // the account has no balance left
	KindRateLimited    Kind = "rate_limited" // RPM, TPM, TPD or concurrency of the account
	KindOverloaded     Kind = "overloaded"   // the vendor has too much to do
	KindTimeout        Kind = "timeout"
	KindUnavailable    Kind = "unavailable" // 5xx, no connection, or not asked because it kept failing
	KindBadAnswer      Kind = "bad_answer"  // an answer that is no checked number
	KindUnsupported    Kind = "unsupported" // the endpoint was measured not to count requests of this sort
	KindCanceled       Kind = "canceled"    // the caller went away
)

// Error says why the vendor gave no count. Its text holds nothing that the
// vendor, the network or the caller wrote: no account, key, prompt or address.
type Error struct {
	Kind       Kind
	Status     int           // HTTP status, or that of the refusal for which nothing is sent for a while; 0 when there was no answer
	Type       string        // the vendor's error type, if it is a documented one
	RetryAfter time.Duration // when asking again may help; 0 when not known
	Attempts   int           // HTTP exchanges made; 0 when none was

	detail  string // own sentence; empty means that of the kind
	retry   bool   // asking again at once may help
	held    bool   // the call was not sent: see Attempt.Held
	limited bool   // the vendor refused it for the account's limits
	limit   limit  // which
	most    int    // what the vendor says that limit is; 0 when it does not
	cause   error  // context.Canceled or context.DeadlineExceeded, or nil
}

// Error returns what went wrong and what to do about it.
func (e *Error) Error() string {
	text := "the vendor did not count: " + e.Detail()
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d", e.Status)
		if e.Type != "" {
			text += ", " + e.Type
		}
		text += ")"
	}
	return text
}

// Detail returns the sentence without the status.
func (e *Error) Detail() string {
	if e.detail != "" {
		return e.detail
	}
	return sentences[e.Kind]
}

// Unwrap returns the context's error, if that is what ended the call.
func (e *Error) Unwrap() error { return e.cause }

// sentences is what is said of a kind when nothing more is known. It is never
// written to.
var sentences = map[Kind]string{
	KindInvalidRequest: "it refuses the request as invalid; see the findings of /v1/lint",
	KindAuth:           "it does not accept the API key",
	KindPermission:     "the key may not use this API; check the account's permissions",
	KindModelNotFound:  "it does not know the model, has retired it, or does not offer it to this account",
	KindContentFilter:  "its content filter refuses the request",
	KindQuota:          "the account is out of balance or suspended; recharge it",
	KindRateLimited:    "the account's rate limit is reached; ask less often or raise its tier",
	KindOverloaded:     "it is overloaded; ask again later",
	KindTimeout:        "it did not answer in time",
	KindUnavailable:    "it is not available; ask again later",
	KindBadAnswer:      "its answer is not one that can be believed; check the base URL",
	KindUnsupported:    "its endpoint does not count requests of this sort; ask for a local count",
	KindCanceled:       "the caller went away",
}

// wrongKey is the sentence for a refused key on a platform.
func wrongKey(p platform) string {
	if p.host == "" {
		return "it does not accept the API key; the base URL names neither platform of the vendor, " +
			"so check that the key belongs to the host it points to"
	}
	return "it does not accept the API key; the configured platform is " + p.name +
		". Keys of " + p.other + " are of a separate account and do not work here: " +
		"set MOONSHOT_BASE_URL to the platform that issued the key"
}
