// Package local counts a chat request on this machine: it walks the prompt as
// the model's template renders it and adds up control tokens, media and text.
//
// It knows how counts and bounds add up to the parts of a prompt. It does not
// know templates (package prompt), or how text becomes tokens (packages
// tokenizer and approx).
package local
