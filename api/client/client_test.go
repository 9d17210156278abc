package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/client"
)

func TestARequestIsEstimated(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	est, err := c.Estimate(t.Context(), []byte(hello), client.Query{CompletionTokens: new(int64(600)), Breakdown: true})
	require.NoError(t, err)
	require.Equal(t, "kimi-k2.6", est.Model)
	require.Equal(t, int64(600), est.Usage.CompletionTokens)
	require.Equal(t, est.Usage.PromptTokens+600, est.Usage.TotalTokens)
	require.LessOrEqual(t, est.Count.Low, est.Usage.PromptTokens)
	require.GreaterOrEqual(t, *est.Count.High, est.Usage.PromptTokens)
	require.Equal(t, client.MethodApproximation, est.Count.Method)
	require.Len(t, est.Count.Messages, 1)
	require.Equal(t, client.CNY, est.Cost.Currency)
	order, err := est.Cost.Low.Compare(*est.Cost.High)
	require.NoError(t, err)
	require.Equal(t, -1, order)
	require.NotEmpty(t, est.Price.Source)
	require.Equal(t, client.Allow, est.Verdict.Decision)
	require.True(t, est.Context.Fits)
}

// An SDK's parameters, a map, raw JSON: whatever encodes to the same request.
func TestARequestMayBeAnyValue(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	var hash string
	for _, request := range []any{
		[]byte(hello), json.RawMessage(hello),
		map[string]any{"model": "kimi-k2.6", "messages": []map[string]string{{"role": "user", "content": "Hello"}}},
	} {
		est, err := c.Estimate(t.Context(), request, client.Query{})
		require.NoError(t, err)
		if hash == "" {
			hash = est.ContentHash
		}
		require.Equal(t, hash, est.ContentHash)
	}
	_, err := c.Estimate(t.Context(), func() {}, client.Query{})
	require.ErrorContains(t, err, "write the request as JSON")
}

func TestADeniedCallIsNoErrorOfEstimate(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	est, err := c.Estimate(t.Context(), []byte(hello), client.Query{MaxCost: "0.1", MaxPromptTokens: new(int64(2))})
	require.NoError(t, err)
	require.Equal(t, client.Deny, est.Verdict.Decision)
	reasons := map[client.ReasonCode]client.Reason{}
	for _, r := range est.Verdict.Reasons {
		reasons[r.Code] = r
	}
	require.Equal(t, client.Quantity{Money: "0.1"}, *reasons[client.ReasonCostOverBudget].Limit)
	require.Equal(t, client.Quantity{Tokens: 2}, *reasons[client.ReasonPromptOverLimit].Limit)

	_, err = c.Estimate(t.Context(), []byte(hello), client.Query{MaxPromptTokens: new(int64(2)), Enforce: true})
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, http.StatusPaymentRequired, p.Status)
	require.Equal(t, client.Deny, p.Estimate.Verdict.Decision)
	require.ErrorIs(t, err, client.ErrOverBudget)
	require.NotErrorIs(t, err, client.ErrUnavailable)
}

func TestFindingsAndTokensAreAsked(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	findings, err := c.Lint(t.Context(), []byte(hot), time.Time{})
	require.NoError(t, err)
	require.Len(t, findings, 1)
	require.Equal(t, "parameter_fixed", findings[0].Code)
	require.Equal(t, client.SeverityError, findings[0].Severity)
	require.Equal(t, "/temperature", findings[0].Pointer)

	retired := strings.Replace(hello, "k2.6", "k2.5", 1)
	for at, want := range map[string]int{"2026-02-01": 0, "2026-10-01": 1} {
		day, err := time.Parse(time.DateOnly, at)
		require.NoError(t, err)
		findings, err = c.Lint(t.Context(), []byte(retired), day)
		require.NoError(t, err)
		require.Len(t, findings, want, at)
	}

	n, err := c.CountTokens(t.Context(), []byte(hello))
	require.NoError(t, err)
	est, err := c.Estimate(t.Context(), []byte(hello), client.Query{})
	require.NoError(t, err)
	require.Positive(t, n)
	require.Less(t, n, est.Usage.PromptTokens, "what opens the answer is not in it")

	_, err = c.CountTokens(t.Context(), []byte(strings.Replace(hello, "k2.6", "k9", 1)))
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, http.StatusNotFound, p.Status)
	require.Equal(t, "resource_not_found_error", p.Code, "the vendor's path has the vendor's errors")
}

