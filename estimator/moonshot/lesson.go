package moonshot

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// limit is one of the account's limits, by its sentence in a refusal.
type limit uint8

const (
	limitUnknown limit = iota
	limitConcurrency
	limitRPM
	limitTPM
	limitTPD
)

// name is the limit for a person.
func (l limit) name() string {
	return [...]string{"", "concurrency", "requests a minute (RPM)", "tokens a minute (TPM)", "tokens a day (TPD)"}[l]
}

// limitOf returns the limit that a refusal speaks of.
func limitOf(message string) limit {
	for _, l := range []struct {
		word  string
		limit limit
	}{{"concurrency", limitConcurrency}, {"rpm", limitRPM}, {"tpm", limitTPM}, {"tpd", limitTPD}} {
		if mentions(message, l.word) {
			return l.limit
		}
	}
	return limitUnknown
}

// most is the largest limit that is believed; no tier has a tenth of it.
const most = 1_000_000

// numberOf returns the N of "max RPM: N" or "max organization concurrency: N",
// or 0 when the refusal names no such number.
func numberOf(message string) int {
	message = strings.ToLower(message)
	for _, before := range []string{"rpm: ", "concurrency: "} {
		_, rest, ok := strings.Cut(message, before)
		if !ok {
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		if n, err := strconv.Atoi(rest[:end]); err == nil && n > 0 && n <= most {
			return n
		}
	}
	return 0
}

// learnedFor is how long a limit that the vendor named is kept to. It is named
// again when it is met again.
const learnedFor = 10 * time.Minute

// lesson is a limit that the vendor named: counting keeps to half of it.
type lesson struct {
	share float64 // 0: none
	until time.Time
}

// learn returns the lesson of a limit of n.
func learn(n int, now time.Time) lesson {
	return lesson{share: float64(n) / 2, until: now.Add(learnedFor)}
}

// bound returns the smaller of a setting and what was learned. A setting of 0
// is none, and so is an answer of 0.
func (l lesson) bound(set float64, now time.Time) float64 {
	switch {
	case l.share == 0 || !now.Before(l.until):
		return set
	case set == 0:
		return l.share
	default:
		return min(set, l.share)
	}
}

// The pause after a refusal for the account's limits.
const (
	firstPause = 2 * time.Second
	// longestPause lets the end of a shortage be seen within five seconds.
	longestPause = 4 * time.Second
	// longestWindowPause is that for limits over a minute or a day, which do not
	// end sooner for being asked about.
	longestWindowPause = time.Minute
	// longestHint is how long a hint is kept to at most, lest one bad header
	// turn the vendor off for a day.
	longestHint = time.Hour
)

// pauseAfter returns how long nobody is sent after a refusal, the strikes-th in
// a row. The first that names a time is taken at its word.
func pauseAfter(l limit, hinted time.Duration, strikes int) time.Duration {
	bound := longestPause
	if l == limitRPM || l == limitTPM || l == limitTPD {
		bound = longestWindowPause
	}
	if hinted > 0 {
		strikes--
	}
	var pause time.Duration
	if strikes > 0 {
		pause = min(firstPause<<min(strikes-1, 8), bound)
	}
	return max(pause, min(hinted, longestHint))
}

// tune sets the bucket by what is set and what was taught.
func (p *pace) tune(now time.Time) {
	rpm := p.rpmTaught.bound(p.rpm, now)
	every, burst := rate.Inf, 1
	if rpm > 0 {
		// A tenth at once and nine tenths spread over the minute are no more than
		// the whole of it in any minute.
		every, burst = rate.Limit(0.9*rpm/time.Minute.Seconds()), max(int(rpm/10), 1)
	}
	if p.bucket.Limit() != every {
		p.bucket = rate.NewLimiter(every, burst)
	}
}

// settle learns from how an exchange went that began at a moment, and says in
// the error of one that was refused how long nobody is sent.
func (p *pace) settle(e *Error, began, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() {
		if e != nil && e.limited {
			e.RetryAfter = max(e.RetryAfter, p.held.Sub(now))
		}
	}()
	switch {
	case began.Before(p.refusedAt): // it says nothing of the time since
	case e == nil, e.Status/100 == 4 && !e.limited:
		p.strikes = 0
	case e.limited:
		p.strikes++
		p.refusedAt, p.refusal = now, *e
		p.held = now.Add(pauseAfter(e.limit, e.RetryAfter, p.strikes))
		p.teach(e, now)
	}
}

// teach keeps to what a refusal names.
func (p *pace) teach(e *Error, now time.Time) {
	taught := &p.rpmTaught
	switch {
	case e.most == 0:
		return
	case e.limit == limitConcurrency:
		taught = &p.conTaught
	case e.limit != limitRPM:
		return
	}
	was := *taught
	*taught = learn(e.most, now)
	p.tune(now)
	if e.limit == limitRPM {
		// What was saved up is spent, but for the one that the vendor asks to
		// come again.
		p.bucket.AllowN(now, max(int(p.bucket.TokensAt(now))-1, 0))
	}
	if was.share != taught.share || !now.Before(was.until) {
		p.logger.Warn("the account's limit was reached; counting keeps to half of it for a while",
			slog.String("limit", e.limit.name()), slog.Int("most", e.most))
	}
}
