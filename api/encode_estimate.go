package api

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"tollgate/estimator"
	"tollgate/estimator/lint"
	"tollgate/pricing"
)

// estimateRoom is the room that an estimate is given to begin with, in bytes.
// One without findings takes 1,300.
const estimateRoom = 2 << 10

// respondEstimate answers 200 with est: with the bytes of encode(newEstimate(est)),
// in a tenth of the time and without its wire types.
func (s *server) respondEstimate(c *gin.Context, est *estimator.Estimate) error {
	buf := newBuffer()
	defer recycle(buf)
	buf.Grow(estimateRoom)
	buf.Write(append(appendEstimate(buf.AvailableBuffer(), est), '\n'))
	s.send(c, http.StatusOK, mediaTypeJSON, buf.Bytes())
	return nil
}

// appendEstimate appends the JSON of newEstimate(e), byte for byte. The wire
// types are what the document publishes and what a test holds this against.
func appendEstimate(b []byte, e *estimator.Estimate) []byte {
	b = append(b, `{"object":"estimate","model":`...)
	b = appendString(b, e.Model.ID)
	b = append(b, `,"content_hash":"sha256:`...)
	b = hex.AppendEncode(b, e.Hash[:])
	b = appendInt(b, `","usage":{"prompt_tokens":`, e.Usage.PromptTokens)
	b = appendInt(b, `,"completion_tokens":`, e.Usage.CompletionTokens)
	b = appendInt(b, `,"total_tokens":`, e.Usage.TotalTokens)
	b = appendInt(b, `,"cached_tokens":`, e.Usage.CachedTokens)
	b = appendInt(b, `,"prompt_tokens_details":{"cached_tokens":`, e.Usage.CachedTokens)
	b = append(b, `}},"count":`...)
	b = appendCount(b, e)
	b = appendInt(b, `,"context":{"length":`, e.Context.Length)
	b = appendInt(b, `,"headroom":`, e.Context.Headroom)
	b = appendInt(b, `,"headroom_after_completion":`, e.Context.HeadroomAfterCompletion)
	b = appendInt(b, `,"max_completion_tokens":`, e.Context.MaxCompletionTokens)
	b = append(b, `,"fits":`...)
	b = strconv.AppendBool(b, e.Context.Fits)
	b = append(b, `},"cost":`...)
	b = appendCost(b, &e.Cost)
	b = appendInt(b, `,"rate_limit_tokens":`, e.RateLimitTokens)
	b = append(b, `,"price":`...)
	b = appendPrice(b, e.Price)
	b = append(b, `,"verdict":`...)
	b = appendVerdict(b, &e.Verdict)
	b = append(b, `,"findings":`...)
	b = appendFindings(b, e.Findings)
	return append(b, '}')
}

