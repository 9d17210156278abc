package redis

import (
	"crypto/hmac"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tollgate/estimator"
)

const (
	// version is of the text that a count is written as.
	version = "1"
	// maxTokens is the largest number of tokens that is believed. It is far above
	// any prompt, and what the cache in memory has room for.
	maxTokens = math.MaxUint32 - 1
	// maxValue is how many bytes of a value are read. The longest that is ours
	// has less than 300.
	maxValue = 512
	// maxParts is how many parts a count has at most: one of each.
	maxParts = 5
	// sealBytes of an HMAC tell a value that is ours from any other.
	sealBytes = 8
	// maxSkew is how far the clocks of replicas may be apart.
	maxSkew = time.Minute
)

// codec writes counts as text and reads them back.
//
// A value is a line of words: the version, the second in which the count was
// made, method, tokens, low, high ("-" for no bound), for each part
// name=tokens=method, and a seal over all that and the key, which nothing has
// that was cut off, is damaged, lies under another key or was written by
// others (by nobody who does not know the salt, if there is one).
type codec struct{ salt []byte }

// encode returns count as a value for a key, or false if it cannot be written:
// nothing may come back as another count than it was.
func (c codec) encode(key string, count estimator.Count, made time.Time) (string, bool) {
	if len(count.Gaps) > 0 || count.Provisional || !sound(count) {
		return "", false
	}
	line := text(count, made.Unix())
	return line + " " + c.seal(key, line), true
}

// decode reads a value that was found under a key.
func (c codec) decode(key, value string) (count estimator.Count, made time.Time, ok bool) {
	end := strings.LastIndexByte(value, ' ')
	if end < 0 || len(value) >= maxValue || !hmac.Equal([]byte(value[end+1:]), []byte(c.seal(key, value[:end]))) {
		return estimator.Count{}, time.Time{}, false
	}
	r := reader{words: strings.Split(value[:end], " "), ok: true}
	r.ok = r.next() == version
	seconds := r.number(math.MaxInt32 * 64)
	count = r.count()
	// What is written in another way than ours is not ours.
	if !r.ok || !sound(count) || text(count, seconds) != value[:end] {
		return estimator.Count{}, time.Time{}, false
	}
	return count, time.Unix(seconds, 0), true
}

// seal is the last word of a value.
func (c codec) seal(key, line string) string {
	return hex.EncodeToString(sum(c.salt, "value", []byte(key+" "+line))[:sealBytes])
}

// text is a value without its seal.
func text(count estimator.Count, made int64) string {
	words := []string{
		version, strconv.FormatInt(made, 10), string(count.Method),
		strconv.FormatInt(count.Tokens, 10), strconv.FormatInt(count.Low, 10), "-",
	}
	if count.High != estimator.Unbounded {
		words[5] = strconv.FormatInt(count.High, 10)
	}
	for _, p := range count.Parts {
		words = append(words, string(p.Part)+"="+strconv.FormatInt(p.Tokens, 10)+"="+string(p.Method))
	}
	return strings.Join(words, " ")
}

// reader reads the words of a value and remembers whether one was wrong.
type reader struct {
	words []string
	ok    bool
}

// next returns the next word, "" after the last.
func (r *reader) next() string {
	if len(r.words) == 0 {
		r.ok = false
		return ""
	}
	word := r.words[0]
	r.words = r.words[1:]
	return word
}

func (r *reader) number(limit int64) int64 { return r.parse(r.next(), limit) }

func (r *reader) parse(word string, limit int64) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 0 || n > limit {
		r.ok = false
	}
	return n
}

// count reads a count, which is all that is left.
func (r *reader) count() estimator.Count {
	c := estimator.Count{
		Method: estimator.Method(r.next()), Tokens: r.number(maxTokens), Low: r.number(maxTokens), High: estimator.Unbounded,
	}
	if high := r.next(); high != "-" {
		c.High = r.parse(high, maxTokens)
	}
	if len(r.words) > maxParts {
		r.ok = false
		return c
	}
	for _, word := range r.words {
		name, rest, _ := strings.Cut(word, "=")
		tokens, method, _ := strings.Cut(rest, "=")
		c.Parts = append(c.Parts, estimator.PartCount{
			Part: estimator.Part(name), Tokens: r.parse(tokens, maxTokens), Method: estimator.Method(method),
		})
	}
	return c
}

// sound reports whether a count is one that a counter may give: known names,
// numbers in range, bounds in order, and parts that add up.
func sound(c estimator.Count) bool {
	if !measured(c.Method) || !inRange(c.Tokens) || !bounded(c) || len(c.Parts) > maxParts {
		return false
	}
	var total int64
	for _, p := range c.Parts {
		if !known(p.Part) || !measured(p.Method) || !inRange(p.Tokens) {
			return false
		}
		total += p.Tokens
	}
	return len(c.Parts) == 0 || total == c.Tokens
}

// bounded reports whether the bounds of a count are in order.
func bounded(c estimator.Count) bool {
	return inRange(c.Low) && c.Low <= c.Tokens &&
		(c.High == estimator.Unbounded || inRange(c.High) && c.Low <= c.High)
}

func inRange(n int64) bool { return 0 <= n && n <= maxTokens }

func known(p estimator.Part) bool {
	return slices.Contains([]estimator.Part{
		estimator.PartSystem, estimator.PartTools, estimator.PartMessages, estimator.PartMedia, estimator.PartGenerationPrompt,
	}, p)
}

// measured reports whether m is a method of which answers are made.
func measured(m estimator.Method) bool {
	return slices.Contains([]estimator.Method{
		estimator.MethodVendor, estimator.MethodTokenizer, estimator.MethodApproximation, estimator.MethodMixed,
	}, m)
}
