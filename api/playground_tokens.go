package api

import (
	"fmt"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// shownText is how many bytes of a request's texts are cut into tokens: as much
// as a page can show at once without becoming slow.
const shownText = 32 << 10

// TokenTexts is where the tokens of the texts of a request begin. The tokens
// themselves, which would be the vocabulary, are not told.
type TokenTexts struct {
	Object     string      `json:"object" enums:"token_texts" example:"token_texts"`
	Vocabulary bool        `json:"vocabulary" example:"true"` // whether the service has it; without it there are no texts
	Truncated  bool        `json:"truncated" example:"false"` // only the first 32 KiB of text are cut
	Texts      []TokenText `json:"texts"`
} //@name TokenTexts

// TokenText is one text of a request.
type TokenText struct {
	Pointer string `json:"pointer" example:"/messages/0/content"` // RFC 6901
	Lengths []int  `json:"lengths" example:"5,6"`                 // of its tokens in bytes of UTF-8, from its start
} //@name TokenText

// cutTokens handles POST /playground/tokens.
//
//	@ID				cutTokens
//	@Summary		Say where the tokens of a request's messages begin
//	@Description	For showing them: the lengths in bytes of the tokens of each text, up to 32 KiB of text in all. Without the vocabulary (`tollgate vocab pull`) `vocabulary` is false and there are no texts. The count of a request is not the sum of these: see `/v1/estimate`.
//	@Tags			estimate
//	@Accept			json
//	@Produce		json
//	@Produce		application/problem+json
//	@Param			body	body		ChatRequest	true	"a chat completion request"
//	@Success		200		{object}	TokenTexts
//	@Failure		400		{object}	Problem	"the body is no chat request, or there is a query parameter"
//	@Failure		401		{object}	Problem	"no key"
//	@Failure		403		{object}	Problem	"a wrong key"
//	@Failure		408		{object}	Problem	"the body did not arrive in time"
//	@Failure		413		{object}	Problem	"the body is too large, or expands too much"
//	@Failure		415		{object}	Problem	"the body is not JSON, or compressed by something else than gzip or zstd"
//	@Failure		422		{object}	Problem	"unknown model, or a required member is missing"
//	@Failure		429		{object}	Problem	"the caller's rate limit is reached"
//	@Failure		500		{object}	Problem	"the service failed"
//	@Failure		503		{object}	Problem	"the service is overloaded, or has no price table"
//	@Security		BearerKey
//	@Router			/playground/tokens [post]
func (s *server) cutTokens(c *gin.Context) error {
	if err := parseNoQuery(c.Request.URL.RawQuery); err != nil {
		return err
	}
	book, err := s.book()
	if err != nil {
		return err
	}
	answer, err := admitted(s, c, func(req *chat.Request) (TokenTexts, error) {
		model, err := book.Model(req.Model)
		if err != nil {
			return TokenTexts{}, fmt.Errorf("find the model: %w", err)
		}
		return s.tokenTexts(req, model), nil
	})
	if err != nil {
		return fmt.Errorf("cut into tokens: %w", err)
	}
	c.Header("Cache-Control", "no-store")
	return s.respond(c, answer)
}

// tokenTexts cuts the texts of the messages of req, in their order.
func (s *server) tokenTexts(req *chat.Request, model *pricing.Model) TokenTexts {
	out := TokenTexts{Object: "token_texts", Vocabulary: s.Tokens != nil, Texts: []TokenText{}}
	if s.Tokens == nil {
		return out
	}
	left := shownText
	add := func(pointer, text string) {
		if text == "" {
			return
		}
		shown := wholeRunes(text, left)
		left -= len(shown)
		if len(shown) < len(text) {
			out.Truncated, left = true, 0
		}
		if shown != "" {
			out.Texts = append(out.Texts, TokenText{Pointer: pointer, Lengths: s.Tokens.Lengths(shown, model)})
		}
	}
	for i := range req.Messages {
		content := &req.Messages[i].Content
		pointer := fmt.Sprintf("/messages/%d/content", i)
		add(pointer, content.Text)
		for j := range content.Parts {
			add(fmt.Sprintf("%s/%d/text", pointer, j), content.Parts[j].Text)
		}
	}
	return out
}

// wholeRunes returns the start of text of at most limit bytes that ends with a
// whole character.
func wholeRunes(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
