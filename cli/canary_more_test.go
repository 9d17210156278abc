package cli_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// hushed has the vendor fall silent, and then refuse the key, under a service
// that knows it otherwise.
func hushed(t *testing.T) *watched {
	t.Helper()
	vendor := fakevendor.Start(t, fakevendor.Options{Keys: []string{canaryVendor}})
	c := collect(t)
	w := &watched{statuses: map[int]int{}, collector: c, running: start(t,
		"OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=20",
		"MOONSHOT_API_KEY="+canaryVendor, "MOONSHOT_BASE_URL="+vendor.URL, "TOLLGATE_API_KEYS="+canaryCaller,
		"TOLLGATE_LOG_LEVEL=debug", "TOLLGATE_REDIS_URL=redis://canary-user:canary-password@127.0.0.1:1/0", "TOLLGATE_REDIS_SALT=canary-salt")}
	ask := func(n int, query string) {
		for range n {
			body := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%s %d"}]}`, canaryPrompt, w.requests)
			w.send(http.MethodPost, "/v1/estimate"+query, "application/json", canaryCaller, body)
			w.send(http.MethodPost, "/v1/estimate/batch"+query, "application/x-ndjson", canaryCaller, body+"\n"+body+"\n")
		}
	}
	ask(10, "")
	vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.FaultHang })
	ask(3, "?method=auto")
	vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.Fault401 })
	time.Sleep(100 * time.Millisecond)
	ask(3, "?method=vendor")
	ask(3, "")
	w.send(http.MethodGet, "/metrics", "", "", "")
	w.stop()
	return w
}

func TestNothingSecretIsToldOfASilentVendorOrASharedCacheThatIsAway(t *testing.T) {
	t.Parallel()
	w := hushed(t)
	require.Contains(t, w.answers.String(), "vendor_unavailable")
	require.Contains(t, w.answers.String(), "vendor_refused")
	require.Contains(t, w.logs.String(), "the vendor refuses the key or the account")
	for _, secret := range secrets() {
		require.Empty(t, linesWith(w.logs.String(), secret), "log")
		require.Empty(t, linesWith(w.answers.String(), secret), "answers")
		require.NotContains(t, w.spans.String(), secret, "spans")
	}
	t.Logf("scorecard | 25 | %d requests and batches with marked prompt text and keys while the vendor falls silent and then refuses the key, beside a Redis that is away "+
		"with user, password and salt marked, at log level debug | no mark in any log line, answer, header or metric | 0 marks in %d log lines and %d bytes of answers; statuses %v",
		w.requests, strings.Count(w.logs.String(), "\n"), w.answers.Len(), w.statuses)
}

func TestNothingSecretIsInAnyReportOfTheGate(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Keys: []string{"another"}})
	service := start(t, "TOLLGATE_API_KEYS="+canaryCaller, "TOLLGATE_LOG_LEVEL=debug")
	body := `{"model":"kimi-k2.6","messages":[{"role":"user","content":"` + canaryPrompt + `"}]}`
	dir := folder(t, map[string]string{
		"a.json": body, "broken.json": body[:60], "wrong.json": strings.Replace(body, `"user"`, `7`, 1),
		"lines.jsonl": body + "\n" + body[:50] + "\n",
	})
	var said strings.Builder
	runs := 0
	for _, format := range []string{"table", "markdown", "json", "junit", "github"} {
		for _, at := range [][]string{
			nil,
			{"--method", "vendor"},
			{"--method", "auto"},
			{"--max-cost", "0.0000001"},
			{"--server", service.url, "--server-key", canaryCaller},
			{"--server", service.url, "--server-key", canaryCaller + "-wrong"},
			{"--server", "http://canary-user:canary-password@127.0.0.1:1", "--server-key", canaryCaller},
		} {
			for _, paths := range [][]string{{"a.json"}, {"broken.json"}, {"wrong.json"}, {"lines.jsonl"}} {
				if at != nil && format != "table" && paths[0] != "a.json" || slices.Contains(at, "--server") && format != "table" {
					continue // the formats differ in what they make of one answer
				}
				r := gateIn(t, dir, []string{"MOONSHOT_API_KEY=" + canaryVendor, "MOONSHOT_BASE_URL=" + vendor.URL, "TOLLGATE_LOG_LEVEL=debug"},
					append(append([]string{"--format", format}, at...), paths...)...)
				said.WriteString(r.stdout + r.stderr)
				runs++
			}
		}
	}
	service.term()
	require.Equal(t, 0, service.stopped())
	said.WriteString(service.log.String())
	for _, secret := range secrets() {
		require.Empty(t, linesWith(said.String(), secret))
	}
	require.Contains(t, said.String(), "a.json")
	t.Logf("scorecard | 25 | %d runs of the gate with marked prompt text and keys, in each format, over files that are right and broken, by itself, by the vendor and by a server | "+
		"no mark in a report, an error or the server's log | 0 marks in %d bytes", runs, said.Len())
}
