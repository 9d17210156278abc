package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// createComparison handles POST /v1/estimate/compare.
//
//	@ID				createComparison
//	@Summary		Estimate a chat request on several models
//	@Description	The body is a Kimi chat completion request; it is read once and estimated for every model of `models`, in that order, as if it named that model. A `model` in the body is not needed and not regarded.
//	@Description	Each entry of `data` has the name as it was asked for and an `estimate`, which is what `POST /v1/estimate` answers for that model, or a `problem`: an unknown model, say, is a problem in its place and the others are answered. What is wrong with the body or the query is an error of the whole.
//	@Description	`cheapest` names the model with the lowest cost by `basis` of those that can be called as they are: the verdict is allow and the model is not retired. It is left out when there is none.
//	@Description	With `enforce=true` the answer is 402 when no model is allowed, that is when every verdict is deny or a problem stands in its place; the comparison is in the problem.
//	@Description	A comparison counts as one request of the caller's rate limit.
//	@Tags			estimate
//	@Accept			json
//	@Produce		json
//	@Produce		application/problem+json
//	@Param			body				body		ChatRequestToCompare	true	"a chat completion request, with or without a model"
//	@Param			models				query		string					false	"ids or aliases of at most 32 models, separated by commas, none twice; default: every model of the catalogue that is released and not retired at the moment of `at`. Such as kimi-k2.6,kimi-k3"
//	@Param			completion_tokens	query		integer					false	"output tokens the caller expects; default: the body's max_completion_tokens or max_tokens, else each model's default maximum. In tokens, such as 600"	minimum(0)	format(int64)
//	@Param			cached_tokens		query		integer					false	"input tokens assumed to be served from the vendor's context cache; not together with cached_share. In tokens, such as 1500"	minimum(0)	format(int64)
//	@Param			cached_share		query		number					false	"the same as a share of the prompt, a decimal between 0 and 1 with at most 9 places, such as 0.8"	minimum(0)	maximum(1)
//	@Param			currency			query		string					false	"currency of the cost; default: that of the configured platform"	Enums(CNY, USD)
//	@Param			at					query		string					false	"RFC 3339 date or time whose prices apply; default: now. Such as 2026-11-01 or 2026-11-01T12:00:00Z"
//	@Param			method				query		string					false	"how to count"	Enums(auto, vendor, tokenizer, approximation)	default(auto)
//	@Param			max_cost			query		string					false	"budget for the call on each model, a decimal amount in the currency, such as 0.02"
//	@Param			max_prompt_tokens	query		integer					false	"limit of the prompt, in tokens, such as 8000"	minimum(0)	format(int64)
//	@Param			min_headroom		query		integer					false	"tokens of the window that the prompt must leave, such as 200000"	minimum(0)	format(int64)
//	@Param			basis				query		string					false	"which cost the budget is held against, and `cheapest` goes by"	Enums(high, expected, low)	default(high)
//	@Param			breakdown			query		string					false	"also answer the tokens of each message, counted locally"	Enums(messages)
//	@Param			enforce				query		boolean					false	"answer 402 when no model is allowed"	default(false)
//	@Success		200					{object}	Comparison
//	@Failure		400					{object}	Problem	"the body is no chat request, or a parameter is unknown, repeated or of a wrong type"
//	@Failure		401					{object}	Problem	"no key"
//	@Failure		402					{object}	Problem	"enforce=true and no model is allowed; the comparison is in the problem"
//	@Failure		403					{object}	Problem	"a wrong key"
//	@Failure		408					{object}	Problem	"the body did not arrive in time"
//	@Failure		413					{object}	Problem	"the body is too large, or expands too much"
//	@Failure		415					{object}	Problem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		422					{object}	Problem	"a model named twice, too many models, a value out of range, or values that contradict each other"
//	@Failure		429					{object}	Problem	"the caller's rate limit is reached"
//	@Failure		500					{object}	Problem	"the service failed"
//	@Failure		503					{object}	Problem	"the service is overloaded, or no price table is loaded"
//	@Security		BearerKey
//	@Router			/v1/estimate/compare [post]
func (s *server) createComparison(c *gin.Context) error {
	q, err := parseComparisonQuery(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	if q.At.IsZero() {
		q.At = s.Now() // one moment for all models
	}
	if err := s.chooseModels(&q); err != nil {
		return err
	}
	a := s.newAdmission(c)
	a.anyModel = true
	found, err := admittedAs(a, func(req *chat.Request) (*comparison, error) {
		return s.compare(c.Request.Context(), req, &q)
	})
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return s.answerComparison(c, found)
}

// comparison is one request on several models. What stands at an index in its
// lists is about the same model.
type comparison struct {
	query     *estimateQuery
	hash      [32]byte
	estimates []*estimator.Estimate // nil where there is an error
	errs      []error
	panics    []*panicError
}

// chooseModels checks the models that a query names, or names those that the
// catalogue has at its moment.
func (s *server) chooseModels(q *estimateQuery) error {
	book, err := s.book()
	if err != nil {
		return err
	}
	if q.Models == nil {
		q.Models = currentModels(book, q.At)
		return nil
	}
	first := map[string]int{} // position of each model
	for i, name := range q.Models {
		id := name
		if m, err := book.Model(name); err == nil {
			id = m.ID
		}
		if before, ok := first[id]; ok {
			return namedTwice(before, i)
		}
		first[id] = i
	}
	return nil
}

// currentModels is the ids of the models that the vendor serves at a moment.
func currentModels(book *pricing.Book, at time.Time) []string {
	ids := []string{}
	for _, m := range book.Models() {
		if !m.RetiredAt(at) && !m.Released.After(at) && len(ids) < maxCompared {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// namedTwice says which entries of models are one.
func namedTwice(i, j int) *Error {
	detail := "entries " + strconv.Itoa(i+1) + " and " + strconv.Itoa(j+1) + " are the same model; name it once"
	return &Error{
		Status: http.StatusUnprocessableEntity,
		Code:   "parameter_invalid",
		Detail: "models: " + detail,
		Fields: []Field{{Parameter: "models", Detail: detail}},
	}
}

// compare estimates req on every model of the query. Where a vendor is waited
// for it is asked about all of them at once; else they are counted one after
// another, for a request has one turn.
func (s *server) compare(ctx context.Context, req *chat.Request, q *estimateQuery) (*comparison, error) {
	n := len(q.Models)
	found := &comparison{
		query: q, hash: req.For("").Hash,
		estimates: make([]*estimator.Estimate, n), errs: make([]error, n), panics: make([]*panicError, n),
	}
	one := func(i int) {
		defer func() {
			if thrown := recover(); thrown != nil {
				found.panics[i] = &panicError{thrown: thrown, stack: debug.Stack()}
			}
		}()
		found.estimates[i], found.errs[i] = s.Estimator.Estimate(ctx, req.For(q.Models[i]), q.Query)
	}
	var wg sync.WaitGroup
	for i := range n {
		if s.KeepBody {
			wg.Go(func() { one(i) })
		} else if ctx.Err() == nil {
			one(i)
		}
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return found, found.failure()
}

// failure is why the service could not answer, which is nobody's model's fault.
func (f *comparison) failure() error {
	for i, err := range f.errs {
		if p := f.panics[i]; p != nil {
			return p
		}
		if err != nil && asError(err).Status == http.StatusInternalServerError {
			return err
		}
	}
	return nil
}

// answerComparison writes what was found.
func (s *server) answerComparison(c *gin.Context, found *comparison) error {
	info := callOf(c)
	for _, est := range found.estimates {
		if est != nil {
			info.Compared = append(info.Compared, est)
		}
	}
	answer := s.newComparison(found, info.id)
	if found.query.Enforce && !found.allowed() {
		return &Error{
			Status: http.StatusPaymentRequired, Code: "denied", Comparison: answer,
			Detail: "the call is allowed on no model; see the verdicts in comparison.data",
		}
	}
	c.Header("Cache-Control", "no-store")
	return s.respond(c, answer)
}

// allowed reports whether the call may be made on any model.
func (f *comparison) allowed() bool {
	for _, est := range f.estimates {
		if est != nil && est.Verdict.Decision != estimator.Deny {
			return true
		}
	}
	return false
}
