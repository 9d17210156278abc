package estimator

import "time"

// VendorErrorKind is how the vendor's counting endpoint failed, as far as a
// caller has to tell the cases apart.
type VendorErrorKind uint8

// The kinds of vendor failure.
const (
	VendorFailed     VendorErrorKind = iota // it answered with an error or with nonsense
	VendorRefused                           // it refuses this key or this request; trying again changes nothing
	VendorOverloaded                        // overloaded, or the account's rate limit is reached
	VendorTimedOut                          // no answer in time
)

// VendorError is the vendor's failure to count. Its text holds nothing of the
// request, of a key, or of an account.
type VendorError struct {
	Kind       VendorErrorKind
	Detail     string        // what happened and what to do, safe to show
	Status     int           // the HTTP status the vendor answered; 0 if it did not
	Type       string        // the vendor's error type, such as "rate_limit_reached_error"; may be empty
	RetryAfter time.Duration // how long the vendor asks to wait; 0 if it did not say
	Cause      error         // for the log only, already redacted
}

// Error returns the detail, which is safe to show.
func (e *VendorError) Error() string { return "vendor: " + e.Detail }

// Unwrap returns the cause.
func (e *VendorError) Unwrap() error { return e.Cause }
