package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"tollgate/estimator/moonshot/fakevendor"
)

// A trace of a caller.
const (
	callerTrace = "0af7651916cd43dd8448eb211c80319c"
	callerSpan  = "b7ad6b7169203331"
)

// traced starts a service that sends its traces to a collector, soon.
func traced(t testing.TB, c *collector, env ...string) *running {
	t.Helper()
	return start(t, append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=20"}, env...)...)
}

// logged waits for so many request lines of estimates in the log, and returns
// them.
func (s *running) logged(n int) (lines []map[string]any) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		lines = s.requestLines()
		return len(lines) >= n
	}, 20*time.Second, 5*time.Millisecond)
	require.Len(s.t, lines, n)
	return lines
}

func (s *running) requestLines() []map[string]any {
	var lines []map[string]any
	for line := range strings.Lines(s.log.String()) {
		var event map[string]any
		if json.Unmarshal([]byte(line), &event) == nil && event["msg"] == "request" && event["route"] == "/v1/estimate" {
			lines = append(lines, event)
		}
	}
	return lines
}

// within posts a body as a part of a caller's trace.
func (s *running) within(body, flags string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/v1/estimate", strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Traceparent", "00-"+callerTrace+"-"+callerSpan+"-"+flags)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	_ = resp.Body.Close()
	require.Equal(s.t, 200, resp.StatusCode)
}

// wayOfARequest is what is kept of a request that nobody has counted before,
// once it is known what the vendor counts.
const wayOfARequest = `
POST /v1/estimate (server) gen_ai.request.model=kimi-k2.6 http.request.method=POST http.response.status_code=200 http.route=/v1/estimate tollgate.cache=miss tollgate.count.method=mixed tollgate.prompt_tokens=26 tollgate.verdict=allow url.scheme=http
  receive http.request.body.size=106
  admit tollgate.lane=small tollgate.waiting_for=turn
  scan http.request.body.size=106
  cache lookup tollgate.cache=miss tollgate.count.method=vendor
    count flight
      redis get (client) db.operation.name=get db.system.name=redis tollgate.shared_cache.result=miss
      redis claim (client) db.operation.name=claim db.system.name=redis tollgate.shared_cache.result=ok
      vendor count
        vendor wait
        POST /tokenizers/estimate-token-count (client) http.request.method=POST http.response.status_code=200 url.template=/tokenizers/estimate-token-count
`

func TestATraceShowsTheWayOfARequest(t *testing.T) {
	t.Parallel()
	redis, c := miniredis.RunT(t), collect(t)
	vendor := fakevendor.Start(t, fakevendor.Options{})
	s := traced(t, c, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL, "TOLLGATE_REDIS_URL=redis://"+redis.Addr(),
		"OTEL_SERVICE_NAME=gate", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=a%20test", "OTEL_EXPORTER_OTLP_HEADERS=x-tenant=one",
		"OTEL_EXPORTER_OTLP_COMPRESSION=gzip")
	_, _ = s.post("/v1/estimate", hello) // which finds out what the vendor counts
	first := c.wait(t, 11)
	require.Contains(t, tree(first, nil, ""), "        calibration\n")
	// On a busy machine an exchange with Redis may take longer than it is given,
	// and the trace says so: then the next request is looked at.
	asked := 1
	var spans []*tracepb.Span
	for {
		had := len(c.taken())
		status, _ := s.post("/v1/estimate", lineOf(asked))
		require.Equal(t, 200, status)
		asked++
		if spans = c.wait(t, had+11)[had:]; asked > 20 || !strings.Contains(tree(spans, nil, ""), "error.type=timeout") {
			break
		}
	}
	require.Equal(t, strings.TrimLeft(wayOfARequest, "\n"), tree(spans, nil, ""))

	lines := s.logged(asked)
	for _, span := range spans {
		require.Equal(t, lines[asked-1]["trace_id"], hexOf(span.GetTraceId()))
		if span.GetParentSpanId() == nil {
			require.Equal(t, lines[asked-1]["span_id"], hexOf(span.GetSpanId()))
		}
	}
	require.Contains(t, said(c.resource), "service.name=gate")
	require.Contains(t, said(c.resource), "deployment.environment.name=a test")
	require.Equal(t, "one", c.headers.Get("X-Tenant"))
	require.NotContains(t, string(c.sent()), "127.0.0.1", "an address")

	require.Contains(t, s.metrics(), `tollgate_trace_spans_total{result="failed"} 0`)
	had := len(c.taken())
	_, _ = s.post("/v1/estimate", lineOf(asked-1))
	hit := c.wait(t, had+5)[had:]
	require.Contains(t, tree(hit, nil, ""), "  cache lookup tollgate.cache=hit tollgate.count.method=vendor\n")
}

