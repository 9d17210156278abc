package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/api"
	"tollgate/cli/telemetry"
	"tollgate/estimator"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/redis"
	"tollgate/pricing"
)

// settings is everything that can be set from outside, as it was given: every
// member is a flag and the environment variables in its setting tag. Empty means not
// set. It is text throughout so that all that is wrong can be said at once.
type settings struct {
	MoonshotAPIKey  string `setting:"MOONSHOT_API_KEY,KIMI_API_KEY" placeholder:"KEY" help:"The vendor's key. Without it tokens are counted locally. [$MOONSHOT_API_KEY, $KIMI_API_KEY]"`
	MoonshotBaseURL string `setting:"MOONSHOT_BASE_URL,KIMI_BASE_URL" placeholder:"URL" help:"The vendor's API, /v1 included; https://api.moonshot.cn/v1 if not set. [$MOONSHOT_BASE_URL, $KIMI_BASE_URL]"`
	VendorRPM       string `setting:"TOLLGATE_VENDOR_RPM" placeholder:"N" help:"Counting calls of the vendor a minute, at most; as many as it takes if not set. [$TOLLGATE_VENDOR_RPM]"`
	VendorAtOnce    string `name:"vendor-concurrency" setting:"TOLLGATE_VENDOR_CONCURRENCY" placeholder:"N" help:"Counting calls of the vendor at once, at most; 8 if not set. [$TOLLGATE_VENDOR_CONCURRENCY]"`
	VendorPatience  string `setting:"TOLLGATE_VENDOR_PATIENCE" placeholder:"DURATION" help:"How long method auto waits for the vendor at most, and less once it is silent for longer than usual; 2s if not set. [$TOLLGATE_VENDOR_PATIENCE]"`
	Addr            string `setting:"TOLLGATE_ADDR" placeholder:"HOST:PORT" help:"Where to listen; 127.0.0.1:8080 if not set. [$TOLLGATE_ADDR]"`
	APIKeys         string `setting:"TOLLGATE_API_KEYS" placeholder:"KEYS" help:"Bearer keys of callers, comma-separated, or file:PATH with one a line, read again when it changes. [$TOLLGATE_API_KEYS]"`
	AllowAnonymous  string `setting:"TOLLGATE_ALLOW_ANONYMOUS" placeholder:"BOOL" help:"Listen beyond loopback without keys. [$TOLLGATE_ALLOW_ANONYMOUS]"`
	Vocab           string `setting:"TOLLGATE_VOCAB" placeholder:"PATH" help:"The vocabulary, for exact counts; tiktoken.model in the user's data directory if it is there. [$TOLLGATE_VOCAB]"`
	Prices          string `setting:"TOLLGATE_PRICES" placeholder:"PATH" help:"A price file instead of the embedded table; read again when it changes. [$TOLLGATE_PRICES]"`
	CacheEntries    string `setting:"TOLLGATE_CACHE_ENTRIES" placeholder:"N" help:"Counts remembered; 1000000 if not set, fewer in a small container. [$TOLLGATE_CACHE_ENTRIES]"`
	CacheTTL        string `setting:"TOLLGATE_CACHE_TTL" placeholder:"DURATION" help:"How long counts are remembered; 24h if not set. [$TOLLGATE_CACHE_TTL]"`
	RedisURL        string `setting:"TOLLGATE_REDIS_URL" placeholder:"URL" help:"Redis or Valkey that replicas share: counts by the vendor and its rate limit. redis://, rediss:// or unix://. [$TOLLGATE_REDIS_URL]"`
	RedisSalt       string `setting:"TOLLGATE_REDIS_SALT" placeholder:"SECRET" help:"Keeps tenants of one Redis apart: replicas of different salts share nothing. [$TOLLGATE_REDIS_SALT]"`
	RateLimit       string `setting:"TOLLGATE_RATE_LIMIT" placeholder:"N" help:"Requests a second that one caller may send: a key, or without keys an address; any number if not set. [$TOLLGATE_RATE_LIMIT]"`
	MaxBodyBytes    string `setting:"TOLLGATE_MAX_BODY_BYTES" placeholder:"N" help:"The largest body, in bytes; 104857600 if not set, less in a small container. [$TOLLGATE_MAX_BODY_BYTES]"`
	MemoryBytes     string `setting:"TOLLGATE_MEMORY_BYTES" placeholder:"N" help:"How much of bodies is held at once, in bytes; what does not fit waits, then is turned away; 268435456 if not set, less in a small container. [$TOLLGATE_MEMORY_BYTES]"`
	SpoolBytes      string `setting:"TOLLGATE_SPOOL_BYTES" placeholder:"N" help:"With a vendor's key: how much of bodies of 4 MiB and more is in unnamed files in the directory for temporary files, in bytes; 0 holds them in memory; 2147483648 if not set. [$TOLLGATE_SPOOL_BYTES]"`
	DrainDelay      string `setting:"TOLLGATE_DRAIN_DELAY" placeholder:"DURATION" help:"How long to go on answering after SIGTERM while /readyz already fails; 2s if not set. [$TOLLGATE_DRAIN_DELAY]"`
	LogLevel        string `setting:"TOLLGATE_LOG_LEVEL" placeholder:"LEVEL" help:"debug, info, warn or error; info if not set. [$TOLLGATE_LOG_LEVEL]"`
	LogFormat       string `setting:"TOLLGATE_LOG_FORMAT" placeholder:"FORMAT" help:"json or text; text on a terminal, else json, if not set. [$TOLLGATE_LOG_FORMAT]"`

	OtelExporterOtlpEndpoint string `setting:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"OpenTelemetry collector that the service sends traces to, by http/protobuf, such as http://127.0.0.1:4318; the other OTEL_* variables are understood, too. No traces if not set. [$OTEL_EXPORTER_OTLP_ENDPOINT]"`
}

