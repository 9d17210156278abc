package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// The marks of what must not be told. Each is in a prompt, a key or a message
// of the vendor.
const (
	canaryPrompt = "canary-prompt"
	canaryCaller = "canary-caller-key"
	canaryVendor = "sk-canary-vendor-key"
)

// secrets is everything that must be in no log, no answer and no metric.
func secrets() []string {
	return []string{"canary", fakevendor.Account, fakevendor.AccessKey, "10.1.2.3"}
}

// watched is a service whose every answer is kept.
type watched struct {
	*running

	collector *collector // takes traces of everything; nil: there are none
	spans     bytes.Buffer

	logs     bytes.Buffer
	answers  bytes.Buffer
	requests int
	statuses map[int]int
}

// watch starts a service beside a vendor.
func watch(t testing.TB, vendor fakevendor.Options) *watched {
	t.Helper()
	vendor.Keys = []string{canaryVendor}
	c := collect(t)
	return &watched{statuses: map[int]int{}, collector: c, running: start(t,
		"OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=20", "OTEL_EXPORTER_OTLP_HEADERS=authorization="+canaryCaller,
		"OTEL_BSP_MAX_QUEUE_SIZE=65536",
		"MOONSHOT_API_KEY="+canaryVendor, "MOONSHOT_BASE_URL="+fakevendor.Start(t, vendor).URL,
		"TOLLGATE_API_KEYS="+canaryCaller, "TOLLGATE_LOG_LEVEL=debug", "TOLLGATE_MAX_BODY_BYTES=300000")}
}

// stop stops the service and keeps its log.
func (w *watched) stop() {
	w.term()
	require.Equal(w.t, 0, w.stopped())
	w.logs.WriteString(w.log.String())
	if w.collector != nil {
		w.spans.Write(w.collector.sent())
	}
}

// send sends a request under a key and keeps what is answered.
func (w *watched) send(method, path, contentType, key, body string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Api-Key", canaryCaller)
	req.Header.Set("Cookie", "session=canary-cookie")
	req.Header.Set("User-Agent", "canary-agent")
	req.Header.Set("Referer", "http://example.com/canary")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // a redirect is an answer, too
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	w.requests++
	w.statuses[resp.StatusCode]++
	_ = resp.Header.Write(&w.answers)
	w.answers.Write(answer)
}

// everyBody is bodies for every way in which a body is right or wrong, with
// marked text in all of them.
func everyBody() []string {
	text := func(content string) string {
		return `{"model":"kimi-k2.6","messages":[{"role":"user","content":` + content + `}]}`
	}
	long := strings.Repeat(canaryPrompt+" ", 20_000)
	return []string{
		text(`"` + canaryPrompt + `"`),
		text(`"` + long + `"`),
		text(`[{"type":"text","text":"` + canaryPrompt + `"},{"type":"image_url","image_url":{"url":"https://canary.example/a.png"}}]`),
		text(`[{"type":"image_url","image_url":{"url":"data:image/png;base64,Y2FuYXJ5LXByb21wdA=="}}]`),
		text(`[{"type":"image_url","image_url":{"url":"ms://canary-file"}}]`),
		text(`7`),
		text(`"` + canaryPrompt + "\xff" + `"`),
		text(`"\ud800` + canaryPrompt + `"`),
		text(`"` + canaryPrompt),
		text(`"` + canaryPrompt + `"`)[1:],
		text(`"`+canaryPrompt+`"`) + canaryPrompt,
		`{"model":"canary-model","messages":[{"role":"user","content":"` + canaryPrompt + `"}]}`,
		`{"messages":[{"role":"user","content":"` + canaryPrompt + `"}]}`,
		`{"model":"kimi-k2.6","messages":"` + canaryPrompt + `"}`,
		`{"model":"kimi-k2.6","messages":[{"role":"` + canaryPrompt + `","content":"x"}],"temperature":"` + canaryPrompt + `"}`,
		`{"model":"kimi-k2.6","messages":[{"role":"system","content":"` + canaryPrompt + `"},{"role":"assistant","content":null,"tool_calls":[{"id":"canary-id","type":"function","function":{"name":"canary name","arguments":"{\"q\":\"` + canaryPrompt + `\"}"}}]},{"role":"tool","tool_call_id":"canary-id","content":"` + canaryPrompt + `"}],` +
			`"tools":[{"type":"function","function":{"name":"canary name!","description":"` + canaryPrompt + `","parameters":{"type":"object","properties":{"q":{"enum":["` + canaryPrompt + `"]}}}}}],"stop":["canary-stop-that-is-longer-than-it-may-be-by-far"],"temperature":0.3,"top_p":0.1,"user":"canary-user","tool_choice":"canary"}`,
		strings.Repeat("[", 100) + `"` + canaryPrompt + `"`,
		canaryPrompt, `"` + canaryPrompt + `"`, "", "\xef\xbb\xbf" + text(`"`+canaryPrompt+`"`),
	}
}

