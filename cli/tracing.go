package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"golang.org/x/net/http/httpguts"

	"tollgate/api/metrics"
	"tollgate/cli/telemetry"
)

// flushTimeout is how long the last spans may take to be sent, once the last
// request was answered.
const flushTimeout = 3 * time.Second

// tracingReader reads the variables that the OpenTelemetry specification
// names. Those that it does not know are for other programs. Source:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// and https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
type tracingReader struct {
	reader

	lookup func(string) string
}

// tracing understands the settings of traces. It returns nil when there are to
// be none, which is the default. Its error names everything that is wrong.
func (s *settings) tracing(p *Process) (*telemetry.Options, []string, error) {
	r := &tracingReader{lookup: func(name string) string {
		v, _ := p.LookupEnv(name)
		return strings.TrimSpace(v)
	}}
	if r.yes("OTEL_SDK_DISABLED", r.lookup("OTEL_SDK_DISABLED")) ||
		r.oneOf("OTEL_TRACES_EXPORTER", r.lookup("OTEL_TRACES_EXPORTER"), "otlp", "none") == "none" {
		return nil, nil, errors.Join(r.wrong...)
	}
	endpoint := r.endpoint(s.OtelExporterOtlpEndpoint)
	if endpoint == "" {
		return nil, nil, errors.Join(r.wrong...)
	}
	r.protocol()
	attributes := r.pairs("OTEL_RESOURCE_ATTRIBUTES", r.lookup("OTEL_RESOURCE_ATTRIBUTES"))
	o := &telemetry.Options{
		Collector: telemetry.Collector{
			URL: endpoint, Headers: r.headers(), TLS: r.tls(), Proxy: http.ProxyFromEnvironment,
			Timeout: r.otlpMilliseconds("TIMEOUT"), Gzip: r.otlpOneOf("COMPRESSION", "gzip", "none") == "gzip",
		},
		Sampler:       r.sampler(),
		Service:       attributes["service.name"],
		Version:       version,
		Attributes:    attributes,
		Delay:         r.milliseconds("OTEL_BSP_SCHEDULE_DELAY"),
		ExportTimeout: r.milliseconds("OTEL_BSP_EXPORT_TIMEOUT"),
		Queue:         r.size("OTEL_BSP_MAX_QUEUE_SIZE", telemetry.DefaultQueue),
		Batch:         r.size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", telemetry.DefaultBatch),
	}
	o.Batch = min(o.Batch, o.Queue)
	if name := r.lookup("OTEL_SERVICE_NAME"); name != "" {
		o.Service = name
	}
	return o, r.odd(), errors.Join(r.wrong...)
}

// otlp returns the variable of an exporter's option: that of traces if it is
// set, else that of all signals.
func (r *tracingReader) otlp(option string) (name, value string) {
	name = "OTEL_EXPORTER_OTLP_TRACES_" + option
	if v := r.lookup(name); v != "" {
		return name, v
	}
	name = "OTEL_EXPORTER_OTLP_" + option
	return name, r.lookup(name)
}

// endpoint is the collector's address for traces. That of all signals, which
// is a setting of its own, gets the path of traces.
func (r *tracingReader) endpoint(all string) string {
	name, v := r.otlp("ENDPOINT")
	if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		v = strings.TrimSpace(all)
	}
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		r.refuse(name, "must be an http or https address such as http://127.0.0.1:4318, without a user, a password or a query")
		return ""
	}
	if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		u = u.JoinPath("v1", "traces")
	}
	return u.String()
}

// protocol refuses what is not spoken here.
func (r *tracingReader) protocol() {
	switch name, v := r.otlp("PROTOCOL"); v {
	case "", "http/protobuf":
	case "grpc":
		r.refuse(name, "must be http/protobuf: gRPC is not built in, to keep the program small. "+
			"Collectors take http/protobuf beside it, by default on port 4318")
	default:
		r.refuse(name, "must be http/protobuf")
	}
}

// headers are those of the collector. They may hold a secret.
func (r *tracingReader) headers() map[string]string {
	name, v := r.otlp("HEADERS")
	headers := r.pairs(name, v)
	for k, v := range headers {
		if !httpguts.ValidHeaderFieldName(k) || !httpguts.ValidHeaderFieldValue(v) {
			r.refuse(name, "has a header that HTTP does not allow")
			return nil
		}
	}
	return headers
}

// pairs reads key=value, separated by commas, the values percent-encoded.
func (r *tracingReader) pairs(name, v string) map[string]string {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(v, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, raw, found := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(raw))
		if key = strings.TrimSpace(key); !found || key == "" || err != nil {
			r.refuse(name, "must be key=value pairs, separated by commas, with percent-encoded values")
			return nil
		}
		pairs[key] = value
	}
	return pairs
}

