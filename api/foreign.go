package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"tollgate/api/foreign"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// Paths of other vendors' counting endpoints. All under them, errors included,
// has those vendors' shapes.
const (
	anthropicPath = "/v1/messages/count_tokens"
	openaiPath    = "/v1/responses/input_tokens"
)

// countAnthropic handles POST /v1/messages/count_tokens.
//
//	@ID				countAnthropic
//	@Summary		Count tokens for a client of Anthropic's API
//	@Description	The body is what Anthropic's count_tokens takes: `model` (a Kimi id), `messages` with blocks of text, image (base64), tool_use, tool_result and thinking, `system`, `tools` with an `input_schema`, `tool_choice`, `thinking`. It is translated into a Kimi chat request and counted as that.
//	@Description	The number is the whole prompt with the generation prompt: what the vendor would bill as input, the same as `usage.prompt_tokens` of `POST /v1/estimate`. What has no counterpart in a Kimi request is an error that names it, and so is what can only be bounded, an image behind an address, say. Parameters that are no part of a prompt are passed over. A last message of the assistant is taken as the beginning of the answer.
//	@Description	Errors have Anthropic's shape. Where the service has keys, one is taken from `x-api-key` or `Authorization`.
//	@Tags			foreign
//	@Accept			json
//	@Produce		json
//	@Param			body	body		AnthropicRequest	true	"a request of Anthropic's Messages API for a Kimi model"
//	@Success		200		{object}	AnthropicCount
//	@Failure		400		{object}	AnthropicProblem	"the body is no such request, or has something without a counterpart"
//	@Failure		401		{object}	AnthropicProblem	"no key"
//	@Failure		403		{object}	AnthropicProblem	"a wrong key"
//	@Failure		404		{object}	AnthropicProblem	"unknown model; the known ones are named"
//	@Failure		408		{object}	AnthropicProblem	"the body did not arrive in time"
//	@Failure		413		{object}	AnthropicProblem	"the body is too large, or expands too much"
//	@Failure		415		{object}	AnthropicProblem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		429		{object}	AnthropicProblem	"the caller's rate limit is reached"
//	@Failure		500		{object}	AnthropicProblem	"the service failed"
//	@Failure		503		{object}	AnthropicProblem	"the service is overloaded"
//	@Security		BearerKey
//	@Router			/v1/messages/count_tokens [post]
func (s *server) countAnthropic(c *gin.Context) error {
	n, err := s.countForeign(c, foreign.Anthropic)
	if err != nil {
		return err
	}
	return s.respond(c, AnthropicCount{InputTokens: n})
}

// countOpenAI handles POST /v1/responses/input_tokens.
//
//	@ID				countOpenAI
//	@Summary		Count tokens for a client of OpenAI's Responses API
//	@Description	The body is what OpenAI's input_tokens takes: `model` (a Kimi id), `input` as a string or as items (message, function_call, function_call_output, reasoning), `instructions`, `tools` of type function, `tool_choice`, `text.format`, `reasoning.effort`. It is translated into a Kimi chat request and counted as that.
//	@Description	The number is the whole prompt with the generation prompt: what the vendor would bill as input, the same as `usage.prompt_tokens` of `POST /v1/estimate`. What has no counterpart in a Kimi request is an error that names it, and so is what can only be bounded: a stored conversation, say, or an image behind an address. Parameters that are no part of a prompt are passed over.
//	@Description	Errors have OpenAI's shape.
//	@Tags			foreign
//	@Accept			json
//	@Produce		json
//	@Param			body	body		OpenAIRequest	true	"a request of OpenAI's Responses API for a Kimi model"
//	@Success		200		{object}	OpenAICount
//	@Failure		400		{object}	OpenAIProblem	"the body is no such request, or has something without a counterpart"
//	@Failure		401		{object}	OpenAIProblem	"no key"
//	@Failure		403		{object}	OpenAIProblem	"a wrong key"
//	@Failure		404		{object}	OpenAIProblem	"unknown model; the known ones are named"
//	@Failure		408		{object}	OpenAIProblem	"the body did not arrive in time"
//	@Failure		413		{object}	OpenAIProblem	"the body is too large, or expands too much"
//	@Failure		415		{object}	OpenAIProblem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		429		{object}	OpenAIProblem	"the caller's rate limit is reached"
//	@Failure		500		{object}	OpenAIProblem	"the service failed"
//	@Failure		503		{object}	OpenAIProblem	"the service is overloaded"
//	@Security		BearerKey
//	@Router			/v1/responses/input_tokens [post]
func (s *server) countOpenAI(c *gin.Context) error {
	n, err := s.countForeign(c, foreign.OpenAI)
	if err != nil {
		return err
	}
	return s.respond(c, OpenAICount{Object: "response.input_tokens", InputTokens: n})
}

