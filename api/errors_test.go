package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/pricing"
)

func TestABodyThatIsNoChatRequestIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 80) + strings.Repeat("]", 80)
	for _, tt := range []struct {
		name    string
		body    string
		status  int
		code    string
		pointer string
	}{
		{"nothing", "", 400, "body_malformed", ""},
		{"not JSON", "model=kimi-k2.5", 400, "body_wrong_type", ""},
		{"cut off", `{"model":"kimi-k2.5","messages":[`, 400, "body_malformed", "/messages"},
		{"trailing bytes", hello + "x", 400, "body_malformed", ""},
		{"duplicate keys", `{"model":"a","model":"b","messages":[]}`, 400, "body_malformed", "/model"},
		{"invalid UTF-8", "{\"model\":\"kimi-k2.5\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}", 400, "body_malformed", "/messages/0/content"},
		{"lone surrogate", `{"model":"kimi-k2.5","messages":[{"role":"user","content":"\ud800"}]}`, 400, "body_malformed", "/messages/0/content"},
		{"too deep", `{"model":"kimi-k2.5","messages":[],"x":` + deep + `}`, 400, "body_malformed", "*"},
		{"an array", `[]`, 400, "body_wrong_type", ""},
		{"a wrong type", `{"model":5,"messages":[]}`, 400, "body_wrong_type", "/model"},
		{"no model", `{"messages":[{"role":"user","content":"x"}]}`, 422, "body_incomplete", "/model"},
		{"no messages", `{"model":"kimi-k2.5"}`, 422, "body_incomplete", "/messages"},
		{"an unknown model", `{"model":"kimi-k25","messages":[{"role":"user","content":"x"}]}`, 422, "unknown_model", "/model"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, route := range []string{"/v1/estimate", "/v1/lint"} {
				rec := call(t, service(t, realEstimator(t)), http.MethodPost, route, tt.body)
				p := problemOf(t, rec)
				require.Equal(t, tt.status, rec.Code, rec.Body.String())
				require.Equal(t, tt.code, p.Code, rec.Body.String())
				require.Equal(t, "invalid_request_error", p.Error.Type)
				require.Less(t, rec.Body.Len(), 2048)
				if tt.pointer != "" {
					require.Len(t, p.Errors, 1, rec.Body.String())
				}
				if tt.pointer != "" && tt.pointer != "*" {
					require.Equal(t, tt.pointer, p.Errors[0].Pointer)
				}
			}
		})
	}
}

func TestAnUnknownModelIsAnsweredWithTheNearestIDs(t *testing.T) {
	t.Parallel()
	rec := call(t, service(t, realEstimator(t)), http.MethodPost, "/v1/estimate",
		`{"model":"kimi-k25","messages":[{"role":"user","content":"x"}]}`)
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	require.Contains(t, problemOf(t, rec).Detail, `"kimi-k2.5"`)
	golden(t, "unknown_model", rec.Body.Bytes())
}

func TestHeadersOfTheBodyAreChecked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		edit   func(*http.Request)
		status int
		code   string
	}{
		{"JSON", header("Content-Type", "application/json"), 200, ""},
		{"JSON in UTF-8", header("Content-Type", `Application/JSON; charset="UTF-8"`), 200, ""},
		{"a kind of JSON", header("Content-Type", "application/vnd.kimi+json"), 200, ""},
		{"nothing said", func(r *http.Request) { r.Header.Del("Content-Type") }, 200, ""},
		{"identity", header("Content-Encoding", "identity"), 200, ""},
		{"a form, as curl -d says", header("Content-Type", "application/x-www-form-urlencoded"), 415, "content_type_unsupported"},
		{"text", header("Content-Type", "text/plain"), 415, "content_type_unsupported"},
		{"JSON in another charset", header("Content-Type", "application/json; charset=gbk"), 415, "content_type_unsupported"},
		{"no media type", header("Content-Type", "json"), 415, "content_type_unsupported"},
		{"broken", header("Content-Type", "application/json; charset"), 415, "content_type_unsupported"},
		{"compressed by something unknown", header("Content-Encoding", "br"), 415, "content_encoding_unsupported"},
		{"compressed twice", header("Content-Encoding", "gzip, zstd"), 415, "content_encoding_unsupported"},
		{"not compressed at all", header("Content-Encoding", "gzip"), 400, "body_compression_broken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, service(t, realEstimator(t)), http.MethodPost, "/v1/estimate", hello, tt.edit)
			require.Equal(t, tt.status, rec.Code, rec.Body.String())
			if tt.status == 200 {
				require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
				return
			}
			p := problemOf(t, rec)
			require.Equal(t, tt.code, p.Code)
			if tt.code == "content_encoding_unsupported" {
				require.Equal(t, "gzip, zstd", rec.Header().Get("Accept-Encoding"))
			} else if tt.status == 415 {
				require.Contains(t, p.Detail, "Content-Type: application/json")
			}
		})
	}
}

