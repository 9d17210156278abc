package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// outbox is the spans that wait to be sent. The SDK's own queue drops what it
// has no room for and tells nobody, so it is never given more than it has room
// for.
type outbox struct {
	exporter  sdk.SpanExporter
	processor sdk.SpanProcessor
	limit     int64
	logger    *slog.Logger

	pending, exported, failed, dropped atomic.Int64
	silent                             atomic.Bool // the collector does not answer, and that was logged
}

// ExportSpans sends spans. It returns no error: what can be said of one is
// counted and logged here, and the SDK would write it to the standard error
// with the collector's address in it.
func (o *outbox) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	defer o.pending.Add(-int64(len(spans)))
	err := o.exporter.ExportSpans(ctx, spans)
	n := int64(len(spans))
	if partly, ok := errors.AsType[*rejectedError](err); ok {
		o.failed.Add(min(partly.spans, n))
		o.exported.Add(max(n-partly.spans, 0))
		err = nil
	} else if err != nil {
		o.failed.Add(n)
	} else {
		o.exported.Add(n)
	}
	switch {
	case err != nil && o.silent.CompareAndSwap(false, true):
		o.logger.WarnContext(ctx, "the collector does not take spans; they are dropped until it does",
			slog.String("reason", reasonOf(err)))
	case err == nil && o.silent.CompareAndSwap(true, false):
		o.logger.InfoContext(ctx, "the collector takes spans again")
	}
	return nil
}

// Shutdown ends the exporter.
func (o *outbox) Shutdown(ctx context.Context) error { return o.exporter.Shutdown(ctx) }

// queued is the outbox as the SDK sees it when a span ends.
type queued struct{ *outbox }

// OnStart implements [sdk.SpanProcessor].
func (q queued) OnStart(context.Context, sdk.ReadWriteSpan) {}

// OnEnd takes a span, or drops it when too many wait. It never waits.
func (q queued) OnEnd(s sdk.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if q.pending.Add(1) > q.limit {
		q.pending.Add(-1)
		q.dropped.Add(1)
		return
	}
	q.processor.OnEnd(s)
}

// Shutdown sends what waits.
func (q queued) Shutdown(ctx context.Context) error { return q.processor.Shutdown(ctx) }

// ForceFlush implements [sdk.SpanProcessor].
func (q queued) ForceFlush(ctx context.Context) error { return q.processor.ForceFlush(ctx) }
