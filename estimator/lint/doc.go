// Package lint finds in a chat request what the vendor would refuse, and what
// costs money for nothing.
//
// It knows the kinds of findings and how a request is held against the rules
// of a model, which are data of package pricing. It does not count, price,
// call anyone or read a clock, and no finding repeats text of a prompt.
package lint
