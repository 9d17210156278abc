package cli_test

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes spans as an OpenTelemetry collector does, and keeps them.
type collector struct {
	*httptest.Server

	mu       sync.Mutex
	spans    []*tracepb.Span
	resource []*commonpb.KeyValue
	raw      []byte // all that was sent
	headers  http.Header
}

// collect starts a collector.
func collect(t testing.TB) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP takes spans.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		in, _ = gzip.NewReader(r.Body)
	}
	body, err := io.ReadAll(in)
	var data tracepb.TracesData
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &data) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers, c.raw = r.Header, append(c.raw, body...)
	for _, rs := range data.GetResourceSpans() {
		c.resource = rs.GetResource().GetAttributes()
		for _, ss := range rs.GetScopeSpans() {
			c.spans = append(c.spans, ss.GetSpans()...)
		}
	}
}

// taken returns the spans that have come.
func (c *collector) taken() []*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// sent returns all bytes that have come.
func (c *collector) sent() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.raw)
}

// tree draws the spans below a parent, in the order of their begin: a line a
// span, with what is said of it.
func tree(spans []*tracepb.Span, parent []byte, indent string) string {
	var below []*tracepb.Span
	for _, s := range spans {
		if string(s.GetParentSpanId()) == string(parent) {
			below = append(below, s)
		}
	}
	slices.SortStableFunc(below, func(a, b *tracepb.Span) int {
		return int(a.GetStartTimeUnixNano()) - int(b.GetStartTimeUnixNano())
	})
	var out strings.Builder
	for _, s := range below {
		fmt.Fprintf(&out, "%s%s%s%s\n", indent, s.GetName(), kinds[s.GetKind()], said(s.GetAttributes()))
		out.WriteString(tree(spans, s.GetSpanId(), indent+"  "))
	}
	return out.String()
}

var kinds = map[tracepb.Span_SpanKind]string{
	tracepb.Span_SPAN_KIND_SERVER: " (server)", tracepb.Span_SPAN_KIND_CLIENT: " (client)",
}

// said is attributes in one line, without those that differ from run to run.
func said(attrs []*commonpb.KeyValue) string {
	var words []string
	for _, a := range attrs {
		v := a.GetValue().GetStringValue()
		if n, ok := a.GetValue().GetValue().(*commonpb.AnyValue_IntValue); ok {
			v = fmt.Sprint(n.IntValue)
		}
		words = append(words, a.GetKey()+"="+v)
	}
	slices.Sort(words)
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ")
}

// wait waits until so many spans have come.
func (c *collector) wait(t testing.TB, n int) []*tracepb.Span {
	t.Helper()
	require.Eventually(t, func() bool { return len(c.taken()) >= n }, 20*time.Second, 5*time.Millisecond)
	return c.taken()
}

// hexOf is an id as logs have it.
func hexOf(id []byte) string { return hex.EncodeToString(id) }

func unhex(id string) []byte {
	b, _ := hex.DecodeString(id)
	return b
}
