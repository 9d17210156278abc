//go:build monitoring

package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// prometheus starts a Prometheus that scrapes a service every second, and
// returns its address. It knows the rules of k8s/monitoring.
func prometheus(t *testing.T, service string) string {
	t.Helper()
	dir := t.TempDir()
	rule, err := os.ReadFile("../k8s/monitoring/prometheusrule.yaml")
	require.NoError(t, err)
	_, spec, _ := strings.Cut(string(rule), "\nspec:\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(strings.ReplaceAll("\n"+spec, "\n  ", "\n")), 0o600))
	config := fmt.Sprintf(`
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yaml]
scrape_configs:
  - job_name: tollgate
    static_configs: [{targets: [%q], labels: {namespace: tollgate}}]
`, strings.TrimPrefix(service, "http://"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	cmd := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--web.listen-address="+addr,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--enable-feature=exemplar-storage", "--log.level=error")
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return "http://" + addr
}

// askPrometheus returns the series that Prometheus answers.
func askPrometheus(t *testing.T, base, path string, values url.Values) (series []json.RawMessage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path+"?"+values.Encode(), nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil // it is not there yet
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusServiceUnavailable {
		return nil // it is on its way
	}
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, "%s: %s", answer.Error, values)
	var data struct{ Result []json.RawMessage }
	if json.Unmarshal(answer.Data, &data) == nil {
		return data.Result
	}
	_ = json.Unmarshal(answer.Data, &series)
	return series
}

// TestEveryPanelHasDataFromARealPrometheus scrapes a service that is used in
// every way, and asks what the dashboard asks.
func TestEveryPanelHasDataFromARealPrometheus(t *testing.T) {
	redis, c := miniredis.RunT(t), collect(t)
	vendor := fakevendor.Start(t, fakevendor.Options{})
	prices := filepath.Join(t.TempDir(), "prices.yaml")
	table, err := os.ReadFile("../pricing/data/kimi-k2.6.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(prices, table, 0o600))
	s := traced(t, c, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL, "TOLLGATE_REDIS_URL=redis://"+redis.Addr(),
		"TOLLGATE_PRICES="+prices, "TOLLGATE_VENDOR_RPM=600")
	base := prometheus(t, s.url)
	require.Eventually(t, func() bool {
		return len(askPrometheus(t, base, "/api/v1/query", url.Values{"query": {`up{job="tollgate"} == 1`}})) == 1
	}, 60*time.Second, 100*time.Millisecond)
	for round, until := 0, time.Now().Add(25*time.Second); time.Now().Before(until); round++ {
		_, _ = s.post("/v1/estimate", lineOf(round))
		_, _ = s.post("/v1/estimate?method=approximation", lineOf(round/10))
		_, _ = s.post("/v1/estimate?max_cost=0.000001", lineOf(round))
		_, _ = s.post("/v1/estimate?at=2020-01-01", lineOf(round))
		_, _ = s.post("/v1/estimate/batch", lineOf(round)+"\n{}\n")
		_, _ = s.post("/v1/estimate", strings.Replace(hello, `"messages"`, `"temperature":0.123,"messages"`, 1))
		_ = s.status("/v1/models")
		time.Sleep(20 * time.Millisecond)
	}
	content, err := os.ReadFile("../k8s/monitoring/tollgate.json")
	require.NoError(t, err)
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &d))
	filled := strings.NewReplacer("$__rate_interval", "10s", "$namespace", ".*", "$job", ".*")
	queries, now := 0, fmt.Sprint(time.Now().Unix())
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			queries++
			got := askPrometheus(t, base, "/api/v1/query", url.Values{"query": {filled.Replace(target.Expr)}, "time": {now}})
			t.Logf("%-48s %2d series  %s", p.Title, len(got), first(got))
			if len(got) == 0 {
				t.Errorf("%s has no data: %s", p.Title, target.Expr)
			}
		}
	}
	exemplars := askPrometheus(t, base, "/api/v1/query_exemplars", url.Values{
		"query": {`tollgate_http_request_duration_seconds_bucket`}, "start": {fmt.Sprint(time.Now().Unix() - 60)}, "end": {fmt.Sprint(time.Now().Unix())},
	})
	require.NotEmpty(t, exemplars, "durations name traces")
	require.Contains(t, string(exemplars[0]), "trace_id")
	require.Empty(t, askPrometheus(t, base, "/api/v1/query", url.Values{"query": {`ALERTS{alertname=~"TollgateDown|TollgateFaults"}`}}))
	t.Logf("%d queries", queries)
}

// first is the first of some series, shortened.
func first(series []json.RawMessage) string {
	if len(series) == 0 {
		return ""
	}
	return fmt.Sprintf("%.150s", series[0])
}
