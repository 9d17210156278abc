package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/pricing"
)

// estimateCmd is tollgate estimate. Its options are the query parameters of
// POST /v1/estimate, and are read by the same code.
type estimateCmd struct {
	File string `arg:"" optional:"" help:"The chat request, as it would be sent; the standard input if not given, or -."`
	JSON bool   `name:"json" help:"Print what POST /v1/estimate answers."`

	Compare string `placeholder:"IDS" help:"Compare these models instead, separated by commas; current: every model that is served. The request need not name one."`

	Text  *string  `placeholder:"TEXT" help:"Estimate a request made of this text instead of FILE."`
	Media []string `sep:"none" placeholder:"FILE" help:"Estimate a request made of this image or video, and of --text; may be repeated."`
	Model string   `placeholder:"ID" help:"Model of the request made of --text and --media; ${default_model} if not given."`

	CompletionTokens string `param:"completion_tokens" placeholder:"N" help:"Output tokens that are expected."`
	CachedTokens     string `param:"cached_tokens" placeholder:"N" help:"Input tokens assumed to come from the vendor's context cache."`
	CachedShare      string `param:"cached_share" placeholder:"SHARE" help:"The same as a share of the prompt, 0 to 1."`
	Currency         string `param:"currency" placeholder:"CODE" help:"CNY or USD; that of the vendor's platform if not given."`
	At               string `param:"at" placeholder:"TIME" help:"RFC 3339 date or time whose prices apply; now if not given."`
	Method           string `param:"method" placeholder:"METHOD" help:"auto, vendor, tokenizer or approximation."`
	MaxCost          string `param:"max_cost" placeholder:"AMOUNT" help:"Budget for the call, in the currency."`
	MaxPromptTokens  string `param:"max_prompt_tokens" placeholder:"N" help:"Limit of the prompt, in tokens."`
	MinHeadroom      string `param:"min_headroom" placeholder:"N" help:"Tokens of the window that the prompt must leave."`
	Basis            string `param:"basis" placeholder:"BASIS" help:"Cost the budget is held against: high, expected or low."`
	Breakdown        string `param:"breakdown" placeholder:"WHAT" help:"messages: also the tokens of each message."`
}

// query is the options as query parameters.
func (cmd *estimateCmd) query() url.Values {
	q := url.Values{}
	v := reflect.ValueOf(*cmd)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("param"); name != "" && v.Field(i).String() != "" {
			q.Set(name, v.Field(i).String())
		}
	}
	return q
}

// Run estimates one request.
func (cmd *estimateCmd) Run(p *Process, set *settings) error {
	c, err := set.config(p)
	if err != nil {
		return usageError(fmt.Errorf("the configuration is wrong:\n%w", err))
	}
	c.LogLevel = max(c.LogLevel, slog.LevelWarn)
	s, err := newService(c, p, newLogger(p.Stderr, c))
	if err != nil {
		return err
	}
	defer s.close()
	body, err := cmd.open(p)
	if err != nil {
		return usageError(err)
	}
	status, answer := ask(s.handler, cmd.target(), body, c.APIKeys)
	if err := body.Close(); err != nil {
		return err
	}
	if status != http.StatusOK {
		return refusal(status, answer)
	}
	if cmd.Compare != "" {
		return cmd.printComparison(p, answer)
	}
	return cmd.print(p, s.prices.book(), answer)
}

// open opens the request: that of a file, of the standard input, or one that is
// made of a text and media.
//
// A file and media do not go together. The media would belong into the last
// message of the user, which is known only when all of the file was read: where
// they go, and whether its text comes before or after, is for the caller to say.
func (cmd *estimateCmd) open(p *Process) (io.ReadCloser, error) {
	made := cmd.Text != nil || len(cmd.Media) > 0
	switch {
	case made && cmd.File != "":
		return nil, errors.New("--text and --media make a request of their own: leave FILE out, or put them into the request itself, " +
			"an image as the content part " + `{"type":"image_url","image_url":{"url":"data:image/png;base64,..."}}`)
	case made:
		return cmd.compose(p)
	case cmd.Model != "":
		return nil, errors.New("--model is for a request made of --text or --media; another one names its model itself")
	case cmd.File == "" || cmd.File == "-":
		return io.NopCloser(p.Stdin), nil
	}
	f, err := os.Open(cmd.File)
	if err != nil {
		return nil, fmt.Errorf("open the request: %s", reasonOf(err))
	}
	return f, nil
}

// print prints the answer, and returns an error with the exit code of a
// verdict that denies.
func (cmd *estimateCmd) print(p *Process, book *pricing.Book, answer []byte) error {
	est, err := readEstimate(answer)
	if err != nil {
		return err
	}
	text := string(bytes.TrimSpace(answer)) + "\n"
	if !cmd.JSON {
		model, err := book.Model(est.Model)
		if err != nil {
			return fmt.Errorf("print the estimate: %w", err)
		}
		text = (&report{paint: p.painter(), est: est, model: model}).String()
	}
	if _, err = io.WriteString(p.Stdout, text); err != nil {
		return fmt.Errorf("print the estimate: %w", err)
	}
	if est.Verdict.Decision == string(estimator.Deny) {
		return &exitError{code: exitDenied}
	}
	return nil
}

// readEstimate reads an answer. Numbers that may also be text stay as they are
// written.
func readEstimate(answer []byte) (*api.Estimate, error) {
	var est api.Estimate
	dec := json.NewDecoder(bytes.NewReader(answer))
	dec.UseNumber()
	if err := dec.Decode(&est); err != nil {
		return nil, fmt.Errorf("read the estimate: %w", err)
	}
	return &est, nil
}

// refusal is the error for an answer that is no estimate.
func refusal(status int, answer []byte) error {
	var problem api.Problem
	if err := json.Unmarshal(answer, &problem); err != nil {
		return fmt.Errorf("the estimator answered %d", status)
	}
	// The catalogue by the names that it has here.
	err := errors.New(strings.NewReplacer("GET /v1/models", "tollgate models", "GET /v1/prices", "tollgate models").Replace(problem.Detail))
	for _, f := range problem.Errors {
		err = fmt.Errorf("%w\n  %s%s: %s", err, f.Pointer, f.Parameter, f.Detail)
	}
	if status >= http.StatusInternalServerError {
		return err
	}
	return usageError(err)
}

// ask sends a body to the handler without a network between, so that the
// command line and the service can never answer differently.
func ask(h http.Handler, target string, body io.Reader, keys []string) (int, []byte) {
	r, err := http.NewRequest(http.MethodPost, target, body) //nolint:noctx // nobody can cancel it
	if err != nil {
		return http.StatusBadRequest, nil
	}
	r.Header.Set("Content-Type", "application/json")
	if len(keys) > 0 {
		r.Header.Set("Authorization", "Bearer "+keys[0])
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(a, r)
	return a.status, a.Bytes()
}

// answer is a response that is kept.
type answer struct {
	bytes.Buffer

	header http.Header
	status int
}

// Header returns the header.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) { a.status = status }
