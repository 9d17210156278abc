package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"
)

// ErrUnavailable is wrapped by every error of this package: the server could
// not be asked, for a reason that the error names without its address.
var ErrUnavailable = errors.New("the shared cache does not answer")

// reason is why a command brought nothing.
type reason string

const (
	reasonTimeout     reason = "timeout"
	reasonUnreachable reason = "unreachable"
	reasonDenied      reason = "denied"  // wrong user or password, or one without the right
	reasonFull        reason = "full"    // no memory, and told to forget nothing
	reasonRefused     reason = "refused" // it answered with another error
	reasonForeign     reason = "foreign" // what lies under the key is no text
	reasonLeft        reason = "left"    // the caller was gone first
	reasonSkipped     reason = "skipped" // the breaker is open
)

// failure is the error of a command. It has nothing of the client library's
// text, which may name addresses.
type failure struct {
	reason  reason
	answers bool // it is an answer, and given at once: the server is well
}

// Error names the reason.
func (f *failure) Error() string { return ErrUnavailable.Error() + ": " + string(f.reason) }

// Unwrap returns [ErrUnavailable].
func (f *failure) Unwrap() error { return ErrUnavailable }

// failureOf says why a command failed whose caller's context is ctx.
func failureOf(ctx context.Context, err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if reply, ok := errors.AsType[goredis.Error](err); ok {
		return replied(reply.Error())
	}
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return &failure{reason: reasonSkipped}
	case ctx.Err() != nil:
		return &failure{reason: reasonLeft}
	case late(err):
		return &failure{reason: reasonTimeout}
	}
	return &failure{reason: reasonUnreachable}
}

// late reports whether err is about time.
func late(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, goredis.ErrPoolTimeout) {
		return true
	}
	timed, ok := errors.AsType[net.Error](err)
	return ok && timed.Timeout()
}

// replied reads an error that the server answered with.
func replied(text string) *failure {
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(text, word) })
	}
	switch {
	case strings.Contains(text, "OOM command"): // within the error of a script, too
		return &failure{reason: reasonFull, answers: true}
	case is("WRONGTYPE"):
		return &failure{reason: reasonForeign, answers: true}
	case is("NOPERM"):
		return &failure{reason: reasonDenied, answers: true}
	case is("NOAUTH", "WRONGPASS", "ERR AUTH", "ERR invalid password", "ERR Client sent AUTH"):
		return &failure{reason: reasonDenied}
	case is("READONLY", "MISCONF"): // no writing; reading is well
		return &failure{reason: reasonRefused, answers: true}
	}
	return &failure{reason: reasonRefused}
}

// couldNot says what was not done, and why.
func couldNot(what string, f *failure) error { return fmt.Errorf("%s: %w", what, f) }
