package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Collector is where spans are sent to. URL must be set.
type Collector struct {
	URL     string            // of the traces, /v1/traces included
	Headers map[string]string // of every request; they may hold a secret
	Timeout time.Duration     // of one request; 0 means DefaultTimeout
	Gzip    bool
	TLS     *tls.Config // nil: the system's roots
	Proxy   func(*http.Request) (*url.URL, error)
}

// The pauses between tries, and the largest answer that is read.
const (
	firstPause = time.Second
	lastPause  = 8 * time.Second
	maxAnswer  = 64 << 10
)

// client sends spans to a collector by OTLP over HTTP. The library's own client
// would bring gRPC into the program, twice the size of all the rest of this; what it sends is
// one message in one POST.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp.
type client struct {
	to   Collector
	http *http.Client
	life context.Context //nolint:containedctx // of what is under way, ended by end
	end  context.CancelFunc
}

func newClient(to Collector) (*client, error) {
	u, err := url.Parse(to.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the collector's address must be an http or https URL")
	}
	orDefault(&to.Timeout, DefaultTimeout)
	c := &client{to: to, http: &http.Client{
		Transport: &http.Transport{
			Proxy: to.Proxy, TLSClientConfig: to.TLS, ForceAttemptHTTP2: true, MaxIdleConns: 2,
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: to.Timeout, MaxResponseHeaderBytes: maxAnswer,
		},
		// The headers may hold a secret that is for nobody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	c.life, c.end = context.WithCancel(context.Background())
	return c, nil
}

// Start implements otlptrace.Client. Nobody is called.
func (c *client) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (c *client) Stop(context.Context) error {
	c.end()
	c.http.CloseIdleConnections()
	return nil
}

// UploadTraces sends spans, again and again where that may help, until ctx
// ends. Its errors name no address.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	// The same bytes as those of an ExportTraceServiceRequest, which has one
	// field, of the same number and type.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return &sendError{reason: "unreadable"}
	}
	if c.to.Gzip {
		body = zipped(body)
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := c.send(ctx, body)
		failed, ok := errors.AsType[*sendError](err)
		if !ok || !failed.again || !sleep(ctx, max(jittered(pause), failed.after)) {
			return err
		}
	}
}

// send makes one try.
func (c *client) send(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.to.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.to.URL, bytes.NewReader(body))
	if err != nil {
		return &sendError{reason: "unreadable"}
	}
	for name, value := range c.to.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("User-Agent", "tollgate")
	if c.to.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return &sendError{reason: "timeout", again: true}
		}
		return &sendError{reason: "unreachable", again: true}
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return judge(resp, answer)
}

// judge says what an answer means.
func judge(resp *http.Response, answer []byte) error {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		if n := rejected(answer); n > 0 {
			return &rejectedError{spans: n}
		}
		return nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 if it is none
		after := time.Duration(min(max(seconds, 0), 60)) * time.Second
		return &sendError{reason: "status " + strconv.Itoa(resp.StatusCode), again: true, after: after}
	}
	return &sendError{reason: "status " + strconv.Itoa(resp.StatusCode)}
}

// rejected reads how many spans a collector says that it did not take: the
// field rejected_spans (1) of partial_success (1) of its answer.
func rejected(answer []byte) int64 {
	n, _ := protowire.ConsumeVarint(field(field(answer, protowire.BytesType), protowire.VarintType))
	return int64(min(n, 1<<32))
}

// field returns what stands in field 1 of a message, nil if it is not there.
func field(message []byte, want protowire.Type) []byte {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		size := protowire.ConsumeFieldValue(number, kind, message)
		switch {
		case size < 0:
			return nil
		case number == 1 && kind == want && kind == protowire.BytesType:
			inner, _ := protowire.ConsumeBytes(message)
			return inner
		case number == 1 && kind == want:
			return message[:size]
		}
		message = message[size:]
	}
	return nil
}

// sendError is why spans were not taken, in words of ours.
type sendError struct {
	reason string
	again  bool          // it may go well another time
	after  time.Duration // not before
}

// Error names the reason and no address.
func (e *sendError) Error() string { return "send spans: " + e.reason }

// rejectedError says that the collector did not take some of the spans.
type rejectedError struct{ spans int64 }

// Error says how many.
func (e *rejectedError) Error() string { return fmt.Sprintf("%d spans were rejected", e.spans) }

// reasonOf is why spans were not sent, for the log.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*sendError](err); ok {
		return e.reason
	}
	return "failed"
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // to memory
	_ = w.Close()
	return b.Bytes()
}

// jittered returns half of d to d, so that replicas do not all come at once.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2) } //nolint:gosec // nobody gains by guessing it

// sleep waits, and reports whether ctx lasted that long.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
