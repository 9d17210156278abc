package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"tollgate/api"
	"tollgate/estimator"
)

// vendorPath is the path of the vendor's counting endpoint, below its base URL.
const vendorPath = "/tokenizers/estimate-token-count"

// Begin begins the span of a request, as a part of its caller's trace if there
// is one. Whether it is kept is for the sampler to say, which may ask the
// caller's flag.
func (t *Telemetry) Begin(
	ctx context.Context, method, route string, parent api.TraceParent,
) (context.Context, api.RequestSpan) {
	if parent != (api.TraceParent{}) {
		var flags trace.TraceFlags
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: parent.Trace, SpanID: parent.Span, TraceFlags: flags.WithSampled(parent.Sampled), Remote: true,
		}))
	}
	ctx, span := t.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.String("url.scheme", "http"),
	))
	request := &requestSpan{span: span}
	if span.IsRecording() {
		request.watcher = &watcher{Telemetry: t}
		ctx = estimator.WithTracer(ctx, request.watcher)
	}
	return ctx, request
}

// requestSpan is the span of a request.
type requestSpan struct {
	span    trace.Span
	watcher *watcher // nil when it is not kept
}

// IDs implements [api.RequestSpan].
func (r *requestSpan) IDs() (traceID, spanID string, kept bool) {
	is := r.span.SpanContext()
	return is.TraceID().String(), is.SpanID().String(), r.watcher != nil
}

// End implements [api.RequestSpan].
func (r *requestSpan) End(e *api.Event, code string) {
	if r.watcher != nil {
		r.span.SetAttributes(about(e, code)...)
		if n := r.watcher.omitted.Load(); n > 0 {
			r.span.SetAttributes(attribute.Int64("tollgate.spans_omitted", n))
		}
		// As the conventions have it for servers: a caller's mistake is no error.
		if e.Status >= http.StatusInternalServerError {
			r.span.SetStatus(codes.Error, "")
		}
	}
	r.span.End()
}

// about is what is said of a request.
func about(e *api.Event, code string) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.Int("http.response.status_code", e.Status)}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, attribute.String(key, value))
		}
	}
	add("tollgate.code", code)
	if e.Status >= http.StatusInternalServerError {
		add("error.type", strconv.Itoa(e.Status))
	}
	if e.Shed != nil {
		add("tollgate.lane", e.Shed.Lane)
		add("tollgate.shed", e.Shed.Reason)
	}
	if est := e.Estimate; est != nil {
		if est.Model != nil {
			add("gen_ai.request.model", est.Model.ID)
		}
		add("tollgate.count.method", string(est.Count.Method))
		add("tollgate.cache", string(est.Cache))
		add("tollgate.verdict", string(est.Verdict.Decision))
		attrs = append(attrs, attribute.Int64("tollgate.prompt_tokens", est.Usage.PromptTokens))
	}
	if e.Batch != nil {
		attrs = append(attrs, attribute.Int("tollgate.batch.lines", e.Batch.Lines))
	}
	return attrs
}

// watcher watches the work on one request.
type watcher struct {
	*Telemetry

	begun   atomic.Int64
	omitted atomic.Int64
}

// Begin implements [estimator.Tracer].
func (w *watcher) Begin(ctx context.Context, name estimator.SpanName) (context.Context, estimator.SpanRecorder) {
	if w.begun.Add(1) >= maxSpans { // the request's own is one
		w.omitted.Add(1)
		w.Telemetry.omitted.Add(1)
		return ctx, nil
	}
	kind, attrs := trace.SpanKindInternal, []attribute.KeyValue(nil)
	called := string(name)
	switch name {
	case estimator.SpanShared:
		kind, attrs = trace.SpanKindClient, []attribute.KeyValue{attribute.String("db.system.name", "redis")}
	case estimator.SpanCall:
		called = http.MethodPost + " " + vendorPath
		kind, attrs = trace.SpanKindClient, []attribute.KeyValue{
			attribute.String("http.request.method", http.MethodPost), attribute.String("url.template", vendorPath),
		}
	default:
	}
	ctx, span := w.tracer.Start(ctx, called, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	return ctx, recorder{span}
}

// recorder takes down what becomes of a piece of work.
type recorder struct{ span trace.Span }

// keys is what the domain's keys are called in a span.
var keys = map[estimator.SpanKey]attribute.Key{
	estimator.SpanLane:      "tollgate.lane",
	estimator.SpanFor:       "tollgate.waiting_for",
	estimator.SpanBytes:     "http.request.body.size",
	estimator.SpanMethod:    "tollgate.count.method",
	estimator.SpanCache:     "tollgate.cache",
	estimator.SpanOperation: "db.operation.name",
	estimator.SpanResult:    "tollgate.shared_cache.result",
	estimator.SpanHost:      "server.address",
	estimator.SpanStatus:    "http.response.status_code",
	estimator.SpanAttempt:   "http.request.resend_count",
}

// Word implements [estimator.SpanRecorder].
func (r recorder) Word(key estimator.SpanKey, value string) {
	if key == estimator.SpanOperation {
		r.span.SetName("redis " + value)
	}
	if value != "" && keys[key] != "" {
		r.span.SetAttributes(keys[key].String(value))
	}
}

// Number implements [estimator.SpanRecorder].
func (r recorder) Number(key estimator.SpanKey, value int64) {
	if key == estimator.SpanAttempt {
		value-- // the conventions count those after the first
	}
	known := value > 0 || key == estimator.SpanBytes // no status, and no repetition, is none at all
	if known && keys[key] != "" {
		r.span.SetAttributes(keys[key].Int64(value))
	}
}

// End implements [estimator.SpanRecorder].
func (r recorder) End(failure string) {
	if failure != "" {
		r.span.SetAttributes(attribute.String("error.type", failure))
		r.span.SetStatus(codes.Error, "")
	}
	r.span.End()
}
