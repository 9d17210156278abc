package redis

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// dialTimeout is longer than a command may take: a connection that comes late
// is of use to the next one.
const dialTimeout = 100 * time.Millisecond

// poolSize is how many commands are under way at once, at most.
const poolSize = 32

// The defaults of [Options]. A server in the same data centre answers in less
// than a millisecond: who has not done so after 50 is not going to be of use.
const (
	DefaultTimeout  = 50 * time.Millisecond
	DefaultTTL      = 24 * time.Hour
	DefaultClaimTTL = 2 * time.Second
	DefaultPatience = 10 * time.Second
	DefaultQueue    = 1024
	DefaultPause    = 2 * time.Second
)

// failures is how many commands fail in a row before the server is left alone.
const failures = 5

// Secret is text that is not to be shown: an address with a password in it, a
// salt. It prints as a mask.
type Secret string

const masked = "[masked]"

// String returns a mask.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString returns a mask.
func (s Secret) GoString() string { return `redis.Secret("` + s.String() + `")` }

// LogValue returns a mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Observer hears of what happens, for metrics. It must be safe for concurrent
// use and quick.
type Observer interface {
	// Command hears of every command, and of those that were not sent. The
	// operation is hello (at start), get, claim, write or quota. The result is one of
	//
	//	hit, miss, claimed (by a replica), foreign, stale (of get),
	//	ok, renewed, busy (another was faster, or the quota is used up),
	//	timeout, unreachable, denied, full, refused (errors),
	//	left (the caller was gone), skipped (the breaker is open),
	//	dropped (the queue is full).
	Command(operation, result string, took time.Duration)
	// Breaker hears whether the server is left alone from now on.
	Breaker(open bool)
}

// nobody is the observer of those who have none.
type nobody struct{}

func (nobody) Command(string, string, time.Duration) {}
func (nobody) Breaker(bool)                          {}

// Options is what a [Store] needs. Every field but URL has a working zero
// value.
type Options struct {
	// URL is the server's address, with user and password: redis://, rediss://
	// (TLS) or unix://. See [CheckURL]. Required.
	URL Secret

	// Salt keeps tenants apart: replicas of different salts share nothing, and
	// nobody without it can tell from the server's content whether a text was
	// counted. Empty means none.
	Salt Secret

	// TTL is how long a count is believed after it was made; 0 means
	// [DefaultTTL]. The server forgets it a tenth earlier or later, so that
	// what was counted together is not forgotten together.
	TTL time.Duration

	// ClaimTTL is how long others wait for a replica that has died while it
	// counted; 0 means [DefaultClaimTTL]. While it lives it renews its claims.
	ClaimTTL time.Duration

	// Patience is how long others wait for a replica that is still counting; 0
	// means [DefaultPatience]. Then they count as well.
	Patience time.Duration

	// Timeout bounds one command, waiting for a connection included; 0 means
	// [DefaultTimeout].
	Timeout time.Duration

	Queue int           // counts that may wait to be written; 0 means DefaultQueue
	Pause time.Duration // how long a failing server is left alone; 0 means DefaultPause

	Clock    func() time.Time // nil means the clock of the machine
	Rand     func() float64   // in [0,1), for jitter; nil means a good source
	Logger   *slog.Logger     // nil logs nothing
	Observer Observer         // nil means none
}

// withDefaults returns o with every zero member replaced.
func (o Options) withDefaults() Options {
	orDefault(&o.TTL, DefaultTTL)
	orDefault(&o.ClaimTTL, DefaultClaimTTL)
	orDefault(&o.Patience, DefaultPatience)
	orDefault(&o.Timeout, DefaultTimeout)
	orDefault(&o.Queue, DefaultQueue)
	orDefault(&o.Pause, DefaultPause)
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the default of the option, nothing else here reads the clock
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	return o
}

// orDefault sets v to d if v is the zero value.
func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// errURL says what an address looks like and nothing of the one that was given.
var errURL = errors.New("must be an address such as redis://user:password@host:6379/0, " +
	"rediss:// for TLS, or unix:///path/to/socket?db=0, without other options")

// CheckURL says what is wrong with a server's address, without repeating it.
func CheckURL(address string) error {
	_, err := parse(address)
	return err
}

// parse understands an address. Options in it, which the client library would
// take, are refused: they could undo the limits.
func parse(address string) (*goredis.Options, error) {
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return nil, errURL
	}
	options := u.Query()
	if u.Scheme == "unix" {
		options.Del("db")
	}
	if len(options) > 0 || u.Scheme == "unix" && u.Path == "" || u.Scheme != "unix" && u.Hostname() == "" {
		return nil, errURL
	}
	o, err := goredis.ParseURL(address)
	if err != nil || o.DB < 0 {
		return nil, errURL
	}
	return o, nil
}

// limit makes the client safe to stand before a cache: by its own defaults it
// ignores deadlines, repeats what failed and waits 5 s.
func limit(o *goredis.Options, command time.Duration) *goredis.Options {
	o.ContextTimeoutEnabled = true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = max(dialTimeout, command), command, command
	o.PoolTimeout, o.PoolSize, o.PipelinePoolSize = command, poolSize, -1
	o.MaxRetries, o.DialerRetries = -1, 1
	o.ConnMaxIdleTime = 5 * time.Minute
	// Commands that an account with few rights may not send.
	o.DisableIdentity, o.Protocol = true, 2
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o
}
