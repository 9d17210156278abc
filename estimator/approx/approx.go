package approx

import (
	_ "embed"
	"math"
	"sync"

	"tollgate/estimator/approx/internal/model"
	"tollgate/estimator/tokenizer/pieces"
)

//go:embed table.bin
var table string

// Counter estimates token counts. It is safe for concurrent use.
type Counter struct {
	*shared
	family pieces.Family
}

// shared is what all counters have in common.
type shared struct {
	model *model.Model
	memos sync.Pool // of *model.Memo
}

// load reads the table, once.
var load = sync.OnceValues(read)

func read() (*shared, error) {
	m, err := model.Decode(table)
	if err != nil {
		return nil, err
	}
	return &shared{model: m, memos: sync.Pool{New: func() any { return new(model.Memo) }}}, nil
}

// New returns a counter that takes the control tokens of Kimi K2.5 for such. It
// fails only when the program was built with a damaged table.
func New() (*Counter, error) {
	return NewFamily(pieces.K25)
}

// NewFamily is [New] with the control tokens of the given family of models.
func NewFamily(family pieces.Family) (*Counter, error) {
	s, err := load()
	if err != nil {
		return nil, err
	}
	return &Counter{shared: s, family: family}, nil
}

// Tally is what is known of the token count of some text. Tallies of separate
// texts add up member by member.
type Tally struct {
	Tokens   float64 // expected tokens
	Variance float64 // of the error of Tokens
	Floor    int64   // the text can not be fewer tokens: its number of pieces
	Ceil     int64   // the text can not be more tokens: its number of bytes
}

// Add adds the tally of another text to t.
func (t *Tally) Add(other Tally) {
	t.Tokens += other.Tokens
	t.Variance += other.Variance
	t.Floor += other.Floor
	t.Ceil += other.Ceil
}

// Tally estimates one text, in time linear in its length. Literal control
// tokens in it count as one token each when specials is true.
func (c *Counter) Tally(text string, specials bool) Tally {
	return c.TallyPausing(text, specials, nil)
}

// stretch is how many bytes are counted from one pause to the next. They take
// about a tenth of a millisecond.
const stretch = 16 << 10

// TallyPausing is Tally that calls pause every 16 KiB or so, for others to have
// their turn. A nil pause is never called.
func (c *Counter) TallyPausing(text string, specials bool, pause func()) Tally {
	memo := c.memos.Get().(*model.Memo) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer c.memos.Put(memo)
	memo.Forget()
	sum := sum{memo: memo, left: stretch, pause: pause}
	chunks := pieces.NewChunks(text, pieces.KimiLimits())
	for part, ok := chunks.Next(); ok; part, ok = chunks.Next() {
		if specials {
			part = c.plain(part, &sum)
		}
		c.add(part, &sum)
	}
	return Tally{
		Tokens:   float64(sum.Tokens)/model.Unit + float64(sum.control),
		Variance: float64(sum.Variance) / model.Unit,
		Floor:    sum.pieces + sum.control,
		Ceil:     sum.bytes + sum.control,
	}
}

// sum is a tally in the making.
type sum struct {
	model.Estimate
	pieces, bytes, control int64
	memo                   *model.Memo
	left                   int    // bytes until the next pause
	pause                  func() // nil for none
}

// plain counts the control tokens of part and all text before the last of them,
// and returns the text after it.
func (c *Counter) plain(part string, sum *sum) string {
	from := 0
	for {
		s, ok := c.family.Find(part, from)
		if !ok {
			return part[from:]
		}
		c.add(part[from:s.Start], sum)
		sum.control++
		from = s.End
	}
}

// add counts text without control tokens.
func (c *Counter) add(text string, sum *sum) {
	for i := 0; i < len(text); {
		end := c.addTo(sum, text, i, min(i+sum.left, len(text)))
		if sum.left -= end - i; sum.left <= 0 {
			sum.left = stretch
			if sum.pause != nil {
				sum.pause()
			}
		}
		i = end
	}
	sum.bytes += int64(len(text))
}

// addTo counts the pieces of text that start at byte i or later and before stop,
// and returns the end of the last.
//
// Pieces of up to 16 bytes, which nearly all are, are looked up by those bytes as
// one number or two, read at once; for the last seven bytes of a text there is
// nothing to read so.
func (c *Counter) addTo(sum *sum, text string, i, stop int) int {
	for last := min(stop, len(text)-7); i < last; {
		x := model.Load8(text[i:])
		n := pieces.Word8(x)
		if n < 2 {
			end, kind := pieces.NextKind(text, i)
			n = end - i
			if n > model.Short || n == 1 || kind == pieces.Digits {
				sum.take(c.estimate(text[i:end], kind, sum.memo))
				i = end
				continue
			}
		}
		sum.take(c.model.EstimateShort(x&(1<<(8*n)-1), text[i:i+n], sum.memo))
		i += n
	}
	for i < stop {
		end := pieces.Next(text, i)
		sum.take(c.model.EstimateAny(text[i:end], sum.memo))
		i = end
	}
	return i
}

// estimate estimates a piece of any kind and any length but a short one of more
// than one byte.
func (c *Counter) estimate(piece string, kind pieces.Kind, memo *model.Memo) model.Estimate {
	switch n := len(piece); {
	case n == 1:
		return model.Estimate{Tokens: model.Unit}
	case n <= model.Long && kind != pieces.Digits:
		return c.model.EstimateLong([2]uint64{model.Load8(piece), model.Load8(piece[n-8:])}, piece, memo)
	default:
		return c.model.EstimateAny(piece, memo)
	}
}

// take adds the estimate of a piece.
func (s *sum) take(e model.Estimate) {
	s.Tokens += e.Tokens
	s.Variance += e.Variance
	s.pieces++
}

// Bounds turns a sum of tallies into whole tokens. The true count lies between
// low and high for at least 99 of 100 texts of the kinds the table was tested
// on, short ones included, and low and high keep to Floor and Ceil, which hold
// for any text.
func (c *Counter) Bounds(sum Tally) (low, tokens, high int64) {
	low, high = c.model.Bounds.Range(sum.Tokens, sum.Variance)
	low = min(max(low, sum.Floor), sum.Ceil)
	high = max(min(high, sum.Ceil), low)
	tokens = min(max(int64(math.Round(sum.Tokens)), low), high)
	return low, tokens, high
}
