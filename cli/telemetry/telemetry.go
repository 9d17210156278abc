// Package telemetry keeps traces of requests and sends them to an OpenTelemetry
// collector, by OTLP over HTTP with protobuf.
//
// It is the only package that knows OpenTelemetry: what is watched, and what is
// said of it, is decided where the work is done, in the words of
// estimator.SpanName and estimator.SpanKey; here they get the names of the
// semantic conventions. It reads no environment, and changes nothing that is
// global to the process.
//
// Of what is not in those words nothing is sent: no prompt, no key, no path, no
// address, no text of an error. The vendor is not told of a trace.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The defaults of [Options], which are those of the OpenTelemetry
// specification. Source:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
const (
	DefaultTimeout       = 10 * time.Second
	DefaultDelay         = 5 * time.Second
	DefaultExportTimeout = 30 * time.Second
	DefaultQueue         = 2048
	DefaultBatch         = 512
	DefaultService       = "tollgate"
)

// maxSpans is how many spans a trace gets of one request. A batch without end
// would have any number.
const maxSpans = 128

// maxText bounds what an attribute may hold, in bytes. Nothing that is said is
// near it.
const maxText = 128

// Options is what the traces need. Collector and Sampler must be set.
type Options struct {
	Collector Collector
	Sampler   sdk.Sampler

	Service    string            // the resource's service.name; empty means DefaultService
	Version    string            // its service.version
	Attributes map[string]string // more of the resource

	Queue         int           // spans that may wait to be sent; beyond it they are dropped. 0 means DefaultQueue
	Batch         int           // spans sent at once, at most; 0 means DefaultBatch
	Delay         time.Duration // until what there is gets sent; 0 means DefaultDelay
	ExportTimeout time.Duration // of one batch with all tries; 0 means DefaultExportTimeout

	Logger *slog.Logger // hears whether the collector answers; nil logs nothing
}

// Telemetry keeps traces. Make it with [New] and end it with [Telemetry.Close].
// It is an api.Tracer, and safe for concurrent use.
type Telemetry struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	outbox   *outbox
	client   *client
	omitted  atomic.Int64
}

// New returns traces that are sent from now on. It calls nobody: a collector
// that is not there costs spans, which are counted, and nothing else.
func New(o Options) (*Telemetry, error) {
	o = o.withDefaults()
	client, err := newClient(o.Collector)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(context.Background(), client)
	if err != nil {
		return nil, fmt.Errorf("set up the export of traces: %w", err)
	}
	out := &outbox{exporter: exporter, limit: int64(o.Queue), logger: o.Logger}
	out.processor = sdk.NewBatchSpanProcessor(out,
		sdk.WithMaxQueueSize(o.Queue), sdk.WithMaxExportBatchSize(o.Batch),
		sdk.WithBatchTimeout(o.Delay), sdk.WithExportTimeout(o.ExportTimeout))
	provider := sdk.NewTracerProvider(sdk.WithSampler(o.Sampler), sdk.WithResource(o.resource()),
		sdk.WithSpanProcessor(queued{out}), sdk.WithRawSpanLimits(limits()))
	return &Telemetry{
		provider: provider, tracer: provider.Tracer("tollgate"), outbox: out, client: client,
	}, nil
}

func (o Options) withDefaults() Options {
	orDefault(&o.Service, DefaultService)
	orDefault(&o.Queue, DefaultQueue)
	orDefault(&o.Batch, min(DefaultBatch, o.Queue))
	orDefault(&o.Delay, DefaultDelay)
	orDefault(&o.ExportTimeout, DefaultExportTimeout)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// orDefault sets v to d if v is the zero value.
func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// resource is what the spans come from. It names no host: whoever needs that
// has it said by Attributes.
func (o Options) resource() *resource.Resource {
	attrs := []attribute.KeyValue{
		attribute.String("telemetry.sdk.name", "opentelemetry"),
		attribute.String("telemetry.sdk.language", "go"),
	}
	for k, v := range o.Attributes {
		attrs = append(attrs, attribute.String(k, v))
	}
	// The last of a name counts.
	return resource.NewSchemaless(append(attrs,
		attribute.String("service.name", o.Service), attribute.String("service.version", o.Version))...)
}

func limits() sdk.SpanLimits {
	return sdk.SpanLimits{
		AttributeValueLengthLimit: maxText, AttributeCountLimit: 32,
		EventCountLimit: 1, LinkCountLimit: 1, AttributePerEventCountLimit: 1, AttributePerLinkCountLimit: 1,
	}
}

// Close sends what waits to be sent, until ctx ends, and ends the traces.
// Spans that end later are forgotten.
func (t *Telemetry) Close(ctx context.Context) error {
	err := t.provider.Shutdown(ctx)
	t.client.end() // what is still under way
	if lost := t.outbox.pending.Load(); lost > 0 {
		err = errors.Join(err, fmt.Errorf("%d spans could not be sent in time", lost))
	}
	if err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// Stats are sums since the traces began, except for Queued.
type Stats struct {
	Exported int64 // spans that the collector took
	Failed   int64 // spans that it did not, after all tries
	Dropped  int64 // spans that found too many waiting
	Omitted  int64 // spans of traces that had as many as they may have
	Queued   int64 // spans that wait now
}

// Stats returns the sums of now.
func (t *Telemetry) Stats() Stats {
	return Stats{
		Exported: t.outbox.exported.Load(), Failed: t.outbox.failed.Load(), Dropped: t.outbox.dropped.Load(),
		Omitted: t.omitted.Load(), Queued: t.outbox.pending.Load(),
	}
}
