package moonshot

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is the address of platform.kimi.com. Its path, /v1, is part
// of it. Source: https://platform.kimi.com/docs/api/estimate.
const DefaultBaseURL = "https://api.moonshot.cn/v1"

// estimatePath is the counting endpoint, under the base URL.
const estimatePath = "/tokenizers/estimate-token-count"

// The defaults of [Options].
const (
	DefaultAttemptTimeout = 4 * time.Second
	DefaultTotalTimeout   = 12 * time.Second
	DefaultMaxAttempts    = 3
	DefaultMaxConns       = 64
)

// Key is an API key. It prints as a mask, so that an Options in a log line
// tells nothing.
type Key string

const masked = "[masked]"

// String returns a mask.
func (k Key) String() string {
	if k == "" {
		return ""
	}
	return masked
}

// GoString returns a mask.
func (k Key) GoString() string { return `moonshot.Key("` + k.String() + `")` }

// LogValue returns a mask.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns a mask.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Options is what a [Client] needs. Every field but APIKey and Now has a
// working zero value.
type Options struct {
	BaseURL string // empty means DefaultBaseURL
	APIKey  Key    // surrounding white space is dropped; required

	// AttemptTimeout bounds one HTTP exchange, TotalTimeout a whole call with
	// its retries. Both grow with the body by the time it takes at 4 MiB a
	// second. 0 means the default; the caller's own deadline always holds too.
	AttemptTimeout time.Duration
	TotalTimeout   time.Duration
	MaxAttempts    int // 0 means DefaultMaxAttempts
	MaxConns       int // connections to the vendor; 0 means DefaultMaxConns

	Retry   RetryOptions
	Breaker BreakerOptions

	// Proxy chooses a proxy for a request; nil means none. It is ignored when
	// Transport is set.
	Proxy func(*http.Request) (*url.URL, error)

	// Transport replaces the network, for tests. Redirects are refused and
	// compressed answers are not accepted whatever it is.
	Transport http.RoundTripper

	Now     func() time.Time // the clock, such as time.Now; required
	Rand    func() float64   // in [0,1), for jitter; nil means a good source
	Logger  *slog.Logger     // nil means none
	Observe func(Attempt)    // called after every HTTP exchange; nil means none
}

// Attempt is what happened in one HTTP exchange, for metrics.
type Attempt struct {
	Kind     Kind // empty when it gave a number
	Status   int  // HTTP status; 0 when there was no answer
	Duration time.Duration
	Retry    bool // it repeats an attempt that failed
}

// withDefaults fills what was left open and names everything that is wrong,
// without quoting a value that may hold a secret.
func (o Options) withDefaults() (Options, error) {
	o.APIKey = Key(strings.TrimSpace(string(o.APIKey)))
	orDefault(&o.BaseURL, DefaultBaseURL)
	orDefault(&o.AttemptTimeout, DefaultAttemptTimeout)
	orDefault(&o.TotalTimeout, DefaultTotalTimeout)
	orDefault(&o.MaxAttempts, DefaultMaxAttempts)
	orDefault(&o.MaxConns, DefaultMaxConns)
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Attempt) {}
	}
	o.Retry = o.Retry.withDefaults()
	o.Breaker = o.Breaker.withDefaults()
	return o, o.check()
}

func (o Options) check() error {
	var bad []error
	if o.Now == nil {
		bad = append(bad, errors.New("no clock was given"))
	}
	if !sane(o.APIKey) {
		bad = append(bad, errors.New("the API key is empty or has characters that no key has; "+
			"copy it again from the platform's console"))
	}
	if o.AttemptTimeout < 0 || o.TotalTimeout < 0 || o.MaxAttempts < 0 || o.MaxConns < 0 {
		bad = append(bad, errors.New("timeouts, attempts and connections must be positive"))
	}
	if len(bad) > 0 {
		return fmt.Errorf("moonshot options: %w", errors.Join(bad...))
	}
	return nil
}

// sane reports whether the key can stand in an HTTP header.
func sane(k Key) bool {
	for _, c := range []byte(k) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return k != ""
}

// orDefault sets v to d if v is the zero value.
func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
