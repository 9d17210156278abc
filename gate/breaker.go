package gate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tollgate/estimator"
	"tollgate/pricing"
)

// breaker finds where a prompt leaves the prefix that the baseline had.
type breaker struct {
	old    *prefix
	now    *outlined
	tokens func(string) int64 // of a stretch of text
}

// difference is the first place at which a prompt is another one.
type difference struct {
	segment  int   // index into the segments of now
	offset   int   // bytes of the segment that are the same for sure
	position int64 // tokens of the prompt before it
}

// find returns the first difference; false when the old prompt, but for its
// end, is a prefix of the new one, or the new one of the old.
func (b *breaker) find() (difference, bool) {
	var d difference
	for ; d.segment < len(b.now.segments); d.segment++ {
		s := &b.now.segments[d.segment]
		if d.segment == len(b.old.segments) || s.Part == estimator.PartGenerationPrompt {
			return d, false
		}
		old := &b.old.segments[d.segment]
		if old.Part == estimator.PartGenerationPrompt {
			return d, false // the conversation goes on
		}
		if !s.same(old) {
			break
		}
		d.position += s.Tokens
	}
	if d.segment == len(b.now.segments) {
		return d, false
	}
	text := b.now.texts[d.segment].Text
	if old := &b.old.segments[d.segment]; old.Part == b.now.segments[d.segment].Part {
		d.offset = old.agrees(text)
	}
	if d.offset > 0 {
		d.position += min(b.tokens(text[:d.offset]), b.now.segments[d.segment].Tokens)
	}
	return d, true
}

// classify says what happened at a difference. Everything it says is about
// structure; no text of the prompt is in it but the names of tools.
func (b *breaker) classify(d difference) *Break {
	s := &b.now.segments[d.segment]
	out := &Break{Part: s.Part, Message: s.Message, Position: d.position}
	if s.Message >= 0 && s.Message < len(b.now.req.Messages) {
		out.Role = b.now.req.Messages[s.Message].Role
	}
	switch {
	case s.Part == estimator.PartTools || b.old.segments[d.segment].Part == estimator.PartTools:
		b.tools(out)
	case s.Part == estimator.PartMedia:
		out.Kind, out.Detail = BreakMedia, "an image or a video is another one"
		out.Fix = "send media that every call has before media that change, or behind all text that does not"
	case b.volatile(d):
		out.Kind, out.Detail = BreakVolatile, "what stands there looks like a date, a time or a random id"
		out.Fix = "move what changes with every call to the end of the prompt, or leave it out"
	case s.Part == estimator.PartSystem:
		out.Kind, out.Detail = BreakSystem, "the system prompt is another one from there on"
		out.Fix = "nothing, if the change is meant to stay: the new text is cached after its first call"
	default:
		b.message(d, out)
	}
	return out
}

// message says what happened to the conversation.
func (b *breaker) message(d difference, out *Break) {
	s, old := &b.now.segments[d.segment], &b.old.segments[d.segment]
	later := func(list []segment, want *segment) bool {
		return slices.ContainsFunc(list, func(x segment) bool { return x.same(want) })
	}
	switch {
	case later(b.now.segments[d.segment+1:], old):
		out.Kind, out.Detail = BreakInserted, "there is a message before those that were there"
		out.Fix = "add new messages behind the old ones"
	case later(b.old.segments[d.segment+1:], s):
		out.Kind, out.Detail = BreakDropped, "messages before it are gone"
		out.Fix = "cut the history rarely and by much, not with every turn: each cut makes the rest uncached"
	default:
		out.Kind, out.Detail = BreakMessage, "the message is another one from there on"
		out.Fix = "keep what all calls share at the start of the prompt, and what differs at its end"
	}
}

