package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
)

// recorder remembers the events it is told.
type recorder struct {
	mu     sync.Mutex
	begun  int
	events []api.Event
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("metrics 1\n"))
}

func (r *recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
}

func (r *recorder) Done(e api.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// logged returns options that log to the buffer as JSON, at every level.
func logged(buf *bytes.Buffer) func(*api.Options) {
	return func(o *api.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(buf, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}

// events decodes one JSON object a line.
func events(t testing.TB, buf *bytes.Buffer) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(buf.String()) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		out = append(out, e)
	}
	return out
}

func TestOneEventARequestIsLogged(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	clock := now()
	h := service(t, &fake{estimate: contractEstimate(t), during: func(context.Context) { clock = clock.Add(20 * time.Millisecond) }},
		logged(&buf), func(o *api.Options) { o.Now = func() time.Time { return clock } })
	call(t, h, http.MethodPost, "/v1/estimate?max_cost=5", hello,
		header("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
	call(t, h, http.MethodGet, "/v1/models/no-such-model", "")
	call(t, h, http.MethodGet, "/some/path?with=query", "")

	got := events(t, &buf)
	require.Len(t, got, 3)
	require.Equal(t, "request", got[0]["msg"])
	require.Equal(t, "INFO", got[0]["level"])
	require.Equal(t, "test-1", got[0]["request_id"])
	require.Equal(t, "/v1/estimate", got[0]["route"])
	require.InDelta(t, 200, got[0]["status"], 0)
	require.InDelta(t, 20, got[0]["duration_ms"], 0)
	require.InDelta(t, len(hello), got[0]["request_bytes"], 0)
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", got[0]["trace_id"])
	require.NotContains(t, got[0], "code")
	require.Equal(t, "/v1/models/*id", got[1]["route"])
	require.Equal(t, "model_not_found", got[1]["code"])
	require.Equal(t, "unmatched", got[2]["route"])
	require.NotContains(t, buf.String(), "no-such-model")
	require.NotContains(t, buf.String(), "some/path")
	require.NotContains(t, buf.String(), "max_cost")
}

func TestTheCallersRequestIDIsKeptIfItIsSane(t *testing.T) {
	t.Parallel()
	h := service(t, &fake{})
	for _, tt := range []struct {
		name, given string
		kept        bool
	}{
		{"plain", "a-B_c.9", true},
		{"64 characters", strings.Repeat("x", 64), true},
		{"65 characters", strings.Repeat("x", 65), false},
		{"empty", "", false},
		{"a line break", "a\nb", false},
		{"an escape", "a\x1b[31m", false},
		{"not UTF-8", "a\xff", false},
		{"a space", "a b", false},
		{"at sign", "a@b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, h, http.MethodGet, "/healthz", "", header("X-Request-Id", tt.given))
			got := rec.Header().Get("X-Request-Id")
			require.Equal(t, tt.kept, got == tt.given, got)
			require.Regexp(t, `^[A-Za-z0-9._-]{1,64}$`, got)
		})
	}
	ids := map[string]bool{}
	for range 100 {
		ids[call(t, h, http.MethodGet, "/healthz", "", header("X-Request-Id", "")).Header().Get("X-Request-Id")] = true
	}
	require.Len(t, ids, 100)
}

func TestOnlyAValidTraceparentIsLogged(t *testing.T) {
	t.Parallel()
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for _, tt := range []struct {
		header string
		valid  bool
	}{
		{"00-" + id + "-" + span + "-01", true},
		{"cc-" + id + "-" + span + "-01-what-the-future-brings", true},
		{"00-" + id + "-" + span + "-01-more", false},
		{"ff-" + id + "-" + span + "-01", false},
		{"00-" + strings.ToUpper(id) + "-" + span + "-01", false},
		{"00-" + strings.Repeat("0", 32) + "-" + span + "-01", false},
		{"00-" + id + "-" + strings.Repeat("0", 16) + "-01", false},
		{"00-" + id[1:] + "-" + span + "-01", false},
		{"00-" + id[1:] + "\n-" + span + "-01", false},
		{"", false},
	} {
		var buf bytes.Buffer
		call(t, service(t, &fake{}, logged(&buf)), http.MethodGet, "/healthz", "", header("Traceparent", tt.header))
		require.Equal(t, tt.valid, strings.Contains(buf.String(), `"trace_id":"`+id+`","span_id":"`+span+`"`), tt.header)
		require.Equal(t, tt.valid, strings.Contains(buf.String(), "trace_id"), tt.header)
	}
}

func TestAPanicIsAProblemAndTheNextRequestIsFine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		throw func()
		log   string
	}{
		{"a text", func() { panic("canary-thrown") }, "panic of type string"},
		{"an error", func() { panic(errors.New("canary-thrown")) }, "panic of type *errors.errorString"},
		{"a run-time error", func() {
			some := []int{len(hello)}
			_ = some[len(hello)]
		}, "index out of range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var buf bytes.Buffer
			f := &fake{estimate: contractEstimate(t), during: func(context.Context) { tt.throw() }}
			seen := &recorder{}
			h := service(t, f, logged(&buf), func(o *api.Options) { o.Metrics = seen })
			rec := call(t, h, http.MethodPost, "/v1/estimate", hello, header("Authorization", "Bearer canary-header"))
			require.Equal(t, http.StatusInternalServerError, rec.Code)
			require.Equal(t, "internal", problemOf(t, rec).Code)
			require.NotContains(t, rec.Body.String()+buf.String(), "canary")
			got := events(t, &buf)
			require.Len(t, got, 1)
			require.Equal(t, "ERROR", got[0]["level"])
			require.Contains(t, got[0]["error"], tt.log)
			require.Contains(t, got[0]["stack"], "call_test.go")
			require.True(t, seen.events[0].Panicked)

			f.during = nil
			require.Equal(t, http.StatusOK, call(t, h, http.MethodPost, "/v1/estimate", hello).Code)
		})
	}
}