func TestTheCatalogueIsAsked(t *testing.T) {
	t.Parallel()
	c := asking(t, serve(t))
	models, err := c.Models(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, models)
	for _, listed := range models {
		one, err := c.Model(t.Context(), listed.ID)
		require.NoError(t, err, listed.ID)
		require.Equal(t, listed, *one)
		for _, alias := range listed.Aliases {
			one, err := c.Model(t.Context(), alias)
			require.NoError(t, err, alias)
			require.Equal(t, listed.ID, one.ID)
		}
	}
	table, err := c.Prices(t.Context())
	require.NoError(t, err)
	require.Len(t, table.Data, len(models))

	_, err = c.Model(t.Context(), "kimi-k9")
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "model_not_found", p.Code)
	for _, id := range []string{"", "..", "a/../b", "a//b"} {
		_, err = c.Model(t.Context(), id)
		require.ErrorContains(t, err, "want its id", id)
	}
}

func TestAKeyGoesAlong(t *testing.T) {
	t.Parallel()
	ring := api.NewKeyring("right")
	url := serve(t, func(o *api.Options) { o.APIKeys = ring })
	for key, want := range map[string]int{"right": 0, "wrong": http.StatusForbidden, "": http.StatusUnauthorized} {
		_, err := asking(t, url, func(o *client.Options) { o.APIKey = key }).Estimate(t.Context(), []byte(hello), client.Query{})
		if want == 0 {
			require.NoError(t, err)
			continue
		}
		p, ok := errors.AsType[*client.Problem](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, want, p.Status)
		require.NotErrorIs(t, err, client.ErrUnavailable, "to wait does not help")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "127.0.0.1:8080", "ftp://x", "http://", "http://u:secret@x", "http://x?a=b", "http://x#f", "http://x\n", "/v1",
	} {
		_, err := client.New(client.Options{BaseURL: address})
		require.ErrorContains(t, err, "BaseURL", address)
		require.NotContains(t, err.Error(), "secret")
	}
	for _, address := range []string{"http://x", "https://x/", "http://x/below/"} {
		_, err := client.New(client.Options{BaseURL: address})
		require.NoError(t, err, address)
	}
}

func TestABaseURLMayHaveAPath(t *testing.T) {
	t.Parallel()
	h, err := handler()
	require.NoError(t, err)
	c := asking(t, listen(t, http.StripPrefix("/costs", h))+"/costs/")
	_, err = c.Estimate(t.Context(), []byte(hello), client.Query{})
	require.NoError(t, err)
}

func TestABadQueryIsRefusedBeforeItIsAsked(t *testing.T) {
	t.Parallel()
	c := wired(t, func(*http.Request) (*http.Response, error) {
		t.Error("it was asked")
		return nil, io.EOF
	})
	_, err := c.Estimate(t.Context(), []byte(hello), client.Query{MaxCost: "cheap", CachedShare: "half"})
	require.ErrorIs(t, err, client.ErrDecimal)
	require.ErrorContains(t, err, "max_cost")
	require.ErrorContains(t, err, "cached_share")
}

// Every status that the service documents is a Problem with all that it says.
func TestEveryStatusIsAProblem(t *testing.T) {
	t.Parallel()
	for status, away := range map[int]bool{
		400: false, 401: false, 403: false, 404: false, 405: false, 408: true, 413: false, 415: false, 422: false,
		429: true, 500: true, 502: true, 503: true, 504: true,
	} {
		c := wired(t, func(*http.Request) (*http.Response, error) { return says(status, problem(status, "some_code")), nil })
		for name, ask := range questions(c) {
			err := ask(t.Context())
			p, ok := errors.AsType[*client.Problem](err)
			require.True(t, ok, "%s %d: %v", name, status, err)
			require.Equal(t, client.Problem{
				Type: "/problems/some_code", Title: "T", Status: status, Detail: "what to do", Instance: "id-1", Code: "some_code",
				Errors: []client.ProblemField{{Pointer: "/model", Detail: "is wrong"}},
			}, *p)
			require.Equal(t, away, errors.Is(err, client.ErrUnavailable), "%s %d", name, status)
			require.ErrorContains(t, err, "tollgate answers "+strconv.Itoa(status)+": what to do")
		}
	}
}