func TestALocalCountIsInTheTrace(t *testing.T) {
	t.Parallel()
	c := collect(t)
	s := traced(t, c)
	_, _ = s.post("/v1/estimate", hello)
	require.Contains(t, tree(c.wait(t, 7), nil, ""), `
  cache lookup tollgate.cache=miss tollgate.count.method=approximation
    count flight
      local count tollgate.count.method=approximation
`)
	status, _ := s.post("/v1/estimate?method=vendor", hello)
	require.Equal(t, 422, status)
	require.Contains(t, tree(c.wait(t, 11)[7:], nil, ""),
		"POST /v1/estimate (server) http.request.method=POST http.response.status_code=422 http.route=/v1/estimate tollgate.code=")
	require.Zero(t, s.get("/healthz") == "", "what machines ask every few seconds leaves no trace")
	require.Len(t, c.taken(), 11)
}

func TestATraceOfTheCallerGoesOnAndEndsHere(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var headers []http.Header
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		headers = append(headers, r.Header.Clone())
		mu.Unlock()
		_, _ = w.Write([]byte(`{"data":{"total_tokens":11}}`))
	}))
	t.Cleanup(vendor.Close)
	c := collect(t)
	s := traced(t, c, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL+"/v1")
	s.within(hello, "01")
	require.Eventually(t, func() bool { return tree(c.taken(), unhex(callerSpan), "") != "" }, 20*time.Second, 5*time.Millisecond)
	for _, span := range c.taken() {
		require.Equal(t, callerTrace, hexOf(span.GetTraceId()))
	}
	before := len(c.taken())
	s.within(lineOf(1), "00") // the caller does not keep it
	s.within(lineOf(2), "01")
	require.Eventually(t, func() bool { return strings.Count(tree(c.taken(), unhex(callerSpan), ""), "(server)") == 2 }, 20*time.Second, 5*time.Millisecond)
	require.Greater(t, len(c.taken()), before)
	lines := s.logged(3)
	for _, line := range lines {
		require.Equal(t, callerTrace, line["trace_id"])
		require.Regexp(t, "^[0-9a-f]{16}$", line["span_id"])
		require.NotEqual(t, callerSpan, line["span_id"])
	}
	mu.Lock()
	defer mu.Unlock()
	require.NotEmpty(t, headers)
	for _, h := range headers {
		require.Empty(t, h.Get("Traceparent"), "an internal id is nothing for a third party")
	}
}

func TestWithoutTracesTheCallersIdsAreLogged(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.within(hello, "01")
	lines := s.logged(1)
	require.Equal(t, callerTrace, lines[0]["trace_id"])
	require.Equal(t, callerSpan, lines[0]["span_id"])
	require.NotContains(t, s.metrics(), "tollgate_trace")
}

func TestTheLastSpansAreSentWhenTheServiceStops(t *testing.T) {
	t.Parallel()
	c := collect(t)
	s := traced(t, c, "OTEL_BSP_SCHEDULE_DELAY=600000")
	_, _ = s.post("/v1/estimate", hello)
	require.Empty(t, c.taken())
	s.term()
	require.Zero(t, s.stopped())
	require.Len(t, c.taken(), 7)
}