func TestAnAbortedHandlerDropsTheConnection(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	h := service(t, &fake{during: func(context.Context) { panic(http.ErrAbortHandler) }},
		func(o *api.Options) { o.Metrics = seen })
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		call(t, h, http.MethodPost, "/v1/estimate", hello)
	})
	require.Len(t, seen.events, 1, "the request is still counted")
}

func TestEventsTellWhatHappened(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	est := contractEstimate(t)
	h := service(t, &fake{estimate: est, findings: est.Findings}, func(o *api.Options) { o.Metrics = seen })
	call(t, h, http.MethodPost, "/v1/estimate", hello)
	call(t, h, http.MethodPost, "/v1/lint", hello)
	call(t, h, "BREW", "/v1/lint", "")
	require.Equal(t, 3, seen.begun)
	require.Len(t, seen.events, 3)
	require.Equal(t, est, seen.events[0].Estimate)
	require.Equal(t, est.Findings, seen.events[0].Findings)
	require.Nil(t, seen.events[1].Estimate)
	require.Equal(t, est.Findings, seen.events[1].Findings)
	require.Equal(t, api.Event{Route: "unmatched", Method: "other", Status: 405}, seen.events[2])
}

func TestNoSecretOrContentReachesAnAnswerOrTheLog(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	h := service(t, realEstimator(t), logged(&buf), func(o *api.Options) { o.APIKeys = api.NewKeyring("canary-service-key") })
	var answers bytes.Buffer
	for _, body := range []string{
		`{"model":"kimi-k2.5","messages":[{"role":"user","content":"canary-prompt"}]}`,
		`{"model":"kimi-k2.5","messages":[{"role":"user","content":"canary-prompt"}],"tools":[{"type":"function","function":{"name":"canary tool"}}],"stop":["canary-stop"],"temperature":0.3}`,
		`{"model":"kimi-k2.5","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://canary.example/x.png"}}]}]}`,
		`{"model":"canary-model","messages":[{"role":"user","content":"canary-prompt"}]}`,
		`{"model":"kimi-k2.5","messages":[{"role":"user","content":"canary-prompt`,
		`{"model":"kimi-k2.5","messages":"canary-prompt"}`,
		`{"model":"kimi-k2.5","messages":[{"role":"canary-role","content":7}]} canary-tail`,
		`canary-prompt`,
	} {
		for _, path := range []string{"/v1/estimate", "/v1/estimate?max_cost=canary-value", "/v1/lint", "/v1/tokenizers/estimate-token-count?key=canary-value", "/canary-path"} {
			for _, key := range []string{"canary-service-key", "canary-wrong-key"} {
				rec := call(t, h, http.MethodPost, path, body, header("Authorization", "Bearer "+key), header("X-Api-Key", "canary-header"))
				answers.Write(rec.Body.Bytes())
			}
		}
	}
	require.NotContains(t, buf.String(), "canary")
	require.NotContains(t, answers.String(), "canary")
	require.Len(t, events(t, &buf), 8*5*2)
}