// appendCount appends the count of an estimate.
func appendCount(b []byte, e *estimator.Estimate) []byte {
	b = append(b, `{"method":`...)
	b = appendName(b, string(e.Count.Method))
	b = appendInt(b, `,"low":`, e.Count.Low)
	if e.Count.High == estimator.Unbounded {
		b = append(b, `,"high":null`...)
	} else {
		b = appendInt(b, `,"high":`, e.Count.High)
	}
	b = append(b, `,"cache":`...)
	b = appendName(b, string(e.Cache))
	b = append(b, `,"parts":[`...)
	for i, p := range e.Count.Parts {
		b = appendComma(b, i)
		b = append(b, `{"part":`...)
		b = appendName(b, string(p.Part))
		b = appendInt(b, `,"tokens":`, p.Tokens)
		b = append(b, `,"method":`...)
		b = append(appendName(b, string(p.Method)), '}')
	}
	b = append(b, ']')
	if len(e.Messages) > 0 {
		b = append(b, `,"messages":[`...)
		for i, tokens := range e.Messages {
			b = appendComma(b, i)
			b = appendInt(b, `{"index":`, int64(i))
			b = appendInt(b, `,"tokens":`, tokens)
			b = append(b, `,"method":`...)
			b = append(appendName(b, string(e.MessagesMethod)), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendCost appends a cost.
func appendCost(b []byte, c *estimator.Cost) []byte {
	b = append(b, `{"currency":`...)
	b = appendName(b, string(c.Currency))
	b = append(b, `,"lines":[`...)
	for i := range c.Lines {
		l := &c.Lines[i]
		b = appendComma(b, i)
		b = append(b, `{"item":`...)
		b = appendName(b, string(l.Item))
		b = appendInt(b, `,"tokens":`, l.Tokens)
		b = append(b, `,"per_million":"`...)
		b, _ = l.PerMillion.AppendText(b) // never fails
		b = append(b, `","amount":`...)
		b = append(appendMoney(b, &l.Amount), '}')
	}
	b = append(b, `],"expected":`...)
	b = appendMoney(b, c.Expected)
	b = append(b, `,"low":`...)
	b = appendMoney(b, c.Low)
	b = append(b, `,"high":`...)
	return append(appendMoney(b, c.High), '}')
}

// appendPrice appends where a price comes from.
func appendPrice(b []byte, p *estimator.PriceSource) []byte {
	if p == nil {
		return append(b, `null`...)
	}
	b = append(b, `{"effective_from":"`...)
	b = appendDay(b, p.EffectiveFrom)
	b = append(b, `","source":`...)
	b = appendString(b, p.Source)
	b = append(b, `,"checked":"`...)
	b = appendDay(b, p.Checked)
	b = append(b, `","table":`...)
	b = appendName(b, p.Table)
	if p.BatchFactor != "" {
		b = append(b, `,"batch_factor":`...)
		b = appendString(b, p.BatchFactor)
	}
	return append(b, '}')
}

// appendVerdict appends a verdict.
func appendVerdict(b []byte, v *estimator.Verdict) []byte {
	b = append(b, `{"decision":`...)
	b = appendName(b, string(v.Decision))
	b = append(b, `,"reasons":[`...)
	for i := range v.Reasons {
		r := &v.Reasons[i]
		b = appendComma(b, i)
		b = append(b, `{"code":`...)
		b = appendName(b, string(r.Code))
		b = append(b, `,"limit":`...)
		b = appendQuantity(b, r.Limit)
		b = append(b, `,"actual":`...)
		b = appendQuantity(b, r.Actual)
		b = append(b, `,"shortfall":`...)
		b = appendQuantity(b, r.Shortfall)
		b = append(b, `,"message":`...)
		b = append(appendString(b, r.Message), '}')
	}
	b = append(b, ']')
	if v.Caps != nil {
		b = appendInt(b, `,"caps":{"max_completion_tokens":`, v.Caps.MaxCompletionTokens)
		b = append(b, `,"binding":`...)
		b = append(appendName(b, string(v.Caps.Binding)), '}')
	}
	return append(b, '}')
}

// appendFindings appends findings; none are an empty list.
func appendFindings(b []byte, found []lint.Finding) []byte {
	b = append(b, '[')
	for i := range found {
		f := &found[i]
		b = appendComma(b, i)
		b = append(b, `{"code":`...)
		b = appendName(b, string(f.Code))
		b = append(b, `,"severity":`...)
		b = appendName(b, string(f.Severity))
		b = append(b, `,"pointer":`...)
		b = appendString(b, f.Pointer)
		b = append(b, `,"message":`...)
		b = appendString(b, f.Message)
		b = append(b, `,"fix":`...)
		b = append(appendString(b, f.Fix), '}')
	}
	return append(b, ']')
}

// appendQuantity appends what quantity says of q.
func appendQuantity(b []byte, q *estimator.Quantity) []byte {
	switch {
	case q == nil:
		return append(b, `null`...)
	case q.Money:
		return appendMoney(b, &q.Amount)
	default:
		return strconv.AppendInt(b, q.Tokens, 10)
	}
}

// appendMoney appends an amount as a string, null if it is unknown.
func appendMoney(b []byte, a *pricing.Amount) []byte {
	if a == nil {
		return append(b, `null`...)
	}
	b = append(b, '"')
	b, _ = a.AppendText(b) // never fails
	return append(b, '"')
}

// appendInt appends what stands before a number, and the number.
func appendInt(b []byte, before string, n int64) []byte {
	return strconv.AppendInt(append(b, before...), n, 10)
}

// appendComma appends what stands before an element that is not the first.
func appendComma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}

// appendDay appends the day of a moment as [time.DateOnly] has it, in a tenth of
// the time.
func appendDay(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, time.DateOnly)
	}
	two := func(n int) (tens, ones byte) { return byte('0' + n/10), byte('0' + n%10) } //nolint:gosec // digits
	c, d := two(year / 100)
	y, z := two(year % 100)
	m, n := two(int(month))
	e, f := two(day)
	return append(b, c, d, y, z, '-', m, n, '-', e, f)
}

// appendName appends one of our own names, none of which has to be escaped.
func appendName(b []byte, name string) []byte {
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"')
}

// appendString appends a string as encoding/json does. Nearly all there are
// have nothing to escape but quotes; what has more is left to encoding/json.
func appendString(b []byte, s string) []byte {
	start, from := len(b), 0
	b = append(b, '"')
	for i := asWritten(s, 0); i < len(s); i = asWritten(s, i+1) {
		if c := s[i]; c != '"' && c != '\\' {
			return append(b[:start], escaped(s)...)
		}
		b = append(append(b, s[from:i]...), '\\')
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// asWritten returns the index of the first byte of s from i on that JSON may not
// have as it is, or that is not ASCII; len(s) if there is none.
//
// It looks at eight at a time. With the high bit of each set, nothing that is
// taken from one borrows from the next, and the bit is gone where more was taken
// than there was: a control character has less than 0x20. XOR makes a zero of what
// is looked for, and of a zero one cannot be taken. DEL is left to the slow way.
func asWritten(s string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
		above := (x | high) - 0x20*ones
		quote := (x ^ '"'*ones | high) - ones
		slash := (x ^ '\\'*ones | high) - ones
		del := (x ^ 0x7f*ones | high) - ones
		if x&high != 0 || above&quote&slash&del&high != high {
			break
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] <= '~' && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// escaped is a string as encoding/json writes it.
func escaped(s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string never fails
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