func TestADeadCollectorCostsOnlySpans(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(release) })
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, url := range map[string]string{"it hangs": hanging.URL, "it is gone": gone.URL} {
		s := start(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+url, "OTEL_BSP_SCHEDULE_DELAY=10", "OTEL_BSP_MAX_QUEUE_SIZE=50",
			"OTEL_BSP_EXPORT_TIMEOUT=1000", "OTEL_EXPORTER_OTLP_TIMEOUT=200")
		for n := range 100 {
			status, _ := s.post("/v1/estimate", lineOf(n))
			require.Equal(t, 200, status, name)
		}
		require.Regexp(t, `tollgate_trace_spans_total\{result="dropped"\} [1-9]`, s.metrics(), name)
		require.Contains(t, s.metrics(), `tollgate_trace_spans_total{result="exported"} 0`, name)
		require.Eventually(t, func() bool { return strings.Contains(s.log.String(), "the collector does not take spans") }, 20*time.Second, 10*time.Millisecond, name)
		s.term()
		require.Zero(t, s.stopped(), name)
		require.Equal(t, 1, strings.Count(s.log.String(), "the collector does not take spans"), "once")
		require.NotContains(t, s.log.String(), strings.TrimPrefix(url, "http://"), "an address")
		require.Contains(t, s.log.String(), `"clean":true`, name)
	}
}

func TestALongBatchHasABoundedTrace(t *testing.T) {
	t.Parallel()
	c := collect(t)
	s := traced(t, c)
	var body strings.Builder
	for n := range 500 {
		fmt.Fprintln(&body, lineOf(n))
	}
	resp, err := http.Post(s.url+"/v1/estimate/batch", "application/x-ndjson", strings.NewReader(body.String()))
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	require.Eventually(t, func() bool { return strings.Contains(tree(c.taken(), nil, ""), "/v1/estimate/batch (server)") }, 20*time.Second, 5*time.Millisecond)
	require.LessOrEqual(t, len(c.taken()), 128)
	require.Contains(t, tree(c.taken(), nil, ""), "tollgate.batch.lines=500 tollgate.spans_omitted=")
	require.Regexp(t, `tollgate_trace_spans_total\{result="omitted"\} [1-9]`, s.metrics())
}

func TestEveryBadSettingOfTracesIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	r := run(t, "", map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":    "http://user:canary@127.0.0.1:4318",
		"OTEL_EXPORTER_OTLP_PROTOCOL":    "http/json",
		"OTEL_EXPORTER_OTLP_HEADERS":     "canary",
		"OTEL_EXPORTER_OTLP_TIMEOUT":     "10s",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd",
		"OTEL_EXPORTER_OTLP_CERTIFICATE": "/does/not/exist",
		"OTEL_EXPORTER_OTLP_CLIENT_KEY":  "/does/not/exist",
		"OTEL_RESOURCE_ATTRIBUTES":       "=canary",
		"OTEL_TRACES_SAMPLER":            "sometimes",
		"OTEL_BSP_SCHEDULE_DELAY":        "-1",
		"OTEL_BSP_EXPORT_TIMEOUT":        "soon",
		"OTEL_BSP_MAX_QUEUE_SIZE":        "1000000",
		"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "0",

		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces",
	}, "serve")
	require.Equal(t, 2, r.code)
	for _, name := range []string{
		"PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "OTLP_CERTIFICATE", "CLIENT_CERTIFICATE", "RESOURCE_ATTRIBUTES", "SAMPLER", "SCHEDULE_DELAY",
		"EXPORT_TIMEOUT", "QUEUE_SIZE", "BATCH_SIZE",
	} {
		require.Contains(t, r.stderr, name)
	}
	require.NotContains(t, r.stderr, "canary")
	for name, tt := range map[string]struct{ value, want string }{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        {"http://user:canary@127.0.0.1:4318", "without a user"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {"127.0.0.1:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be an http or https address"},
		"OTEL_EXPORTER_OTLP_PROTOCOL":        {"grpc", "gRPC is not built in"},
		"OTEL_TRACES_SAMPLER_ARG":            {"2", "must be a share from 0 to 1"},
		"OTEL_TRACES_EXPORTER":               {"zipkin", "must be otlp or none"},
	} {
		env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_SAMPLER": "traceidratio"}
		env[name] = tt.value
		r := run(t, "", env, "serve")
		require.Equal(t, 2, r.code, name)
		require.Contains(t, r.stderr, tt.want)
		require.NotContains(t, r.stderr, "canary")
	}
}

func TestTracesCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	c := collect(t)
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none", "OTEL_TRACES_SAMPLER=always_off"} {
		s := traced(t, c, off)
		s.within(hello, "01")
		s.term()
		require.Zero(t, s.stopped())
		require.Equal(t, callerTrace, s.logged(1)[0]["trace_id"])
	}
	require.Empty(t, c.taken())
}
