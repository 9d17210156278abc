// Package prompt renders a chat request as the prompt that a model's chat
// template makes of it: control tokens, texts and media, in order.
//
// It knows the templates of the Kimi models as profiles, how they declare
// tools, and where the truth about a template ends. It does not know how text
// becomes tokens, what a token costs, or whether the vendor would accept the
// request.
package prompt