// tools says what happened to the tools.
func (b *breaker) tools(out *Break) {
	out.Fix = "send the tools in one fixed order, whatever order they are registered in"
	names := make([]string, len(b.now.tools))
	for i := range b.now.req.Tools {
		if f := b.now.req.Tools[i].Function; f != nil {
			names[i] = f.Name
		}
	}
	missing := b.missing()
	for i := range b.now.tools {
		known := slices.IndexFunc(b.old.tools, func(t tool) bool { return t.Name == b.now.tools[i].Name })
		switch {
		case known < 0:
			out.Kind, out.Detail = BreakTools, fmt.Sprintf("tool %s is new", names[i])
			out.Fix = "add new tools behind the old ones; each change makes the whole prompt behind it uncached once"
			return
		case b.old.tools[known].Hash != b.now.tools[i].Hash:
			out.Kind, out.Detail = BreakTools, fmt.Sprintf("tool %s is declared in another way", names[i])
			out.Fix = "nothing, if the change is meant to stay: the new declaration is cached after its first call"
			return
		case missing == 0 && known != i:
			out.Kind = BreakToolsReordered
			out.Detail = fmt.Sprintf("the tools stand in another order, from tool %s on", names[i])
			return
		}
	}
	out.Kind, out.Detail = BreakTools, fmt.Sprintf("%d tools are gone", missing)
	if missing == 1 {
		out.Detail = "a tool is gone"
	}
	out.Fix = "nothing, if the change is meant to stay; else send the same tools with every call"
}

// missing is how many of the old tools are gone.
func (b *breaker) missing() int {
	n := 0
	for _, o := range b.old.tools {
		if !slices.ContainsFunc(b.now.tools, func(t tool) bool { return t.Name == o.Name }) {
			n++
		}
	}
	return n
}

// volatileText is what dates (2026-11-25, 2026年11月25日, 25.11.2026, November
// 25, 2026, 25 November 2026), times of day, seconds or milliseconds since
// 1970, UUIDs, hashes and object ids look like.
var volatileText = regexp.MustCompile(strings.Join([]string{
	`\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}`,
	`\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d\b`,
	`(?i)\b` + month + ` \d{1,2},? (?:19|20)\d\d\b`,
	`(?i)\b\d{1,2}\.? ` + month + ` (?:19|20)\d\d\b`,
	`\b[012]?\d:[0-5]\d(?::[0-5]\d)?\b`,
	`\b1[5-9]\d{8}(?:\d{3})?\b`,
	`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`,
	`\b[0-9a-f]{24,64}\b`,
}, "|"))

// month is the English name of a month, whole or cut.
const month = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`

// volatile reports whether the text at a difference looks like something that
// will be another with every call.
func (b *breaker) volatile(d difference) bool {
	text := b.now.texts[d.segment].Text
	reach := max(b.old.segments[d.segment].Step, leastStep)
	const around = 40 // so that a date that begins before the difference is seen whole
	from, to := max(0, d.offset-around), min(len(text), d.offset+reach+around)
	for _, m := range volatileText.FindAllStringIndex(text[from:to], -1) {
		if from+m[1] > d.offset && from+m[0] < d.offset+reach {
			return true
		}
	}
	return false
}

// otherModel is the break of a prompt that goes to another model.
func otherModel(before, now string) *Break {
	return &Break{
		Kind: BreakModel, Message: estimator.NoMessage,
		Detail: fmt.Sprintf("the model was %s and is %s; each has a cache of its own", before, now),
		Fix:    "nothing, if the change is meant to stay",
	}
}

// price says what a break costs: the tokens behind it at the rate for input
// that is not cached instead of the one for input that is.
func (br *Break) price(m *Measurement) {
	br.Lost = max(0, m.PromptTokens-br.Position)
	if g := growth(m.PromptTokens, m.PromptTokens+br.Position); g != nil {
		br.Share = *g
	}
	if m.Rates == nil || m.Rates.InputCacheMiss < m.Rates.InputCacheHit {
		return
	}
	dearer := m.Rates.InputCacheMiss - m.Rates.InputCacheHit
	if cost, err := dearer.Cost(br.Lost); err == nil {
		br.PerCall = &cost
		br.Total = times(&cost, m.Calls)
	}
}

// times is an amount so many times over; nil when it is not known or too large
// to tell.
func times(a *pricing.Amount, n int64) *pricing.Amount {
	if a == nil {
		return nil
	}
	total, err := a.Mul(n)
	if err != nil {
		return nil
	}
	return &total
}