// countForeign counts the prompt of a request of another vendor's shape. Query
// parameters are ignored, as those vendors ignore them.
func (s *server) countForeign(c *gin.Context, translate func([]byte) (*foreign.Request, error)) (int64, error) {
	a := s.newAdmission(c)
	a.translate = translate
	est, err := admittedAs(a, func(req *chat.Request) (*estimator.Estimate, error) {
		return s.wholePrompt(c.Request.Context(), req)
	})
	translated, scanned := errors.AsType[*chat.Error](err)
	switch {
	case scanned: // where that is in the body is not known
		return 0, &foreign.Error{Detail: "translated into a Kimi request: " + translated.Detail}
	case errors.Is(err, pricing.ErrUnknownModel):
		return 0, s.namingTheKnown(err)
	case err != nil:
		return 0, fmt.Errorf("count: %w", err)
	}
	callOf(c).Estimate = est
	c.Header("Cache-Control", "no-store")
	return est.Usage.PromptTokens, nil
}

// wholePrompt estimates req, unless a part of it can only be bounded: the
// answer is one number and has no place to say so.
func (s *server) wholePrompt(ctx context.Context, req *chat.Request) (*estimator.Estimate, error) {
	est, err := s.Estimator.Estimate(ctx, req, estimator.Query{})
	if err != nil {
		return nil, err
	}
	for _, gap := range est.Count.Gaps {
		if gap.Uncounted {
			gap.Pointer = "" // it is into the translation
			return nil, &estimator.UncountableError{Gap: gap}
		}
	}
	if est.Count.High == estimator.Unbounded {
		return nil, &estimator.UncountableError{Gap: estimator.Gap{Reason: "nothing bounds it"}}
	}
	return est, nil
}

// namingTheKnown is the error for a model that is not known, to a caller whose
// tool knows other vendors' models.
func (s *server) namingTheKnown(err error) error {
	shown := asError(err)
	book, none := s.book()
	if none != nil {
		return none
	}
	shown.Status = http.StatusNotFound
	shown.Detail = "unknown model; model must be the id of a Kimi model: " + strings.Join(currentModels(book, s.Now()), ", ") +
		" (GET /v1/models lists the retired ones, too)"
	return shown
}

// showForeignError is what is wrong with a body that can not be translated.
func showForeignError(e *foreign.Error) *Error {
	return &Error{
		Status: http.StatusBadRequest,
		Code:   "body_untranslatable",
		Detail: e.Error(),
		Fields: []Field{{Pointer: e.Pointer, Detail: e.Detail}},
	}
}

// readForeign reads a body of another vendor's shape and puts in its place the
// chat request that it says. What is wrong with the one is told of the other.
func (a *admission) readForeign() error {
	body, err := a.readAll()
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	elements := min(bytes.Count(body, []byte("{")), foreign.MaxElements)
	if err := a.reserve(int64(elements) * foreign.ElementSize); err != nil {
		return err
	}
	req, err := a.translate(body)
	if err != nil {
		return fmt.Errorf("translate the body: %w", err)
	}
	a.in = req.NewReader()
	return nil
}

// readAll reads the rest of the body, and charges for what it holds as it comes.
func (a *admission) readAll() ([]byte, error) {
	const first = 16 << 10
	var body []byte
	for {
		if len(body) == cap(body) {
			more := max(first, cap(body))
			if err := a.reserve(int64(more)); err != nil {
				return nil, err
			}
			body = append(make([]byte, 0, cap(body)+more), body...)
		}
		n, err := a.in.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
