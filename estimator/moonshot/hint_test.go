package moonshot

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSeconds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"3": 3 * time.Second, " 0.25 ": 250 * time.Millisecond, "1e3": 1000 * time.Second,
		"0": 0, "-1": 0, "NaN": 0, "": 0, "soon": 0, "-Inf": 0, "+Inf": maxHint, "1e300": maxHint, "86401": maxHint,
	} {
		require.Equal(t, want, seconds(text), "%q", text)
	}
}

func TestSecondsInMessage(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]time.Duration{
		"request reached organization max RPM: 3, please try again after 1 seconds": time.Second,
		"Please try again after 30 seconds.":                                        30 * time.Second,
		"try again after 1 second":                                                  time.Second,
		"please try again after 5 minutes":                                          0,
		"please try again after a while":                                            0,
		"please try again later":                                                    0,
		"after 5 seconds":                                                           0,
	} {
		require.Equal(t, want, secondsInMessage(message), "%q", message)
	}
}

func FuzzHint(f *testing.F) {
	f.Add("3", "Wed, 21 Oct 2026 07:28:00 GMT", "try again after 1 seconds")
	f.Add("NaN", "-1", "try again after 9999999999999999999999 seconds")
	f.Fuzz(func(t *testing.T, cooldown, retry, message string) {
		h := http.Header{"Msh-Cooldown-Seconds": {cooldown}, "Retry-After": {retry}}
		d := hint(h, message, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
		require.GreaterOrEqual(t, d, time.Duration(0))
		require.LessOrEqual(t, d, maxHint)
	})
}
