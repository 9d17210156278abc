package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxAnswer bounds an answer, or a line of one, in bytes. The largest is that
	// with the tokens of each of very many messages.
	maxAnswer = 64 << 20

	// firstJitter is the longest that a first retry waits beyond what the service
	// asked for; each of the next ones may wait twice as long, up to maxJitter. It
	// keeps those that were turned away together from coming back together.
	firstJitter = 250 * time.Millisecond
	maxJitter   = 4 * time.Second
)

// question is one request to the service.
type question struct {
	method, path string
	values       url.Values
	media        string // content type of body
	body         []byte
}

// ask asks until there is an answer to keep, and decodes it.
func (c *Client) ask(ctx context.Context, q question, into any) error {
	for attempt := 0; ; attempt++ {
		answer, err := c.once(ctx, q)
		if err == nil {
			if json.Unmarshal(answer, into) != nil {
				return &AnswerError{Detail: "its JSON is not what it should be"}
			}
			return nil
		}
		problem, ok := errors.AsType[*Problem](err)
		if !ok || attempt >= c.retries || !c.again(problem) {
			return err
		}
		if wait(ctx, problem.RetryAfter+jitter(attempt)) != nil {
			return fmt.Errorf("%w; waiting ended: %w", problem, ctx.Err())
		}
	}
}

// again reports whether a problem passes if one waits. Retry-After of 0 seconds
// reads like none, and tollgate does not send it.
func (c *Client) again(p *Problem) bool {
	passes := p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable
	return passes && p.RetryAfter > 0 && p.RetryAfter <= c.patience
}

// jitter is how long to wait beyond what was asked for, before the attempt
// after this one.
func jitter(attempt int) time.Duration {
	most := min(firstJitter<<min(attempt, 8), maxJitter)
	return rand.N(most + 1) //nolint:gosec // spreads attempts, no secret
}

// wait waits, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// once asks once and returns the body of a success. Its error is a [*Problem],
// an [*UnavailableError] or an [*AnswerError], or that of a ctx that was
// cancelled.
func (c *Client) once(ctx context.Context, q question) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	response, err := c.send(timed, q, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, unanswered(ctx, err)
	case response.StatusCode != http.StatusOK:
		return nil, problemOf(response.StatusCode, response.Header, answer)
	case len(answer) > maxAnswer:
		return nil, &AnswerError{Detail: "it is too long"}
	}
	return answer, nil
}

// send sends a question and returns the response, whatever its status.
func (c *Client) send(ctx context.Context, q question, body io.Reader) (*http.Response, error) {
	address := c.base + q.path
	if len(q.values) > 0 {
		address += "?" + q.values.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, q.method, address, body)
	if err != nil {
		return nil, errors.New("this can not be asked: see BaseURL")
	}
	request.Header.Set("User-Agent", "tollgate-client")
	request.Header.Set("Accept", "application/json, application/problem+json")
	if q.media != "" {
		request.Header.Set("Content-Type", q.media)
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	// Nothing is changed by a question, so net/http may send it once more over a
	// new connection when an idle one turns out to be closed. Without a value the
	// header itself is not sent.
	request.Header["Idempotency-Key"] = nil
	response, err := c.http.Do(request)
	if err != nil {
		return nil, unanswered(ctx, err)
	}
	return response, nil
}

// unanswered is the error for a question that nobody answered to the end.
func unanswered(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	return &UnavailableError{cause: err}
}