// suite sends every body to every route in every way.
func (w *watched) suite() {
	estimates := []string{
		"", "?method=vendor", "?method=approximation&breakdown=messages", "?method=tokenizer", "?enforce=true&max_cost=0.0000001", "?max_prompt_tokens=1&min_headroom=262144",
		"?max_cost=canary", "?canary-1=1", "?currency=canary&method=canary&at=canary&basis=canary", "?cached_tokens=5&cached_share=0.5", "?at=1999-01-01",
	}
	for _, body := range everyBody() {
		for _, query := range estimates {
			w.send(http.MethodPost, "/v1/estimate"+query, "application/json", canaryCaller, body)
		}
		for _, path := range []string{
			"/v1/lint", "/v1/tokenizers/estimate-token-count", "/v1/tokenizers/estimate-token-count?key=canary",
			"/v1/messages/count_tokens", "/v1/responses/input_tokens?key=canary", "/v1/estimate/compare?models=kimi-k2.6,kimi-k3", "/v1/estimate/compare?models=kimi-k2.6&enforce=true&max_cost=0.0000001", "/v1/estimate/compare?models=canary%20model",
		} {
			w.send(http.MethodPost, path, "application/json", canaryCaller, body)
		}
		for _, contentType := range []string{"text/canary", "application/json; charset=canary", "canary"} {
			w.send(http.MethodPost, "/v1/estimate", contentType, canaryCaller, body)
		}
		for _, key := range []string{"", canaryCaller + "-wrong", canaryVendor} {
			w.send(http.MethodPost, "/v1/estimate", "application/json", key, body)
		}
		line := strings.ReplaceAll(body, "\n", " ")
		file := line + "\n" + `{"custom_id":"mine-1","method":"POST","url":"/v1/chat/completions","body":` + line + "}\n" +
			`{"custom_id":"mine-2","url":"/canary","canary":"` + canaryPrompt + `"}` + "\n" + `{"custom_id":["canary"]}` + "\n"
		for _, query := range []string{"", "?enforce=true&max_cost=0.0000001", "?canary-1=1", "?method=vendor"} {
			w.send(http.MethodPost, "/v1/estimate/batch"+query, "application/x-ndjson", canaryCaller, file)
		}
	}
	for _, path := range []string{
		"/", "/healthz", "/readyz", "/openapi.json", "/openapi.yaml", "/swagger/index.html?url=canary", "/swagger/canary.js", "/swagger/..%2fcanary",
		"/v1/models", "/v1/models/kimi-k2.6", "/v1/models/canary", "/v1/prices", "/v1/prices?canary-1=1", "/v1/canary", "/canary?canary=canary", "/metrics?canary-1=1",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodTrace, "CANARY"} {
			w.send(method, path, "application/json", canaryCaller, "")
		}
	}
}

func TestNothingSecretIsInAnyLogAnswerOrMetric(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it sends thousands of requests")
	}
	w := watch(t, fakevendor.Options{})
	w.suite()
	w.send(http.MethodPost, "/v1/estimate", "application/json", canaryCaller, strings.Repeat(canaryPrompt, 30_000)) // 413
	faulty := w.faults()
	w.breakOff()
	w.send(http.MethodGet, "/metrics", "", "", "")
	w.stop()
	for _, secret := range secrets() {
		require.Empty(t, linesWith(w.logs.String(), secret), "log")
		require.Empty(t, linesWith(w.answers.String(), secret), "answers")
		require.NotContains(t, w.spans.String(), secret, "spans")
	}
	require.Contains(t, w.spans.String(), "vendor count", "there were spans to look at")
	lines := strings.Count(w.logs.String(), "\n")
	require.GreaterOrEqual(t, lines, w.requests, "every request is logged, so that there was something to look at")
	for _, status := range []int{200, 302, 400, 401, 402, 403, 404, 405, 413, 415, 422, 502, 503} {
		require.Positive(t, w.statuses[status], "no answer had status %d: %v", status, w.statuses)
	}
	t.Logf("scorecard | 25 | %d requests with marked prompt text, caller keys, vendor key, headers, account ids and internal addresses in the vendor's errors: "+
		"every route, success and every error, batch, Swagger, %d faults of the vendor, broken connections, at log level debug; panics in TestAPanicIsA500AndDisturbsNobody | "+
		"no mark in any log line, answer, header or metric | 0 marks in %d log lines and %d bytes of answers; statuses %v",
		w.requests, faulty, lines, w.answers.Len(), w.statuses)
}

