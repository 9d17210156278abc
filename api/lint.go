package api

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
)

// LintResult is the findings alone.
type LintResult struct {
	Object   string    `json:"object" enums:"lint" example:"lint"`
	Findings []Finding `json:"findings"`
} //@name LintResult

// createLint handles POST /v1/lint.
//
//	@ID				createLint
//	@Summary		Say what the vendor would refuse of a chat request
//	@Description	Also what of it costs money for nothing. Nothing is counted and the vendor is not asked.
//	@Tags			estimate
//	@Accept			json
//	@Produce		json
//	@Produce		application/problem+json
//	@Param			body	body		ChatRequest	true	"a chat completion request"
//	@Param			at		query		string		false	"RFC 3339 date or time at which the request would be sent; default: now. Such as 2026-11-01 or 2026-11-01T12:00:00Z"
//	@Success		200		{object}	LintResult
//	@Failure		400		{object}	Problem	"the body is no chat request, or a parameter is unknown"
//	@Failure		401		{object}	Problem	"no key"
//	@Failure		403		{object}	Problem	"a wrong key"
//	@Failure		408		{object}	Problem	"the body did not arrive in time"
//	@Failure		413		{object}	Problem	"the body is too large, or expands too much"
//	@Failure		415		{object}	Problem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		422		{object}	Problem	"unknown model, or a required member is missing"
//	@Failure		429		{object}	Problem	"the caller's rate limit is reached"
//	@Failure		500		{object}	Problem	"the service failed"
//	@Failure		503		{object}	Problem	"the service is overloaded"
//	@Security		BearerKey
//	@Router			/v1/lint [post]
func (s *server) createLint(c *gin.Context) error {
	at, err := parseLintQuery(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = s.Now()
	}
	found, err := admitted(s, c, func(req *chat.Request) ([]lint.Finding, error) {
		return s.Estimator.Lint(req, at)
	})
	if err != nil {
		return fmt.Errorf("lint: %w", err)
	}
	callOf(c).Findings = found
	c.Header("Cache-Control", "no-store")
	return s.respond(c, LintResult{Object: "lint", Findings: newFindings(found)})
}
