package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"tollgate/api"
	"tollgate/cli/telemetry"
	"tollgate/estimator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector answers as its test says, and counts.
type collector struct {
	*httptest.Server

	mu    sync.Mutex
	spans []*tracepb.Span
	calls int
}

// collect starts a collector. Answer is asked before each answer, with the
// number of the call from 1.
func collect(t *testing.T, answer func(w http.ResponseWriter, call int)) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var data tracepb.TracesData
		_ = proto.Unmarshal(body, &data)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls++
		for _, rs := range data.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				c.spans = append(c.spans, ss.GetSpans()...)
			}
		}
		answer(w, c.calls)
	}))
	t.Cleanup(c.Close)
	return c
}

// start returns traces that a collector gets at once, all of them.
func start(t *testing.T, url string, log *slog.Logger) *telemetry.Telemetry {
	t.Helper()
	tel, err := telemetry.New(telemetry.Options{
		Collector: telemetry.Collector{URL: url + "/v1/traces"}, Sampler: sdk.AlwaysSample(),
		Delay: time.Millisecond, Logger: log,
	})
	require.NoError(t, err)
	return tel
}

// end ends the traces within a time.
func end(t *testing.T, tel *telemetry.Telemetry, within time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return tel.Close(ctx)
}

// request makes the spans of a request: its own and one below.
func request(t *testing.T, tel *telemetry.Telemetry) {
	t.Helper()
	ctx, root := tel.Begin(t.Context(), http.MethodPost, "/v1/estimate", api.TraceParent{})
	_, span := estimator.BeginSpan(ctx, estimator.SpanScan)
	span.Number(estimator.SpanBytes, 7)
	span.Word("made-up", "canary")
	span.End("")
	root.End(&api.Event{Status: 503, Shed: &api.Shed{Lane: "small", Reason: "memory"}}, "overloaded")
}

func TestSpansAreSentAgainWhenTheCollectorIsBusy(t *testing.T) {
	t.Parallel()
	c := collect(t, func(w http.ResponseWriter, call int) {
		if call == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	tel := start(t, c.URL, nil)
	request(t, tel)
	require.Eventually(t, func() bool { return tel.Stats().Exported == 2 }, 30*time.Second, time.Millisecond)
	require.NoError(t, end(t, tel, 20*time.Second))
	require.Contains(t, []int{2, 3}, c.calls) // on a slow machine the spans go one by one
	require.Equal(t, telemetry.Stats{Exported: 2}, tel.Stats())
}

func TestSpansThatAreRefusedAreNotSentAgain(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := collect(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusUnauthorized) })
	tel := start(t, c.URL, slog.New(slog.NewJSONHandler(&log, nil)))
	request(t, tel)
	require.NoError(t, end(t, tel, 20*time.Second))
	require.Equal(t, telemetry.Stats{Failed: 2}, tel.Stats())
	require.Contains(t, log.String(), `"reason":"status 401"`)
	require.NotContains(t, log.String(), "127.0.0.1")
}

func TestSpansThatTheCollectorRejectsAreCounted(t *testing.T) {
	t.Parallel()
	// partial_success {rejected_spans: 1, error_message: "no"}
	c := collect(t, func(w http.ResponseWriter, _ int) { _, _ = w.Write([]byte{0x0a, 6, 0x08, 1, 0x12, 2, 'n', 'o'}) })
	tel := start(t, c.URL, nil)
	request(t, tel)
	require.NoError(t, end(t, tel, 20*time.Second))
	stats := tel.Stats()
	require.Equal(t, int64(2), stats.Exported+stats.Failed)
	require.Positive(t, stats.Failed)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var other atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	t.Cleanup(elsewhere.Close)
	c := collect(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	tel := start(t, c.URL, nil)
	request(t, tel)
	require.NoError(t, end(t, tel, 20*time.Second))
	require.Zero(t, other.Load())
	require.Equal(t, int64(2), tel.Stats().Failed)
}

func TestWhatCanNotBeSentInTimeIsGivenUp(t *testing.T) {
	t.Parallel()
	c := collect(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusServiceUnavailable) })
	tel := start(t, c.URL, nil)
	request(t, tel)
	require.Error(t, end(t, tel, 50*time.Millisecond))
}

func TestOnlyWhatHasANameIsSaid(t *testing.T) {
	t.Parallel()
	c := collect(t, func(http.ResponseWriter, int) {})
	tel := start(t, c.URL, nil)
	request(t, tel)
	require.NoError(t, end(t, tel, 20*time.Second))
	require.Len(t, c.spans, 2)
	for _, s := range c.spans {
		require.NotContains(t, s.String(), "canary")
		if s.GetKind() == tracepb.Span_SPAN_KIND_SERVER {
			require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, s.GetStatus().GetCode(), "503")
			require.Contains(t, s.String(), "tollgate.shed")
		}
	}
}

func TestThePageHasEverySpanAndAttribute(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, name := range []estimator.SpanName{
		estimator.SpanReceive, estimator.SpanAdmit, estimator.SpanScan, estimator.SpanLookup, estimator.SpanFlight,
		estimator.SpanLocal, estimator.SpanVendor, estimator.SpanLearn, estimator.SpanHold,
	} {
		require.Contains(t, string(page), "| `"+string(name)+"` |")
	}
	for _, attribute := range telemetry.Attributes {
		require.Contains(t, string(page), "`"+string(attribute)+"`")
	}
	require.Contains(t, string(page), strconv.Itoa(telemetry.MaxSpans))
}

func TestACollectorNeedsAnAddress(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "localhost:4318", "ftp://localhost", "http://"} {
		_, err := telemetry.New(telemetry.Options{Collector: telemetry.Collector{URL: url}, Sampler: sdk.AlwaysSample()})
		require.ErrorContains(t, err, "http or https URL", url)
	}
}

func TestALineSaysInWhichSpanItWasWritten(t *testing.T) {
	t.Parallel()
	c := collect(t, func(http.ResponseWriter, int) {})
	tel := start(t, c.URL, nil)
	var buf bytes.Buffer
	log := slog.New(telemetry.Joined(slog.NewJSONHandler(&buf, nil))).With("part", "test")
	ctx, root := tel.Begin(t.Context(), http.MethodPost, "/v1/estimate", api.TraceParent{Trace: [16]byte{1}, Span: [8]byte{2}, Sampled: true})
	trace, span, kept := root.IDs()
	require.True(t, kept)
	require.Equal(t, "01000000000000000000000000000000", trace)
	log.InfoContext(ctx, "inside")
	require.Contains(t, buf.String(), `"part":"test","trace_id":"`+trace+`","span_id":"`+span+`"`)
	buf.Reset()
	log.InfoContext(t.Context(), "outside")
	require.NotContains(t, buf.String(), "trace_id")
	root.End(&api.Event{Status: 200}, "")
	require.NoError(t, end(t, tel, 20*time.Second))
}

func FuzzAnAnswerIsUnderstoodOrIgnored(f *testing.F) {
	for _, answer := range [][]byte{nil, {0x0a, 2, 0x08, 1}, {0x0a, 0xff}, {0x08, 1}, {0x12, 2, 'n', 'o', 0x0a, 2, 0x08, 5}} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		n := telemetry.Rejected(answer)
		require.GreaterOrEqual(t, n, int64(0))
		require.LessOrEqual(t, n, int64(1<<32))
	})
}
