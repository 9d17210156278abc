package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the golden files")

// now is the moment all tests happen at.
func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// hello is a small valid request.
const hello = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`

// fake answers with what it holds, and remembers what it was asked.
type fake struct {
	estimate *estimator.Estimate
	findings []lint.Finding
	tokens   int64
	err      error
	during   func(context.Context) // called while an answer is made

	query estimator.Query
	at    time.Time
	req   *chat.Request
}

func (f *fake) answer(ctx context.Context, req *chat.Request) {
	f.req = req
	if f.during != nil {
		f.during(ctx)
	}
}

func (f *fake) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	f.answer(ctx, req)
	f.query = q
	return f.estimate, f.err
}

func (f *fake) Lint(req *chat.Request, at time.Time) ([]lint.Finding, error) {
	f.answer(context.Background(), req)
	f.at = at
	return f.findings, f.err
}

func (f *fake) CountTokens(ctx context.Context, req *chat.Request) (int64, error) {
	f.answer(ctx, req)
	return f.tokens, f.err
}

// embedded is shared, as it never changes.
var embedded = sync.OnceValues(pricing.Embedded)

// book is the embedded price table.
func book(t testing.TB) *pricing.Book {
	t.Helper()
	b, err := embedded()
	require.NoError(t, err)
	return b
}

// service is a handler with everything set, changed by edit.
func service(t testing.TB, e api.Estimator, edit ...func(*api.Options)) http.Handler {
	t.Helper()
	b := book(t)
	opts := api.Options{
		Estimator: e,
		Book:      func() *pricing.Book { return b },
		Now:       now,
		Logger:    slog.New(slog.DiscardHandler),
	}
	for _, f := range edit {
		f(&opts)
	}
	return api.New(opts)
}

// call sends one request with a JSON body, changed by edit.
func call(t testing.TB, h http.Handler, method, target, body string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, target, r)
	req.Header.Set("X-Request-Id", "test-1")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, f := range edit {
		f(req)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

// header sets one header of a request.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// problemOf checks that rec is a problem document and returns it.
func problemOf(t testing.TB, rec *httptest.ResponseRecorder) api.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"), rec.Body.String())
	var p api.Problem
	dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&p), rec.Body.String())
	require.Equal(t, rec.Code, p.Status)
	require.Equal(t, rec.Header().Get("X-Request-Id"), p.Instance)
	require.NotEmpty(t, p.Code)
	require.NotEmpty(t, p.Detail)
	require.NotEmpty(t, p.Title)
	require.Equal(t, p.Detail, p.Error.Message)
	require.NotNil(t, p.Errors)
	return p
}

// golden compares body with testdata/<name>.json, both indented.
func golden(t testing.TB, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	require.NoError(t, json.Indent(&got, body, "", "  "), string(body))
	path := filepath.Join("testdata", name+".json")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update")
	require.Equal(t, string(want), got.String())
}

// slowBody is a body whose second half comes when stop is called.
func slowBody() (body io.Reader, stop func()) {
	r, w := io.Pipe()
	go func() { _, _ = w.Write([]byte(hello[:10])) }()
	return r, func() { _ = w.Close() }
}

// decode reads the JSON that rec holds into v, which must know all of it.
func decode(t testing.TB, rec *httptest.ResponseRecorder, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(v), rec.Body.String())
}
