package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// createEstimate handles POST /v1/estimate.
//
//	@ID				createEstimate
//	@Summary		Estimate the tokens and the cost of a chat request
//	@Description	The body is a Kimi chat completion request, byte for byte as it would be sent.
//	@Description	The answer says how many tokens the prompt has, what the call will cost, whether it fits the model's window and the caller's limits, and what the vendor would refuse of it.
//	@Description	It may be compressed, with `Content-Encoding: gzip` or `zstd`.
//	@Description	Without a vendor key the count is made locally and says so in `count.method`.
//	@Tags			estimate
//	@Accept			json
//	@Produce		json
//	@Produce		application/problem+json
//	@Param			body				body		ChatRequest	true	"a chat completion request"
//	@Param			completion_tokens	query		integer		false	"output tokens the caller expects; default: the body's max_completion_tokens or max_tokens, else the model's default maximum. In tokens, such as 600"	minimum(0)	format(int64)
//	@Param			cached_tokens		query		integer		false	"input tokens assumed to be served from the vendor's context cache; not together with cached_share. In tokens, such as 1500"	minimum(0)	format(int64)
//	@Param			cached_share		query		number		false	"the same as a share of the prompt, a decimal between 0 and 1 with at most 9 places, such as 0.8"	minimum(0)	maximum(1)
//	@Param			currency			query		string		false	"currency of the cost; default: that of the configured platform"	Enums(CNY, USD)
//	@Param			at					query		string		false	"RFC 3339 date or time whose prices apply; default: now. Such as 2026-11-01 or 2026-11-01T12:00:00Z"
//	@Param			method				query		string		false	"how to count"	Enums(auto, vendor, tokenizer, approximation)	default(auto)
//	@Param			max_cost			query		string		false	"budget for this one call, a decimal amount in the currency, such as 0.02"
//	@Param			max_prompt_tokens	query		integer		false	"limit of the prompt, in tokens, such as 8000"	minimum(0)	format(int64)
//	@Param			min_headroom		query		integer		false	"tokens of the window that the prompt must leave, such as 200000"	minimum(0)	format(int64)
//	@Param			basis				query		string		false	"which cost the budget is held against"	Enums(high, expected, low)	default(high)
//	@Param			breakdown			query		string		false	"also answer the tokens of each message, counted locally"	Enums(messages)
//	@Param			enforce				query		boolean		false	"answer 402 when the verdict is deny"	default(false)
//	@Success		200					{object}	Estimate
//	@Failure		400					{object}	Problem	"the body is no chat request, or a parameter is unknown, repeated or of a wrong type"
//	@Failure		401					{object}	Problem	"no key"
//	@Failure		402					{object}	Problem	"enforce=true and the verdict is deny; the estimate is in the problem"
//	@Failure		403					{object}	Problem	"a wrong key"
//	@Failure		408					{object}	Problem	"the body did not arrive in time"
//	@Failure		413					{object}	Problem	"the body is too large, or expands too much"
//	@Failure		415					{object}	Problem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		422					{object}	Problem	"unknown model, a value out of range, or values that contradict each other"
//	@Failure		429					{object}	Problem	"the caller's rate limit is reached; with method=vendor also the vendor's"
//	@Failure		500					{object}	Problem	"the service failed"
//	@Failure		502					{object}	Problem	"method=vendor and the vendor failed"
//	@Failure		503					{object}	Problem	"the service is overloaded, or method=vendor and the vendor is"
//	@Failure		504					{object}	Problem	"method=vendor and the vendor did not answer in time"
//	@Security		BearerKey
//	@Router			/v1/estimate [post]
func (s *server) createEstimate(c *gin.Context) error {
	q, err := parseEstimateQuery(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	info := callOf(c)
	if q.At.IsZero() {
		q.At = info.began // to look at the clock again takes as long as to find a price
	}
	est, err := admitted(s, c, func(req *chat.Request) (*estimator.Estimate, error) {
		return s.Estimator.Estimate(c.Request.Context(), req, q.Query)
	})
	if err != nil {
		return fmt.Errorf("estimate: %w", err)
	}
	info.Estimate, info.Findings = est, est.Findings
	if q.Enforce && est.Verdict.Decision == estimator.Deny {
		return denied(est)
	}
	// Without Cache-Control: no cache keeps an answer to POST that does not ask for it.
	return s.respondEstimate(c, est)
}

// denied is the answer to a caller who asked to be stopped.
func denied(est *estimator.Estimate) *Error {
	reasons := make([]string, 0, len(est.Verdict.Reasons))
	for _, r := range est.Verdict.Reasons {
		reasons = append(reasons, r.Message)
	}
	return &Error{
		Status:   http.StatusPaymentRequired,
		Code:     "denied",
		Detail:   "the call is denied: " + strings.Join(reasons, "; "),
		Estimate: newEstimate(est),
	}
}
