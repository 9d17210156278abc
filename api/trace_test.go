package api_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
)

// ledger is a tracer that keeps what it is told.
type ledger struct {
	kept   bool
	parent api.TraceParent
	names  []string
	ends   []string
}

func (l *ledger) Begin(ctx context.Context, method, route string, parent api.TraceParent) (context.Context, api.RequestSpan) {
	l.parent, l.names = parent, append(l.names, method+" "+route)
	if l.kept {
		ctx = estimator.WithTracer(ctx, work{l})
	}
	return ctx, l
}

func (l *ledger) IDs() (trace, span string, kept bool) { return "the-trace", "the-span", l.kept }

func (l *ledger) End(e *api.Event, code string) {
	l.ends = append(l.ends, http.StatusText(e.Status)+" "+code+" "+e.Trace)
}

// work is the part of a ledger for what is done under a request.
type work struct{ *ledger }

func (w work) Begin(ctx context.Context, name estimator.SpanName) (context.Context, estimator.SpanRecorder) {
	w.names = append(w.names, string(name))
	return ctx, nothing{}
}

// nothing keeps nothing of a piece of work.
type nothing struct{}

func (nothing) Word(estimator.SpanKey, string)  {}
func (nothing) Number(estimator.SpanKey, int64) {}
func (nothing) End(string)                      {}

func TestARequestIsWatchedFromItsHeadersToItsAnswer(t *testing.T) {
	t.Parallel()
	l := &ledger{kept: true}
	h := service(t, realEstimator(t), func(o *api.Options) { o.Tracer = l })
	call(t, h, http.MethodPost, "/v1/estimate", hello, header("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
	require.Equal(t, []string{"POST /v1/estimate", "receive", "admit", "scan", "cache lookup", "count flight", "local count"}, l.names)
	require.True(t, l.parent.Sampled)
	require.Equal(t, byte(0x0a), l.parent.Trace[0])
	require.Equal(t, []string{"OK  the-trace"}, l.ends)

	call(t, h, http.MethodPost, "/v1/estimate", "[]")
	call(t, h, http.MethodGet, "/healthz", "")
	call(t, h, http.MethodGet, "/no/such/canary", "")
	require.Equal(t, "GET unmatched", l.names[len(l.names)-1])
	require.Len(t, l.ends, 3, "probes leave no trace")
	require.Equal(t, "Not Found route_not_found the-trace", l.ends[2])
}

func TestARequestThatIsNotKeptIsNamedInTheLogOnly(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	l := &ledger{}
	seen := &recorder{}
	h := service(t, realEstimator(t), func(o *api.Options) { o.Tracer, o.Metrics = l, seen }, logged(&buf))
	call(t, h, http.MethodPost, "/v1/estimate", hello)
	require.Equal(t, []string{"POST /v1/estimate"}, l.names)
	require.Empty(t, seen.events[0].Trace)
	require.Contains(t, buf.String(), `"trace_id":"the-trace","span_id":"the-span"`)
}

// TestWatchingCostsAHitNothingWhileItIsOff compares with a request of a caller
// who keeps a trace, and with a tracer that does not keep it.
func TestWatchingCostsAHitNothingWhileItIsOff(t *testing.T) {
	allocations := func(edit ...func(*api.Options)) (plain, within float64) {
		h := service(t, realEstimator(t), edit...)
		req, rewind := replay(hello)
		w := &discard{header: http.Header{}}
		hit := func() {
			clear(w.header)
			rewind()
			h.ServeHTTP(w, req)
		}
		plain = testing.AllocsPerRun(500, hit)
		req.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		return plain, testing.AllocsPerRun(500, hit)
	}
	plain, within := allocations()
	require.InDelta(t, plain, within, 0.9, "the caller's ids are parts of his header")
	ctx := t.Context()
	require.Zero(t, testing.AllocsPerRun(500, func() {
		_, span := estimator.BeginSpan(ctx, estimator.SpanLookup)
		span.Word(estimator.SpanCache, "hit")
		span.Number(estimator.SpanBytes, 1)
		span.EndWith(nil)
	}))
	_, unkept := allocations(func(o *api.Options) { o.Tracer = &ledger{} })
	t.Logf("%.0f allocations; %.0f with a tracer that keeps nothing", plain, unkept)
}