// leastMemory is the least that bodies can be given: below it the lane of small
// ones could not hold one of its largest.
const leastMemory = 16 << 20

// mostEntries is more counts than fit into any machine's memory; sizes that are
// made of their number do not overflow.
const mostEntries = 1_000_000_000

// Config is the settings, understood. Each member has a working default.
type Config struct {
	VendorKey      moonshot.Key // empty: count locally
	VendorURL      string
	VendorRPM      int              // counting calls a minute; 0: what the vendor takes
	VendorAtOnce   int              // counting calls at once
	VendorPatience time.Duration    // of method auto
	Currency       pricing.Currency // of the vendor's platform
	Addr           string           // host:port
	APIKeys        []string         // of callers; none: everybody may call
	APIKeyFile     string           // they were read from; empty: from none
	AllowAnonymous bool
	RateLimit      float64 // requests a second a caller; 0: any number
	Vocab          string  // path; empty: the default place, if it is there
	Prices         string  // path; empty: the embedded table
	CacheEntries   int64
	CacheTTL       time.Duration
	RedisURL       redis.Secret // empty: nothing is shared
	RedisSalt      redis.Secret
	MaxBodyBytes   int64
	MemoryBytes    int64 // of bodies, held at once
	SpoolBytes     int64 // of large bodies, on disk; 0: none
	DrainDelay     time.Duration
	LogLevel       slog.Level
	LogFormat      string             // "json", "text", or empty: text on a terminal
	Traces         *telemetry.Options // nil: no traces
	Warnings       []string           // what is odd, and no error

	heap int64 // bytes that Go may use of a container; 0: nothing says
}

// environment resolves flags that were not given from the environment. A
// variable that is set to nothing is not set.
func environment(lookup func(string) (string, bool)) kong.Resolver {
	var f kong.ResolverFunc = func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for name := range strings.SplitSeq(flag.Tag.Get("setting"), ",") {
			if v, ok := lookup(name); ok && v != "" {
				return v, nil
			}
		}
		return nil, nil //nolint:nilnil // kong's way to say that there is nothing
	}
	return f
}

