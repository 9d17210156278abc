package local

import "tollgate/estimator"

// Tally is what is known of the token count of some text. Tallies of separate
// texts add up member by member.
type Tally struct {
	Tokens   float64 // expected tokens
	Variance float64 // of the error of Tokens; 0 when the count is exact
	Floor    int64   // the text can not be fewer tokens
	Ceil     int64   // the text can not be more tokens
}

// Texts counts the tokens of text. Implementations are safe for concurrent
// use.
type Texts interface {
	// Tally counts one text that stands between two control tokens. Literal
	// control tokens in it count as one token each when specials is true.
	Tally(text string, specials bool) Tally
	// Bounds turns a sum of tallies into whole numbers of tokens that hold the
	// truth between low and high.
	Bounds(sum Tally) (low, tokens, high int64)
	Method() estimator.Method
	Version() string
}