// brokenBody fails after its text.
type brokenBody struct {
	io.Reader
	err error
}

func (b *brokenBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

func (*brokenBody) Close() error { return nil }

func TestABodyThatCannotBeReadIsToldApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"too slow", &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 9, 8, 7)}, Err: os.ErrDeadlineExceeded}, 408, "body_timeout"},
		{"cut off", io.ErrUnexpectedEOF, 400, "body_cut_short"},
		{"bad chunks", errors.New("malformed chunked encoding"), 400, "body_cut_short"},
		{"given up", context.Canceled, 499, "client_closed_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, service(t, realEstimator(t)), http.MethodPost, "/v1/estimate", hello, func(r *http.Request) {
				r.Body = &brokenBody{Reader: strings.NewReader(hello[:20]), err: tt.err}
			})
			p := problemOf(t, rec)
			require.Equal(t, tt.status, rec.Code)
			require.Equal(t, tt.code, p.Code)
			require.NotContains(t, rec.Body.String(), "10.9.8.7")
		})
	}
}

func TestABodyOverTheLimitIs413AndEndsTheConnection(t *testing.T) {
	t.Parallel()
	small := func(o *api.Options) { o.MaxBodyBytes = int64(len(hello)) }
	h := service(t, realEstimator(t), small)
	rec := call(t, h, http.MethodPost, "/v1/estimate", hello)
	require.Equal(t, http.StatusOK, rec.Code, "the limit itself is allowed: %s", rec.Body)

	for _, tt := range []struct {
		name string
		edit func(*http.Request)
	}{
		{"announced", func(*http.Request) {}},
		{"not announced", func(r *http.Request) { r.ContentLength = -1 }},
		{"announced falsely", func(r *http.Request) { r.ContentLength = 3 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, h, http.MethodPost, "/v1/estimate", hello+" ", tt.edit)
			require.Equal(t, http.StatusRequestEntityTooLarge, rec.Code, rec.Body.String())
			require.Equal(t, "body_too_large", problemOf(t, rec).Code)
			require.Equal(t, "close", rec.Header().Get("Connection"))
		})
	}
}

