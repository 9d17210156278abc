// Package foreign translates the bodies of other vendors' token counting
// endpoints into Kimi chat completion requests: bytes in, bytes out.
//
// It knows the shapes of Anthropic's Messages API and of OpenAI's Responses
// API, as their SDKs of 2026 send them. It does not know models, tokens or
// HTTP, and it judges nothing but whether a body can be said as a Kimi request:
// what has no counterpart there is an error that names it, and never left out.
// Parameters that steer how a model answers and are no part of a prompt are
// passed over.
//
// Texts, images and schemas are not copied: the request that is returned refers
// to the body.
//
// Sources: https://platform.claude.com/docs/en/api/messages-count-tokens and
// https://platform.openai.com/docs/api-reference/responses/input-tokens.
package foreign
