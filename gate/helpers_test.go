package gate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/gate"
	"tollgate/pricing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// june is a day on which kimi-k2.5 and kimi-k2.6 live and have prices.
var june = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// repo is a repository with prompts, and what the gate needs to measure them.
type repo struct {
	t    *testing.T
	dir  string
	opts gate.Options
}

// parts is what counts and prices, made once for all tests.
var parts = sync.OnceValue(func() gate.Options {
	counter, err := local.NewApproximation()
	if err != nil {
		panic(err)
	}
	book, err := pricing.Embedded()
	if err != nil {
		panic(err)
	}
	return gate.Options{
		Estimator: estimator.New(estimator.Options{
			Prices:        func() estimator.Prices { return book },
			Cache:         countcache.New(countcache.Options{}),
			Approximation: counter,
			Currency:      pricing.CNY,
			Now:           func() time.Time { return june },
		}),
		Outline: counter,
		Source:  "in process",
		Version: func(estimator.Method) string { return counter.Version() },
		Workers: 4,
		Now:     func() time.Time { return june },
	}
})

// newRepo makes a repository of files. A file's name is its path.
func newRepo(t *testing.T, files map[string]string) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir(), opts: parts()}
	for name, content := range files {
		r.write(name, content)
	}
	return r
}

// write writes a file.
func (r *repo) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(r.t, os.WriteFile(path, []byte(content), 0o644))
}

// baseline is the baseline file.
func (r *repo) baseline() string {
	r.t.Helper()
	content, err := os.ReadFile(filepath.Join(r.dir, gate.DefaultBaseline))
	require.NoError(r.t, err)
	return string(content)
}

// run runs the gate under tollgate.yaml.
func (r *repo) run() (*gate.Report, error) {
	r.t.Helper()
	config, err := gate.LoadConfig(filepath.Join(r.dir, gate.DefaultConfig))
	if err != nil {
		return nil, err
	}
	if config.Currency == "" {
		config.Currency = pricing.CNY
	}
	opts := r.opts
	opts.Config = config
	return gate.Run(r.t.Context(), opts)
}

// report runs the gate, which must be able to.
func (r *repo) report() *gate.Report {
	r.t.Helper()
	found, err := r.run()
	require.NoError(r.t, err)
	return found
}

// update writes the baseline.
func (r *repo) update() *gate.Report {
	r.t.Helper()
	r.opts.UpdateBaseline = true
	defer func() { r.opts.UpdateBaseline = false }()
	return r.report()
}

// only is the one case of a report.
func only(t *testing.T, found *gate.Report) *gate.Case {
	t.Helper()
	require.Len(t, found.Cases, 1)
	return &found.Cases[0]
}

// oneCase is a configuration of one case, with more of its members.
func oneCase(members ...string) string {
	return "version: 1\ncases:\n  - id: a\n    request: a.json\n" +
		strings.Join(append([]string{""}, members...), "    ")
}

// chatOf is a request with messages: a role and a content in turn.
func chatOf(t *testing.T, messages ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("{\n  \"model\": \"kimi-k2.6\",\n  \"messages\": [")
	for i := 0; i < len(messages); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    {\"role\": %q, \"content\": %q}", messages[i], messages[i+1])
	}
	return b.String() + "\n  ]\n}\n"
}

// codes is the codes of reasons.
func codes(reasons []gate.Reason) []string {
	var out []string
	for i := range reasons {
		out = append(out, string(reasons[i].Code))
	}
	return out
}

// counterOf is an estimator whose numbers are told.
type counterOf struct {
	gate.Estimator

	method          estimator.Method
	low, prom, high int64
	err             error
}

// Estimate answers what it was told, with the costs that belong to it.
func (c counterOf) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	if c.err != nil {
		return nil, c.err
	}
	book, err := pricing.Embedded()
	if err != nil {
		return nil, err
	}
	return estimator.New(estimator.Options{
		Prices:        func() estimator.Prices { return book },
		Cache:         countcache.New(countcache.Options{}),
		Approximation: told(c),
		Currency:      pricing.CNY,
		Now:           func() time.Time { return june },
	}).Estimate(ctx, req, q)
}

// told is a counter of told numbers.
type told counterOf

func (c told) Method() estimator.Method { return c.method }
func (c told) Version() string          { return "told" }

func (c told) Count(context.Context, *chat.Request, *pricing.Model) (estimator.Count, error) {
	return estimator.Count{
		Method: c.method, Tokens: c.prom, Low: c.low, High: c.high,
		Parts: []estimator.PartCount{{Part: estimator.PartMessages, Tokens: c.prom, Method: c.method}},
	}, nil
}

func (c told) Messages(context.Context, *chat.Request, *pricing.Model) ([]int64, error) {
	return nil, nil
}