// milliseconds reads a time; 0 when it is not set.
func (r *tracingReader) milliseconds(name string) time.Duration { return r.ms(name, r.lookup(name)) }

func (r *tracingReader) otlpMilliseconds(option string) time.Duration {
	return r.ms(r.otlp(option))
}

func (r *tracingReader) ms(name, v string) time.Duration {
	const most = 600_000 // ten minutes
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 || n > most {
		r.refuse(name, "must be a number of milliseconds from 1 to 600000")
	}
	return time.Duration(n) * time.Millisecond
}

func (r *tracingReader) otlpOneOf(option string, values ...string) string {
	name, v := r.otlp(option)
	return r.oneOf(name, v, values...)
}

// size reads a number of spans.
func (r *tracingReader) size(name string, fallback int) int {
	const most = 1 << 16
	n := r.number(name, r.lookup(name), int64(fallback))
	if n > most {
		r.refuse(name, "must be at most 65536")
		return fallback
	}
	return int(n)
}

// sampler says which traces are kept. By default those are that the caller
// keeps, and all that nobody has begun.
func (r *tracingReader) sampler() sdk.Sampler {
	const name = "OTEL_TRACES_SAMPLER"
	switch kind := r.lookup(name); kind {
	case "", "parentbased_always_on":
		return sdk.ParentBased(sdk.AlwaysSample())
	case "parentbased_always_off":
		return sdk.ParentBased(sdk.NeverSample())
	case "parentbased_traceidratio":
		return sdk.ParentBased(sdk.TraceIDRatioBased(r.ratio()))
	case "always_on":
		return sdk.AlwaysSample()
	case "always_off":
		return sdk.NeverSample()
	case "traceidratio":
		return sdk.TraceIDRatioBased(r.ratio())
	}
	r.refuse(name, "must be always_on, always_off or traceidratio, or one of these with parentbased_ before it")
	return nil
}

// ratio is the share of traces that are kept.
func (r *tracingReader) ratio() float64 {
	const name = "OTEL_TRACES_SAMPLER_ARG"
	v := r.lookup(name)
	if v == "" {
		return 1
	}
	share, err := strconv.ParseFloat(v, 64)
	if err != nil || !(share >= 0 && share <= 1) { // NaN is neither
		r.refuse(name, "must be a share from 0 to 1, such as 0.1")
	}
	return share
}

// tls is whom to trust of collectors, and who this process is to them; nil when
// nothing is said.
func (r *tracingReader) tls() *tls.Config {
	caName, ca := r.otlp("CERTIFICATE")
	certName, cert := r.otlp("CLIENT_CERTIFICATE")
	keyName, key := r.otlp("CLIENT_KEY")
	if ca == "" && cert == "" && key == "" {
		return nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		c.RootCAs = x509.NewCertPool()
		pem, err := os.ReadFile(ca) //nolint:gosec // the operator's own file
		if err != nil || !c.RootCAs.AppendCertsFromPEM(pem) {
			r.refuse(caName, "must be the path of a file of certificates in PEM")
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			r.refuse(certName, "and "+keyName+" must be the paths of a certificate and of its key in PEM")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

// odd says which settings have no effect.
func (r *tracingReader) odd() []string {
	v := r.lookup("OTEL_PROPAGATORS")
	if v == "" || slices.Contains(strings.Split(v, ","), "tracecontext") {
		return nil
	}
	return []string{"OTEL_PROPAGATORS does not name tracecontext, which is all that is understood of callers"}
}

// newTraces returns the traces of the service, nil when there are none.
func newTraces(c Config, log *slog.Logger) (*telemetry.Telemetry, error) {
	if c.Traces == nil {
		return nil, nil //nolint:nilnil // no traces is the default
	}
	o := *c.Traces
	o.Logger = log
	t, err := telemetry.New(o)
	if err != nil {
		return nil, usageError(err)
	}
	return t, nil
}

// endTraces sends the last spans. That it fails is told and has no other
// effect: all requests were answered.
func endTraces(t *telemetry.Telemetry, log *slog.Logger) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.Close(ctx); err != nil {
		log.Warn("the last spans were not sent", "queued", t.Stats().Queued)
	}
}

// spans is what metrics tell of the traces.
func spans(t *telemetry.Telemetry) metrics.Spans {
	return func() metrics.SpanState { return metrics.SpanState(t.Stats()) }
}
