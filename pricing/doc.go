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
//
// # Changing a price
//
// Give the price in data/<id>.yaml that ends an effective_until, and put a new
// one after it with the same currency, the effective_from of that day, the
// source page and the day it was read. The date is the first day on which the
// old price no longer holds, in UTC. Rates are in quotes, per million tokens,
// digit for digit as the page has them. If sources disagree, the note says
// which was taken and why. If a figure is not known, leave it out.
package pricing