func TestACauseNeverShows(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	h := service(t, &fake{err: errors.Join(errors.New("canary-cause at 10.0.0.1"), errors.New("x"))}, logged(&buf))
	rec := call(t, h, http.MethodPost, "/v1/estimate", hello)
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.NotContains(t, rec.Body.String()+buf.String(), "canary")
	require.Contains(t, buf.String(), "*errors.joinError")
	golden(t, "internal", rec.Body.Bytes())
}

func TestWhileDrainingConnectionsAreClosedAndAnswersStillGiven(t *testing.T) {
	t.Parallel()
	draining := false
	h := service(t, &fake{estimate: contractEstimate(t)}, func(o *api.Options) { o.Draining = func() bool { return draining } })
	require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, "/readyz", "").Code)
	require.Empty(t, call(t, h, http.MethodGet, "/healthz", "").Header().Get("Connection"))

	draining = true
	rec := call(t, h, http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Equal(t, "draining", problemOf(t, rec).Code)
	require.Equal(t, "1", rec.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, call(t, h, http.MethodGet, "/healthz", "").Code)
	rec = call(t, h, http.MethodPost, "/v1/estimate", hello)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "close", rec.Header().Get("Connection"))
}

func TestABodyThatDoesNotArriveIs408OverARealConnection(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(service(t, realEstimator(t)))
	srv.Config.ReadTimeout = 200 * time.Millisecond
	srv.Start()
	defer srv.Close()
	body, stop := slowBody()
	defer stop()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v1/estimate", body)
	require.NoError(t, err)
	req.ContentLength = int64(len(hello))
	req.Header.Set("Content-Type", "application/json")
	res, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, res.StatusCode)
	require.True(t, res.Close)
}

// Who sent a key is told where it stands. The log is for others to read.
func TestKeysOfFreeFormJSONAreNotLogged(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	rec := call(t, service(t, realEstimator(t), logged(&buf)), http.MethodPost, "/v1/estimate",
		`{"model":"kimi-k2.6","messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":{"canary":1,"canary":2}}}]}]}`)
	require.Equal(t, http.StatusBadRequest, rec.Code)
	require.Equal(t, "/messages/0/tool_calls/0/function/arguments/canary", problemOf(t, rec).Errors[0].Pointer)
	require.Contains(t, buf.String(), "twice")
	require.NotContains(t, buf.String(), "canary")
}

// Who made up the name of a parameter is told it again. It may be anything.
func TestMadeUpParametersAreNotLogged(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	rec := call(t, service(t, realEstimator(t), logged(&buf)), http.MethodPost, "/v1/estimate?canary=1&max_cost=cheap", hello)
	require.Equal(t, http.StatusBadRequest, rec.Code)
	require.Equal(t, "canary", problemOf(t, rec).Errors[0].Parameter)
	require.Contains(t, buf.String(), "parameter_invalid")
	require.NotContains(t, buf.String(), "canary")
}
