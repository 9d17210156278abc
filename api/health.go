package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Status is the answer of the probes.
type Status struct {
	Status string `json:"status" example:"ok"`
} //@name Status

// getHealth says that the process lives. It waits on nothing.
//
//	@ID			getHealth
//	@Summary	The process lives
//	@Tags		operation
//	@Produce	json
//	@Produce	application/problem+json
//	@Success	200		{object}	Status
//	@Router		/healthz [get]
func (s *server) getHealth(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	return s.respond(c, Status{Status: "ok"})
}

// getReady says whether the service can answer.
//
//	@ID			getReady
//	@Summary	The service can answer
//	@Description	Fails while there is no price table and while the service is about to stop.
//	@Tags		operation
//	@Produce	json
//	@Produce	application/problem+json
//	@Success	200		{object}	Status
//	@Failure	503		{object}	Problem
//	@Router		/readyz [get]
func (s *server) getReady(c *gin.Context) error {
	if s.Draining() {
		return notReady("draining", "the service is about to stop; send requests to another replica")
	}
	if s.Book() == nil {
		return notReady("price_table_missing", "no price table is loaded; see the service's log")
	}
	c.Header("Cache-Control", "no-store")
	return s.respond(c, Status{Status: "ready"})
}

func notReady(code, detail string) *Error {
	return &Error{
		Status:     http.StatusServiceUnavailable,
		Code:       code,
		Detail:     detail,
		RetryAfter: minRetryAfter,
	}
}

// getMetrics shows the metrics.
//
//	@ID			getMetrics
//	@Summary	Metrics in the Prometheus text format
//	@Tags		operation
//	@Produce	plain
//	@Success	200	{string}	string
//	@Router		/metrics [get]
func (s *server) getMetrics(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	s.Metrics.ServeHTTP(c.Writer, c.Request)
}