// faults has the vendor fail in every way, each beside a service of its own,
// whose breaker would soon keep the others away. It returns how many ways.
func (w *watched) faults() int {
	// What these say is nothing, and they take their time.
	silent := []fakevendor.Fault{fakevendor.FaultHang, fakevendor.FaultHangBody, fakevendor.FaultDribble, fakevendor.FaultBomb, fakevendor.FaultEndless}
	faults := slices.DeleteFunc(fakevendor.Faults(), func(f fakevendor.Fault) bool { return slices.Contains(silent, f) })
	var group sync.WaitGroup
	var mu sync.Mutex
	room := make(chan struct{}, 8)
	for _, fault := range faults {
		group.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			one := watch(w.t, fakevendor.Options{Fault: fault, RedirectTo: "http://127.0.0.1:1/canary"})
			body := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%s %s"}]}`, canaryPrompt, fault)
			for _, path := range []string{"/v1/estimate?method=vendor", "/v1/estimate", "/v1/tokenizers/estimate-token-count"} {
				one.send(http.MethodPost, path, "application/json", canaryCaller, body)
			}
			one.send(http.MethodGet, "/metrics", "", "", "")
			one.stop()
			mu.Lock()
			defer mu.Unlock()
			w.add(one)
		})
	}
	group.Wait()
	return len(faults)
}

// add adds what another service said.
func (w *watched) add(other *watched) {
	w.logs.Write(other.logs.Bytes())
	w.answers.Write(other.answers.Bytes())
	w.spans.Write(other.spans.Bytes())
	w.requests += other.requests
	for status, n := range other.statuses {
		w.statuses[status] += n
	}
}

// linesWith returns the lines of a text that hold a secret.
func linesWith(text, secret string) (found []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, secret) {
			found = append(found, line)
		}
	}
	return found
}

// breakOff leaves in the middle of a request and of an answer.
func (w *watched) breakOff() {
	for _, head := range []string{
		"POST /v1/estimate HTTP/1.1\r\nContent-Length: 100000\r\n", "POST /v1/estimate/batch HTTP/1.1\r\nContent-Length: 100000\r\n",
		"POST /v1/estimate HTTP/1.1\r\nContent-Length: canary\r\n", "CANARY\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		require.NoError(w.t, err)
		_, _ = io.WriteString(conn, head+"Host: canary\r\nContent-Type: application/json\r\nAuthorization: Bearer "+canaryCaller+"\r\n\r\n"+everyBody()[0]+"\n")
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// Whatever a request holds, the log is one JSON object a line.
func TestNoRequestCanForgeALogLine(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		s := start(t, "TOLLGATE_LOG_LEVEL=debug", "TOLLGATE_LOG_FORMAT="+format)
		evil := []string{"a\x1b[31mred", "\xff\xfe", "{\"msg\":\"forged\"}", "a\tb", strings.Repeat("x", 8000), "a\u2028b", "forged\x00"}
		sent := 0
		for _, v := range evil {
			for _, head := range []string{
				"GET /healthz HTTP/1.1\r\nX-Request-Id: %s\r\n", "GET /healthz HTTP/1.1\r\nTraceparent: %s\r\n", "GET /healthz HTTP/1.1\r\nUser-Agent: %s\r\n",
				"GET /healthz?%s HTTP/1.1\r\n", "GET /%s HTTP/1.1\r\n", "%s /healthz HTTP/1.1\r\n", "GET /v1/models/%s HTTP/1.1\r\n",
			} {
				answer := raw(t, s, fmt.Sprintf(head, v)+"Host: x\r\nConnection: close\r\n\r\n")
				require.NotContains(t, answer, "\x1b")
				require.NotContains(t, answer, "forged")
				sent++
			}
			for _, path := range []string{"/%0d%0aforged", "/v1/models/%0aforged%1b%5b31m", "/healthz?a=%0d%0aforged"} {
				_ = raw(t, s, "GET "+path+" HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\r\nConnection: close\r\n\r\n")
				sent++
			}
		}
		answer := raw(t, s, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: "+strings.Repeat("x", 1<<20)+"\r\n\r\n")
		if answer != "" { // on a slow day the connection is gone before the answer is read
			require.Contains(t, answer, "431")
		}
		s.term()
		require.Equal(t, 0, s.stopped())
		log := s.log.String()
		for _, bad := range []string{"\x1b", "\r", "\x00", "forged", "xxxxx", "\u2028"} {
			require.NotContains(t, log, bad, format)
		}
		events := 0
		for line := range strings.Lines(log) {
			if format == "json" {
				require.True(t, json.Valid([]byte(line)), line)
			}
			if strings.Contains(line, "request_id") {
				events++
			}
		}
		require.Positive(t, events)
		t.Logf("scorecard | 26 | %d requests with ESC, NUL, CR LF, not UTF-8, 8 KB in path, query, method, request id, traceparent and user agent, and a request id of 1 MB; log format %s | "+
			"one event a request that was read, nothing of it raw, id replaced, 431 | %d events, each line valid, nothing forged", sent, format, events)
	}
}