// questions is every question that a client can ask.
func questions(c *client.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"estimate": func(ctx context.Context) error { _, err := c.Estimate(ctx, []byte(hello), client.Query{}); return err },
		"check":    func(ctx context.Context) error { return c.Check(ctx, []byte(hello), budget("1")) },
		"lint":     func(ctx context.Context) error { _, err := c.Lint(ctx, []byte(hello), time.Time{}); return err },
		"count":    func(ctx context.Context) error { _, err := c.CountTokens(ctx, []byte(hello)); return err },
		"models":   func(ctx context.Context) error { _, err := c.Models(ctx); return err },
		"model":    func(ctx context.Context) error { _, err := c.Model(ctx, "kimi-k2.6"); return err },
		"prices":   func(ctx context.Context) error { _, err := c.Prices(ctx); return err },
		"compare": func(ctx context.Context) error {
			_, err := c.Compare(ctx, []byte(hello), []string{"kimi-k2.6"}, client.Query{})
			return err
		},
		"batch": func(ctx context.Context) error {
			for _, err := range c.BatchFile(ctx, strings.NewReader(hello+"\n"), client.Query{}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// Something else may listen there: a proxy, another service, another version.
func TestWhatIsNotTollgateIsToldApart(t *testing.T) {
	t.Parallel()
	for body, status := range map[string]int{
		"<html>secret</html>": 502, "": 503, `{"error":"secret"}`: 404, `{"status":200,"detail":"secret"}`: 500, "[]": 418,
	} {
		c := wired(t, func(*http.Request) (*http.Response, error) { return says(status, body), nil })
		for name, ask := range questions(c) {
			p, ok := errors.AsType[*client.Problem](ask(t.Context()))
			require.True(t, ok, name)
			require.Equal(t, status, p.Status)
			require.Empty(t, p.Code)
			require.Contains(t, p.Detail, "BaseURL")
			require.NotContains(t, p.Error(), "secret")
		}
	}
	for _, body := range []string{"", "secret", "null", "{}", "[]", `{"object":"secret"}`, `{"object":"estimate"}`, `{"data":{}}`, `{"object":1}`} {
		c := wired(t, func(*http.Request) (*http.Response, error) { return says(http.StatusOK, body), nil })
		for name, ask := range questions(c) {
			err := ask(t.Context())
			require.Error(t, err, "%s %s", name, body)
			_, wrong := errors.AsType[*client.AnswerError](err)
			require.True(t, wrong || name == "batch" && errors.Is(err, client.ErrUnavailable), "%s %s: %v", name, body, err)
			require.NotContains(t, err.Error(), "secret")
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	asked := &atomic.Int32{}
	elsewhere := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	c := asking(t, listen(t, http.RedirectHandler(elsewhere, http.StatusTemporaryRedirect)))
	_, err := c.Estimate(t.Context(), []byte(hello), client.Query{})
	require.ErrorContains(t, err, "redirects are not followed")
	require.Zero(t, asked.Load())
}

func TestWhenNobodyAnswersTheReasonHasNoAddress(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	err := asking(t, gone.URL).Check(t.Context(), []byte(hello), budget("1"))
	require.ErrorIs(t, err, client.ErrUnavailable)
	_, ok := errors.AsType[*client.UnavailableError](err)
	require.True(t, ok)
	require.EqualError(t, err, "check the budget: estimate: tollgate did not answer: connection refused")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)

	for cause, want := range map[error]string{
		&net.DNSError{Err: "no such host", Name: "secret.test"}:                      "no such host",
		&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}:                        "it took too long",
		&url.Error{Op: "Post", URL: "http://secret.test", Err: errors.New("secret")}: "the connection failed",
	} {
		_, err = wired(t, func(*http.Request) (*http.Response, error) { return nil, cause }).Prices(t.Context())
		require.EqualError(t, err, "show the prices: tollgate did not answer: "+want)
	}

	cut := listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"object":"estimate"`)
	}))
	_, err = asking(t, cut).Estimate(t.Context(), []byte(hello), client.Query{})
	require.ErrorIs(t, err, client.ErrUnavailable)
	require.ErrorContains(t, err, "the connection failed")
}
