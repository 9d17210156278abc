// Package pricing knows what the vendor's models cost, how long a prompt they
// take, which parameter values they accept and when they live.
//
// Prices are reviewed data: one YAML record a model, every figure with the page
// it was read on and the days it was read and took effect. Money is exact
// integer arithmetic. What is not known is an error, never zero and never
// another model's or another currency's number.
//
// It knows nothing of HTTP, of chat requests, of tokenizers, or of how a number
// of tokens was found; it reads no clock and fetches nothing.
package pricing