func TestEveryDomainErrorIsShownByItsRow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		err        error
		status     int
		code       string
		retryAfter string
		vendor     int // status on the vendor's path
		vendorType string
	}{
		{"option", &estimator.OptionError{Option: "cached_tokens", Detail: "is more than the prompt"}, 422, "parameter_invalid", "", 400, "invalid_request_error"},
		{"unknown model", fmt.Errorf("a: %w", pricing.ErrUnknownModel), 422, "unknown_model", "", 404, "resource_not_found_error"},
		{"no price", fmt.Errorf("a: %w", pricing.ErrNoPrice), 422, "price_unknown", "", 422, "invalid_request_error"},
		{"overflow", fmt.Errorf("a: %w", pricing.ErrOverflow), 422, "amount_too_large", "", 422, "invalid_request_error"},
		{"vendor failed", &estimator.VendorError{Detail: "it sent nonsense"}, 502, "vendor_failed", "", 502, "server_error"},
		{
			"vendor refused the key",
			&estimator.VendorError{Kind: estimator.VendorRefused, Status: 401, Type: "invalid_authentication_error", Detail: "it refuses the key"},
			502, "vendor_refused", "", 502, "server_error",
		},
		{
			"vendor does not know the model",
			&estimator.VendorError{Kind: estimator.VendorRefused, Status: 404, Type: "resource_not_found_error", Detail: "no such model"},
			502, "vendor_refused", "", 404, "resource_not_found_error",
		},
		{
			"vendor overloaded",
			&estimator.VendorError{Kind: estimator.VendorOverloaded, Status: 429, Type: "engine_overloaded_error", RetryAfter: 1500 * time.Millisecond, Detail: "busy"},
			503, "vendor_overloaded", "2", 429, "engine_overloaded_error",
		},
		{"vendor overloaded, no figure", &estimator.VendorError{Kind: estimator.VendorOverloaded, Detail: "busy"}, 503, "vendor_overloaded", "1", 503, "server_unavailable"},
		{"vendor timed out", &estimator.VendorError{Kind: estimator.VendorTimedOut, Detail: "no answer"}, 504, "vendor_timeout", "", 504, "server_error"},
		{"deadline", fmt.Errorf("a: %w", context.DeadlineExceeded), 504, "timeout", "", 504, "server_error"},
		{"canceled", fmt.Errorf("a: %w", context.Canceled), 499, "client_closed_request", "", 499, "client_closed_request"},
		{"anything else", errors.New("dial 10.1.2.3:6379"), 500, "internal", "", 500, "server_error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := service(t, &fake{err: tt.err})
			for _, route := range []string{"/v1/estimate", "/v1/lint"} {
				rec := call(t, h, http.MethodPost, route, hello)
				p := problemOf(t, rec)
				require.Equal(t, tt.status, rec.Code)
				require.Equal(t, tt.code, p.Code)
				require.Equal(t, "/problems/"+tt.code, p.Type)
				require.Equal(t, tt.retryAfter, rec.Header().Get("Retry-After"))
				require.NotContains(t, rec.Body.String(), "10.1.2.3")
			}
			rec := call(t, h, http.MethodPost, "/v1/tokenizers/estimate-token-count", hello)
			require.Equal(t, tt.vendor, rec.Code)
			require.Equal(t, tt.vendorType, vendorErrorOf(t, rec).Type)
			require.Equal(t, tt.retryAfter, rec.Header().Get("Retry-After"))
			require.NotContains(t, rec.Body.String(), "10.1.2.3")
		})
	}
}

// vendorErrorOf checks that rec is an error in the vendor's shape and nothing
// else, and returns it.
func vendorErrorOf(t testing.TB, rec *httptest.ResponseRecorder) api.ErrorBody {
	t.Helper()
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	var v api.VendorProblem
	dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&v), rec.Body.String())
	require.NotEmpty(t, v.Error.Message)
	return v.Error
}

func TestRoutesAndMethodsThatAreNotThereAreProblemsToo(t *testing.T) {
	t.Parallel()
	h := service(t, realEstimator(t))
	for _, tt := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{http.MethodGet, "/nowhere", 404, "route_not_found", ""},
		{http.MethodPost, "/v1/chat/completions", 404, "route_not_found", ""},
		{http.MethodGet, "/v1/estimate", 405, "method_not_allowed", "POST"},
		{http.MethodDelete, "/v1/models", 405, "method_not_allowed", "GET, HEAD"},
		{http.MethodGet, "/metrics", 404, "route_not_found", ""},
	} {
		rec := call(t, h, tt.method, tt.path, "")
		require.Equal(t, tt.status, rec.Code, tt.path)
		require.Equal(t, tt.code, problemOf(t, rec).Code, tt.path)
		require.Equal(t, tt.allow, rec.Header().Get("Allow"), tt.path)
	}
	rec := call(t, h, http.MethodGet, "/v1/tokenizers/estimate-token-count", "")
	require.Equal(t, 405, rec.Code)
	require.Equal(t, "invalid_request_error", vendorErrorOf(t, rec).Type)
}
