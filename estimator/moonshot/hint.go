package moonshot

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxHint is the longest wait that is believed; a daily limit resets within it.
const maxHint = 24 * time.Hour

// hint returns how long the vendor asks to wait: by its own header, by the
// standard one, or by the seconds in its message; 0 when it does not say. When
// several speak, the longest wait wins.
func hint(h http.Header, message string, now time.Time) time.Duration {
	return max(
		seconds(h.Get("Msh-Cooldown-Seconds")),
		retryAfter(h.Get("Retry-After"), now),
		secondsInMessage(message),
	)
}

// retryAfter reads seconds or an HTTP date.
func retryAfter(v string, now time.Time) time.Duration {
	if d := seconds(v); d > 0 {
		return d
	}
	if t, err := http.ParseTime(v); err == nil {
		return clamp(t.Sub(now))
	}
	return 0
}

// seconds reads a number of seconds such as "3" or "0.5". Anything else is 0.
func seconds(v string) time.Duration {
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || !(f > 0) { // not f <= 0: NaN is no number of seconds either
		return 0
	}
	if f >= maxHint.Seconds() {
		return maxHint
	}
	return time.Duration(f * float64(time.Second))
}

// secondsInMessage finds the N of "please try again after N seconds".
func secondsInMessage(message string) time.Duration {
	_, rest, ok := strings.Cut(strings.ToLower(message), "try again after ")
	if !ok {
		return 0
	}
	number, rest, ok := strings.Cut(rest, " ")
	if !ok || !strings.HasPrefix(rest, "second") {
		return 0
	}
	return seconds(number)
}

func clamp(d time.Duration) time.Duration { return min(max(d, 0), maxHint) }
