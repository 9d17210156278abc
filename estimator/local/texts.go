package local

import (
	"tollgate/estimator"
	"tollgate/estimator/approx"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/pieces"
)

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
	// Tally counts one text that is tokenised by itself. Literal control tokens
	// in it count as one token each when specials is true. Long ones are paused in
	// now and then, where pause is not nil.
	Tally(text string, specials bool, pause func()) Tally
	// Bounds turns a sum of tallies into whole numbers of tokens that hold the
	// truth between low and high.
	Bounds(sum Tally) (low, tokens, high int64)
}

// add adds the tally of another text.
func (t *Tally) add(u Tally) {
	t.Tokens += u.Tokens
	t.Variance += u.Variance
	t.Floor += u.Floor
	t.Ceil += u.Ceil
}

// certain is the tally of a text whose count is known.
func certain(tokens int64) Tally {
	return Tally{Tokens: float64(tokens), Floor: tokens, Ceil: tokens}
}

// NewTokenizer returns a counter over the real vocabulary.
func NewTokenizer(t *tokenizer.Tokenizer) *Counter {
	return newCounter(estimator.MethodTokenizer, "kimi-bpe-1", func(f pieces.Family) (Texts, error) {
		return exact{t.For(f)}, nil
	})
}

// NewApproximation returns a counter over the embedded table. It fails only
// when the program was built with a damaged table.
func NewApproximation() (*Counter, error) {
	var failed error
	c := newCounter(estimator.MethodApproximation, approx.Version, func(f pieces.Family) (Texts, error) {
		counter, err := approx.NewFamily(f)
		if err != nil {
			failed = err
		}
		return approximate{counter}, err
	})
	return c, failed
}

// exact counts with the real vocabulary.
type exact struct{ *tokenizer.Tokenizer }

// Tally returns the number of tokens of text.
func (e exact) Tally(text string, specials bool, pause func()) Tally {
	return certain(e.CountPausing(text, specials, pause))
}

// Bounds returns the sum: there is nothing to bound.
func (exact) Bounds(sum Tally) (low, tokens, high int64) {
	return sum.Floor, sum.Floor, sum.Floor
}

// approximate counts with the embedded table.
type approximate struct{ counter *approx.Counter }

// Tally returns the expected number of tokens of text.
func (a approximate) Tally(text string, specials bool, pause func()) Tally {
	if tokens, ok := templateWord(text); ok {
		return certain(tokens)
	}
	return Tally(a.counter.TallyPausing(text, specials, pause))
}

// Bounds returns what the table was measured to keep to.
func (a approximate) Bounds(sum Tally) (low, tokens, high int64) {
	if sum.Floor == sum.Ceil {
		return sum.Floor, sum.Floor, sum.Floor
	}
	return a.counter.Bounds(approx.Tally(sum))
}

// templateWord returns the tokens of the words that every template says, so
// that what is the same in all prompts is not approximated. The numbers are
// those of the published prompts of Kimi K2.5, where a message costs three
// tokens beside its content and an end.
func templateWord(text string) (int64, bool) {
	switch text {
	case "system", "user", "assistant", "tool", "image", "video":
		return 1, true
	case "tool_declare":
		return 3, true
	}
	return 0, false
}
