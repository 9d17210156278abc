package api

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"tollgate/estimator/chat"
)

// TokenCount is the answer of the vendor's counting endpoint.
type TokenCount struct {
	Data TokenCountData `json:"data"`
} //@name TokenCount

// TokenCountData is the number in it.
type TokenCountData struct {
	TotalTokens int64 `json:"total_tokens" example:"80"`
} //@name TokenCountData

// countTokens handles POST /v1/tokenizers/estimate-token-count, in the
// vendor's shape on success and on failure. Query parameters are the vendor's
// business and are ignored, as he ignores them.
//
//	@ID				countTokens
//	@Summary		Count tokens as the vendor's own endpoint does
//	@Description	A client of the vendor only changes its base URL. With a vendor key the number is the vendor's, cached; without one it is the local count without the generation prompt. Errors have the vendor's shape.
//	@Tags			vendor
//	@Accept			json
//	@Produce		json
//	@Param			body	body		ChatRequest	true	"model and messages; more is allowed"
//	@Success		200		{object}	TokenCount
//	@Failure		400		{object}	VendorProblem	"the body is no chat request"
//	@Failure		401		{object}	VendorProblem	"no key"
//	@Failure		403		{object}	VendorProblem	"a wrong key"
//	@Failure		404		{object}	VendorProblem	"unknown model"
//	@Failure		408		{object}	VendorProblem	"the body did not arrive in time"
//	@Failure		413		{object}	VendorProblem	"the body is too large, or expands too much"
//	@Failure		415		{object}	VendorProblem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		429		{object}	VendorProblem	"the rate limit of the caller or of the vendor is reached"
//	@Failure		500		{object}	VendorProblem	"the service failed"
//	@Failure		502		{object}	VendorProblem	"the vendor failed"
//	@Failure		503		{object}	VendorProblem	"the service or the vendor is overloaded"
//	@Failure		504		{object}	VendorProblem	"the vendor did not answer in time"
//	@Security		BearerKey
//	@Router			/v1/tokenizers/estimate-token-count [post]
func (s *server) countTokens(c *gin.Context) error {
	n, err := admitted(s, c, func(req *chat.Request) (int64, error) {
		return s.Estimator.CountTokens(c.Request.Context(), req)
	})
	if err != nil {
		return fmt.Errorf("count tokens: %w", err)
	}
	c.Header("Cache-Control", "no-store")
	return s.respond(c, TokenCount{Data: TokenCountData{TotalTokens: n}})
}
