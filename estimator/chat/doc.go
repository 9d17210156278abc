// Package chat sees a chat completion request once: one pass over the bytes
// gives its structure, its text, what its media headers say, and the canonical
// hash of everything a token count depends on. It sees a file of one request a
// line the same way.
//
// It knows the JSON shapes that the Kimi API accepts. It does not know models,
// prices, templates or tokens, and it judges nothing but whether the body is
// such a request.
package chat
