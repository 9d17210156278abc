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
	MaxConns       int // connections to the vendor; 0 means DefaultMaxConns, or Concurrency if that is more

	// How much of the account's allowance counting may use; retries and
	// calibrating calls count like all others. RPM is how many exchanges may
	// begin in any minute, a tenth of them at once and the rest spread out; 0
	// means as many as the vendor takes. Concurrency is how many may be under
	// way; 0 means DefaultConcurrency. Quota is asked as well; nil means none.
	//
	// Whatever is set, the client learns from the vendor's refusals. After a 429
	// nobody is sent before the time that it names (2 s when it names none,
	// longer with every refusal in a row), and then one alone. When it names the
	// account's limit, counting keeps to half of that for ten minutes: what the
	// account has is for the traffic it was made for. Nothing is assumed before
	// the first refusal, for the tiers are far apart: 3 to 10,000 requests a
	// minute.
	RPM         int
	Concurrency int
	Quota       Quota

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
	Observe func(Attempt)    // called after every attempt; nil means none
}

// Attempt is what became of one attempt to make an HTTP exchange, for metrics.
type Attempt struct {
	Kind     Kind          // empty when it gave a number
	Status   int           // HTTP status; 0 when there was no answer
	Duration time.Duration // of the exchange
	Waited   time.Duration // before it, for the limits
	Retry    bool          // it repeats an attempt that failed
	Held     bool          // there was no exchange: a limit (KindRateLimited) or the breaker held it back
	Open     bool          // the breaker was open when it was over
}

// withDefaults fills what was left open and names everything that is wrong,
// without quoting a value that may hold a secret.
func (o Options) withDefaults() (Options, error) {
	o.APIKey = Key(strings.TrimSpace(string(o.APIKey)))
	orDefault(&o.BaseURL, DefaultBaseURL)
	orDefault(&o.AttemptTimeout, DefaultAttemptTimeout)
	orDefault(&o.TotalTimeout, DefaultTotalTimeout)
	orDefault(&o.MaxAttempts, DefaultMaxAttempts)
	orDefault(&o.Concurrency, DefaultConcurrency)
	orDefault(&o.MaxConns, max(DefaultMaxConns, o.Concurrency))
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
	if o.RPM < 0 || o.RPM > most || o.Concurrency < 0 || o.Concurrency > most {
		bad = append(bad, fmt.Errorf("requests a minute and concurrency must be between 1 and %d", most))
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
