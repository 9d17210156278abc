package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultRetries is the default of Options.Retries.
	DefaultRetries = 3
	// DefaultPatience is the default of Options.Patience.
	DefaultPatience = 5 * time.Second
	// DefaultTimeout is the default of Options.Timeout. A large request takes
	// seconds, and a service with a vendor key may itself wait for the vendor.
	DefaultTimeout = 30 * time.Second
)

// Options is where a tollgate is and how it is asked. BaseURL must be set;
// every other member works as its zero value.
type Options struct {
	BaseURL string // http or https, such as http://127.0.0.1:8080
	APIKey  string // bearer key, where the service wants one

	// HTTPClient sends the questions. Nil: one with [http.DefaultTransport]. Its
	// own timeout, if it has one, also cuts off a batch. Redirects are not
	// followed unless it has a CheckRedirect: a key and a prompt go to the
	// service that was named and nowhere else.
	HTTPClient *http.Client

	// Retries is how often a question is asked again; 0 means [DefaultRetries],
	// less than 0 never. It is asked again only when the service is overloaded,
	// about to stop, or limits its callers, and says with Retry-After when to
	// come back: status 429 and 503. A batch is never sent again.
	Retries int

	// Patience is the longest Retry-After that is waited for; 0 means
	// [DefaultPatience]. With a longer one the problem is returned at once.
	Patience time.Duration

	// Timeout bounds one attempt at a question; 0 means [DefaultTimeout]. A batch
	// is bounded by its context alone.
	Timeout time.Duration
}

// Client asks a tollgate. Its methods may be called at the same time. What they
// ask changes nothing there: an estimate reserves no money.
type Client struct {
	base     string
	key      string
	http     *http.Client
	retries  int
	patience time.Duration
	timeout  time.Duration
}

// New returns a client. The error names what is wrong with the options, and
// nothing is asked yet.
func New(opts Options) (*Client, error) {
	u, err := url.Parse(opts.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("BaseURL: want an http or https address without user and query, such as http://127.0.0.1:8080")
	}
	asking := http.Client{}
	if opts.HTTPClient != nil {
		asking = *opts.HTTPClient
	}
	if asking.CheckRedirect == nil {
		asking.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &Client{
		base:     strings.TrimRight(opts.BaseURL, "/"),
		key:      opts.APIKey,
		http:     &asking,
		retries:  max(cmp.Or(opts.Retries, DefaultRetries), 0),
		patience: cmp.Or(opts.Patience, DefaultPatience),
		timeout:  cmp.Or(opts.Timeout, DefaultTimeout),
	}, nil
}

// Estimate answers what a request will use and cost under q. A call that is
// denied is no error: see the verdict, or use [Client.Check].
func (c *Client) Estimate(ctx context.Context, request any, q Query) (*Estimate, error) {
	values, err := q.values()
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	var est Estimate
	if err := c.post(ctx, "/v1/estimate", values, request, &est); err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	if err := est.check(); err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	return &est, nil
}

// Lint answers what the vendor would refuse of a request that is sent at a
// moment (zero: now), and what of it costs money for nothing. Nothing is
// counted.
func (c *Client) Lint(ctx context.Context, request any, at time.Time) ([]Finding, error) {
	values := url.Values{}
	if !at.IsZero() {
		values.Set("at", moment(at))
	}
	var answer struct {
		Object   string
		Findings []Finding
	}
	if err := c.post(ctx, "/v1/lint", values, request, &answer); err != nil {
		return nil, fmt.Errorf("lint: %w", err)
	}
	if answer.Object != "lint" {
		return nil, fmt.Errorf("lint: %w", &AnswerError{Detail: "it is no list of findings"})
	}
	return answer.Findings, nil
}

// CountTokens answers what the vendor's counting endpoint answers, in tokens.
// Without a vendor key in the service that is the prompt without the few
// tokens that open the answer; [Client.Estimate] counts what is billed.
func (c *Client) CountTokens(ctx context.Context, request any) (int64, error) {
	var answer struct {
		Data *struct {
			TotalTokens *int64 `json:"total_tokens"`
		}
	}
	if err := c.post(ctx, "/v1/tokenizers/estimate-token-count", nil, request, &answer); err != nil {
		return 0, fmt.Errorf("count tokens: %w", err)
	}
	if answer.Data == nil || answer.Data.TotalTokens == nil {
		return 0, fmt.Errorf("count tokens: %w", &AnswerError{Detail: "there is no number in it"})
	}
	return *answer.Data.TotalTokens, nil
}

// Models answers the catalogue.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	var answer struct {
		Object string
		Data   []Model
	}
	if err := c.get(ctx, "/v1/models", &answer); err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	if answer.Object != "list" {
		return nil, fmt.Errorf("list models: %w", &AnswerError{Detail: "it is no list"})
	}
	return answer.Data, nil
}

// Model answers one model, by its id or an alias.
func (c *Client) Model(ctx context.Context, id string) (*Model, error) {
	parts := strings.Split(id, "/") // ids may have slashes, which the path keeps
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return nil, errors.New("show a model: want its id, such as kimi-k2.6")
		}
		parts[i] = url.PathEscape(part)
	}
	var answer Model
	if err := c.get(ctx, "/v1/models/"+strings.Join(parts, "/"), &answer); err != nil {
		return nil, fmt.Errorf("show a model: %w", err)
	}
	if answer.Object != "model" {
		return nil, fmt.Errorf("show a model: %w", &AnswerError{Detail: "it is no model"})
	}
	return &answer, nil
}

// Prices answers the price table in force.
func (c *Client) Prices(ctx context.Context) (*PriceTable, error) {
	var answer PriceTable
	if err := c.get(ctx, "/v1/prices", &answer); err != nil {
		return nil, fmt.Errorf("show the prices: %w", err)
	}
	if answer.Object != "price_table" {
		return nil, fmt.Errorf("show the prices: %w", &AnswerError{Detail: "it is no price table"})
	}
	return &answer, nil
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.ask(ctx, question{method: http.MethodGet, path: path}, into)
}

func (c *Client) post(ctx context.Context, path string, values url.Values, request, into any) error {
	body, err := bodyOf(request)
	if err != nil {
		return err
	}
	return c.ask(ctx, question{
		method: http.MethodPost, path: path, values: values, media: "application/json", body: body,
	}, into)
}

// bodyOf is a request as it is sent.
func bodyOf(request any) ([]byte, error) {
	switch request := request.(type) {
	case []byte:
		return request, nil
	case json.RawMessage:
		return request, nil
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("write the request as JSON: %w", err)
	}
	return body, nil
}
