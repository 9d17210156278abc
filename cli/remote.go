package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/gate"
	"tollgate/pricing"
)

const (
	// remoteWorkers is how many requests a server, or the vendor, is asked at once.
	remoteWorkers = 8
	// remoteTimeout bounds one question. A server with a key may itself wait for
	// the vendor.
	remoteTimeout = 2 * time.Minute
	// maxAnswer bounds an answer, in bytes.
	maxAnswer = 16 << 20
)

// remote asks a running tollgate for estimates.
type remote struct {
	base   string
	key    string
	client *http.Client
	book   func() *pricing.Book
}

// newRemote returns a client of the server at an address.
func newRemote(address, key string, book func() *pricing.Book) (*remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("--server: want an http or https address, such as http://127.0.0.1:8080")
	}
	return &remote{
		base: strings.TrimSuffix(address, "/"), key: key, book: book,
		client: &http.Client{
			Timeout: remoteTimeout,
			// A key goes to the server that was named and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Estimate asks the server.
func (r *remote) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	body, ok := req.Sent()
	if !ok {
		return nil, &gate.RemoteError{Detail: "the request was not kept to be sent"}
	}
	status, answer, err := r.askAgain(ctx, body, &q)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, r.refusal(status, answer)
	}
	var est api.Estimate
	if err := json.Unmarshal(answer, &est); err != nil || est.Object != "estimate" {
		var problem api.Problem
		if json.Unmarshal(answer, &problem) == nil && problem.Status != 0 {
			return nil, r.refusal(problem.Status, answer) // of a line
		}
		return nil, &gate.RemoteError{Detail: "the server's answer is no estimate", Fix: "see whether a tollgate listens there"}
	}
	return r.estimate(&est)
}

// ask sends a request and returns the answer. A line of a batch file goes to
// the route that knows batch prices, as the only line.
func (r *remote) ask(ctx context.Context, body []byte, q *estimator.Query) (a remoteAnswer, err error) {
	route, media := "/v1/estimate", "application/json"
	if q.Batch {
		route, media = "/v1/estimate/batch", "application/x-ndjson"
		body = append(append([]byte(`{"body":`), body...), '}')
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+route+"?"+parameters(q).Encode(), bytes.NewReader(body))
	if err != nil {
		return a, fmt.Errorf("ask the server: %w", err)
	}
	request.Header.Set("Content-Type", media)
	if r.key != "" {
		request.Header.Set("Authorization", "Bearer "+r.key)
	}
	response, err := r.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return a, fmt.Errorf("ask the server: %w", ctx.Err())
		}
		return a, &gate.RemoteError{
			Detail: "the server did not answer", Fix: "see that it runs and --server is right, or leave --server out",
		}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return a, &gate.RemoteError{Detail: "the server's answer broke off", Fix: "try again"}
	}
	if q.Batch {
		answer, _, _ = bytes.Cut(answer, []byte("\n"))
	}
	return remoteAnswer{status: response.StatusCode, body: answer, retryAfter: retryAfter(response.Header)}, nil
}

// parameters is a query as the service reads it.
func parameters(q *estimator.Query) url.Values {
	v := url.Values{}
	number := func(name string, n *int64) {
		if n != nil {
			v.Set(name, strconv.FormatInt(*n, 10))
		}
	}
	number("completion_tokens", q.CompletionTokens)
	number("cached_tokens", q.CachedTokens)
	number("max_prompt_tokens", q.MaxPromptTokens)
	number("min_headroom", q.MinHeadroom)
	if q.CachedShare != nil {
		v.Set("cached_share", q.CachedShare.String())
	}
	if q.MaxCost != nil {
		v.Set("max_cost", q.MaxCost.String())
	}
	if !q.At.IsZero() {
		v.Set("at", q.At.UTC().Format(time.RFC3339))
	}
	for name, value := range map[string]string{
		"currency": string(q.Currency), "method": string(q.Method), "basis": string(q.Basis),
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// refusal is the error for an answer that is no estimate, as the estimator
// itself would have it.
func (r *remote) refusal(status int, answer []byte) error {
	var problem api.Problem
	if err := json.Unmarshal(answer, &problem); err != nil || problem.Detail == "" {
		return &gate.RemoteError{Detail: fmt.Sprintf("the server answered %d", status), Fix: "see whether a tollgate listens there"}
	}
	if problem.Code == "unknown_model" {
		detail, _, _ := strings.Cut(problem.Detail, " (") // what follows names a route
		return &gate.RemoteError{
			Detail: detail, UnknownModel: true, Fix: "correct the model, or give the server a price file that has it with TOLLGATE_PRICES",
		}
	}
	said := []string{problem.Detail}
	for _, f := range problem.Errors {
		said = append(said, f.Pointer+f.Parameter+": "+f.Detail)
	}
	detail := strings.Join(said, "; ")
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &gate.RemoteError{Detail: detail, Fix: "set TOLLGATE_SERVER_KEY"}
	case status == http.StatusUnprocessableEntity && len(problem.Errors) > 0 && problem.Errors[0].Parameter != "":
		return &estimator.OptionError{Option: problem.Errors[0].Parameter, Detail: problem.Errors[0].Detail}
	}
	return &gate.RemoteError{Detail: "the server says: " + detail, Fix: "see the server's log"}
}
