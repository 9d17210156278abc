package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Joined returns a handler that adds the ids of the trace and the span that a
// line was written in, if it was written in one.
func Joined(h slog.Handler) slog.Handler { return joined{h} }

type joined struct{ slog.Handler }

// Handle adds the ids.
func (j joined) Handle(ctx context.Context, line slog.Record) error {
	if in := trace.SpanContextFromContext(ctx); in.IsValid() {
		line.AddAttrs(slog.String("trace_id", in.TraceID().String()), slog.String("span_id", in.SpanID().String()))
	}
	return j.Handler.Handle(ctx, line)
}

// WithAttrs implements [slog.Handler].
func (j joined) WithAttrs(attrs []slog.Attr) slog.Handler { return joined{j.Handler.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (j joined) WithGroup(name string) slog.Handler { return joined{j.Handler.WithGroup(name)} }