// config understands the settings. Its error names everything that is wrong,
// not just the first.
func (s *settings) config(p *Process) (Config, error) {
	r := reader{}
	room := spaceOf(p.memoryLimit())
	c := Config{
		VendorKey:      moonshot.Key(strings.TrimSpace(s.MoonshotAPIKey)),
		VendorURL:      r.url("MOONSHOT_BASE_URL", s.MoonshotBaseURL),
		VendorRPM:      r.amount("TOLLGATE_VENDOR_RPM", s.VendorRPM, 0),
		VendorAtOnce:   r.amount("TOLLGATE_VENDOR_CONCURRENCY", s.VendorAtOnce, moonshot.DefaultConcurrency),
		VendorPatience: r.duration("TOLLGATE_VENDOR_PATIENCE", s.VendorPatience, estimator.DefaultVendorPatience),
		Addr:           r.addr("TOLLGATE_ADDR", s.Addr),
		AllowAnonymous: r.yes("TOLLGATE_ALLOW_ANONYMOUS", s.AllowAnonymous),
		RateLimit:      r.rate("TOLLGATE_RATE_LIMIT", s.RateLimit),
		Vocab:          s.Vocab,
		Prices:         s.Prices,
		CacheEntries:   r.number("TOLLGATE_CACHE_ENTRIES", s.CacheEntries, room.entries),
		CacheTTL:       r.duration("TOLLGATE_CACHE_TTL", s.CacheTTL, 24*time.Hour),
		RedisURL:       r.redis("TOLLGATE_REDIS_URL", s.RedisURL),
		RedisSalt:      redis.Secret(s.RedisSalt),
		MaxBodyBytes:   r.number("TOLLGATE_MAX_BODY_BYTES", s.MaxBodyBytes, room.largest),
		MemoryBytes:    r.number("TOLLGATE_MEMORY_BYTES", s.MemoryBytes, room.bodies),
		SpoolBytes:     r.spool("TOLLGATE_SPOOL_BYTES", s.SpoolBytes),
		DrainDelay:     r.duration("TOLLGATE_DRAIN_DELAY", s.DrainDelay, 2*time.Second),
		LogLevel:       r.level("TOLLGATE_LOG_LEVEL", s.LogLevel),
		LogFormat:      r.oneOf("TOLLGATE_LOG_FORMAT", s.LogFormat, "json", "text"),
	}
	if c.MemoryBytes < leastMemory {
		r.refuse("TOLLGATE_MEMORY_BYTES", "must be 16777216 (16 MiB) or more")
	}
	if c.CacheEntries > mostEntries {
		r.refuse("TOLLGATE_CACHE_ENTRIES", "must be at most 1000000000")
	}
	c.APIKeys, c.APIKeyFile = r.keys("TOLLGATE_API_KEYS", s.APIKeys)
	if !loopback(c.Addr) && len(c.APIKeys) == 0 && !c.AllowAnonymous {
		r.refuse("TOLLGATE_ADDR", "is not a loopback address: set TOLLGATE_API_KEYS, or TOLLGATE_ALLOW_ANONYMOUS=true "+
			"if everybody who can reach it may use it")
	}
	c.Currency = platformCurrency(c.VendorURL)
	c.heap = room.heap
	c.Warnings = slices.Concat(p.contradictions(), c.idle(), room.crowded(&c))
	return c, errors.Join(r.wrong...)
}

// contradictions says which variables stand for the same thing and differ.
func (p *Process) contradictions() []string {
	var found []string
	for _, pair := range [][2]string{{"MOONSHOT_API_KEY", "KIMI_API_KEY"}, {"MOONSHOT_BASE_URL", "KIMI_BASE_URL"}} {
		first, _ := p.LookupEnv(pair[0])
		second, _ := p.LookupEnv(pair[1])
		if first != "" && second != "" && first != second {
			found = append(found, pair[0]+" and "+pair[1]+" differ; the first is used")
		}
	}
	return found
}

