package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"tollgate/pricing"
)

// listModels handles GET /v1/models. As at the vendor's, query parameters are
// ignored.
//
//	@ID				listModels
//	@Summary		List the models
//	@Description	The shape is that of the vendor's list; prices, fixed parameters and life cycle are added.
//	@Tags			catalogue
//	@Produce		json
//	@Produce		application/problem+json
//	@Success		200	{object}	ModelList
//	@Success		304	"not changed since the ETag in If-None-Match"
//	@Failure		401	{object}	Problem	"no key"
//	@Failure		403	{object}	Problem	"a wrong key"
//	@Failure		429	{object}	Problem	"the caller\'s rate limit is reached"
//	@Failure		503	{object}	Problem	"no price table is loaded"
//	@Security		BearerKey
//	@Router			/v1/models [get]
func (s *server) listModels(c *gin.Context) error {
	b, err := s.book()
	if err != nil {
		return err
	}
	if notModified(c, b) {
		return nil
	}
	return s.respond(c, newModelList(b))
}

// getModel handles GET /v1/models/{id}.
//
//	@ID				getModel
//	@Summary		Show one model
//	@Tags			catalogue
//	@Produce		json
//	@Produce		application/problem+json
//	@Param			id	path		string	true	"model id or a listed alias"
//	@Success		200	{object}	Model
//	@Success		304	"not changed since the ETag in If-None-Match"
//	@Failure		401	{object}	Problem	"no key"
//	@Failure		403	{object}	Problem	"a wrong key"
//	@Failure		404	{object}	Problem	"unknown model"
//	@Failure		429	{object}	Problem	"the caller\'s rate limit is reached"
//	@Failure		503	{object}	Problem	"no price table is loaded"
//	@Security		BearerKey
//	@Router			/v1/models/{id} [get]
func (s *server) getModel(c *gin.Context) error {
	b, err := s.book()
	if err != nil {
		return err
	}
	m, err := b.Model(c.Param("id")[1:])
	if err != nil {
		return modelNotFound(err)
	}
	if notModified(c, b) {
		return nil
	}
	return s.respond(c, newModel(m))
}

// modelNotFound is an unknown model where it is the thing asked for.
func modelNotFound(err error) *Error {
	shown := &Error{
		Status: http.StatusNotFound,
		Code:   "model_not_found",
		Detail: "unknown model",
		cause:  err,
	}
	if e, ok := errors.AsType[*pricing.UnknownModelError](err); ok {
		shown.Detail = e.Error()
	}
	shown.Detail += " (GET /v1/models lists all that are known)"
	return shown
}

// getPrices handles GET /v1/prices.
//
//	@ID				getPrices
//	@Summary		Show the price table
//	@Description	Every rate with the page it was read on, the day it was read, and the day it took effect. Rates are decimal strings per million tokens; null is unknown, never zero.
//	@Tags			catalogue
//	@Produce		json
//	@Produce		application/problem+json
//	@Success		200	{object}	PriceTable
//	@Success		304	"not changed since the ETag in If-None-Match"
//	@Failure		400	{object}	Problem	"a query parameter, of which there are none"
//	@Failure		401	{object}	Problem	"no key"
//	@Failure		403	{object}	Problem	"a wrong key"
//	@Failure		429	{object}	Problem	"the caller\'s rate limit is reached"
//	@Failure		503	{object}	Problem	"no price table is loaded"
//	@Security		BearerKey
//	@Router			/v1/prices [get]
func (s *server) getPrices(c *gin.Context) error {
	if err := parseNoQuery(c.Request.URL.RawQuery); err != nil {
		return err
	}
	b, err := s.book()
	if err != nil {
		return err
	}
	if notModified(c, b) {
		return nil
	}
	return s.respond(c, newPriceTable(b))
}

// book returns the price table in force.
func (s *server) book() (*pricing.Book, error) {
	if b := s.Book(); b != nil {
		return b, nil
	}
	return nil, notReady("price_table_missing", "no price table is loaded; see the service's log")
}

// notModified answers 304 when the caller has seen this table already. What
// the catalogue answers depends on the table alone, so its hash is the ETag.
func notModified(c *gin.Context, b *pricing.Book) bool {
	tag := `"` + b.Hash() + `"`
	h := c.Writer.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache") // ask each time: a table may be replaced
	for given := range strings.SplitSeq(c.GetHeader("If-None-Match"), ",") {
		if given = strings.TrimPrefix(strings.TrimSpace(given), "W/"); given == tag || given == "*" {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return true
		}
	}
	return false
}