// idle says which settings have no effect beside the others.
func (c *Config) idle() []string {
	var found []string
	if c.RedisURL != "" && c.VendorKey == "" {
		found = append(found, "TOLLGATE_REDIS_URL is set and MOONSHOT_API_KEY is not: "+
			"local counts are not shared, so nothing is")
	}
	if c.RedisSalt != "" && c.RedisURL == "" {
		found = append(found, "TOLLGATE_REDIS_SALT is set and TOLLGATE_REDIS_URL is not: nothing is shared")
	}
	return found
}

// platformCurrency is what the platform bills in: the .ai hosts in USD, all
// others in CNY. Source: https://platform.kimi.com/docs/pricing/chat and
// https://platform.kimi.ai/docs/pricing/chat.
func platformCurrency(base string) pricing.Currency {
	u, err := url.Parse(base)
	if err == nil && strings.HasSuffix(strings.ToLower(u.Hostname()), ".ai") {
		return pricing.USD
	}
	return pricing.CNY
}

// loopback reports whether an address can be reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// reader reads settings and collects what is wrong with them. It never repeats
// a value: it may be a secret in the wrong place.
type reader struct{ wrong []error }

// refuse notes that a setting is wrong.
func (r *reader) refuse(name, why string) {
	r.wrong = append(r.wrong, fmt.Errorf("%s %s", name, why))
}

func (r *reader) number(name, v string, fallback int64) int64 {
	if v == "" {
		return fallback
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 {
		r.refuse(name, "must be a whole number of 1 or more")
	}
	return n
}

// spool reads a number of bytes, or 0 for none.
func (r *reader) spool(name, v string) int64 {
	if v == "0" {
		return 0
	}
	return r.number(name, v, api.DefaultSpoolBytes)
}

// amount reads a number that no account of the vendor comes near.
func (r *reader) amount(name, v string, fallback int) int {
	const most = 1_000_000
	n := r.number(name, v, int64(fallback))
	if n > most {
		r.refuse(name, "must be at most 1000000")
		return fallback
	}
	return int(n)
}

// rate reads a number of requests a second: 0 for any number of them.
func (r *reader) rate(name, v string) float64 {
	if v == "" || v == "off" {
		return 0
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n >= 0.001 && n <= 1e6) { // NaN is neither
		r.refuse(name, "must be a number of requests a second from 0.001 to 1000000, such as 10 or 0.5, or off")
	}
	return n
}

func (r *reader) duration(name, v string, fallback time.Duration) time.Duration {
	if v == "" {
		return fallback
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		r.refuse(name, "must be a duration such as 90s or 24h")
	}
	return d
}

func (r *reader) yes(name, v string) bool {
	if v == "" {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.refuse(name, "must be true or false")
	}
	return b
}

func (r *reader) oneOf(name, v string, values ...string) string {
	if v == "" || slices.Contains(values, v) {
		return v
	}
	r.refuse(name, "must be "+strings.Join(values, " or "))
	return ""
}

func (r *reader) level(name, v string) slog.Level {
	var l slog.Level
	if r.oneOf(name, v, "debug", "info", "warn", "error") == "" {
		return slog.LevelInfo
	}
	_ = l.UnmarshalText([]byte(v)) // one of four words that it knows
	return l
}

func (r *reader) addr(name, v string) string {
	if v == "" {
		return "127.0.0.1:8080"
	}
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		r.refuse(name, "must be host:port, such as 127.0.0.1:8080")
	}
	return v
}

func (r *reader) url(name, v string) string {
	if v == "" {
		return moonshot.DefaultBaseURL
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" {
		r.refuse(name, "must be an http or https address with nothing behind its path, such as https://api.moonshot.cn/v1")
	}
	return v
}

func (r *reader) redis(name, v string) redis.Secret {
	if v == "" {
		return ""
	}
	if err := redis.CheckURL(v); err != nil {
		r.refuse(name, err.Error())
	}
	return redis.Secret(v)
}
