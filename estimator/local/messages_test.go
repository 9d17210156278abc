package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/estimator/local"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/pricing"
)

// conversation is a chat of so many turns, a question and an answer each, with
// about 500 tokens a turn.
func conversation(t testing.TB, turns int) *chat.Request {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"model":"kimi-k2.5","messages":[{"role":"system","content":"You are a helpful assistant."}`)
	for i := range turns {
		topic := fmt.Sprintf("chapter %d, verse %d, of the handbook for careful readers ", i, i*7)
		fmt.Fprintf(&b, `,{"role":"user","content":%q},{"role":"assistant","content":%q}`,
			strings.Repeat("Please explain "+topic, 10), strings.Repeat("It says in "+topic, 20))
	}
	b.WriteString(`]}`)
	req, err := chat.Scan(strings.NewReader(b.String()), chat.Options{})
	require.NoError(t, err)
	return req
}

func TestMessagesAddUpToTheirParts(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, c *local.Counter) {
		t.Helper()
		req := conversation(t, 3)
		whole, err := c.Count(t.Context(), req, model(t, "kimi-k2.5"))
		require.NoError(t, err)
		each, err := c.Messages(t.Context(), req, model(t, "kimi-k2.5"))
		require.NoError(t, err)
		require.Len(t, each, len(req.Messages))
		var sum, want int64
		for _, n := range each {
			require.Positive(t, n)
			sum += n
		}
		for _, p := range whole.Parts {
			if p.Part == estimator.PartSystem || p.Part == estimator.PartMessages {
				want += p.Tokens
			}
		}
		require.InDelta(t, want, sum, 0.5*float64(len(each)), "but for rounding")
	}
	t.Run("with the vocabulary", func(t *testing.T) {
		t.Parallel()
		check(t, exactCounter(t))
	})
	t.Run("without it", func(t *testing.T) {
		t.Parallel()
		check(t, approximation(t))
	})
}

// What is remembered must be what would be counted.
func TestACountFromMemoryIsTheSame(t *testing.T) {
	t.Parallel()
	remembering := approximation(t)
	for turns := range 8 {
		req := conversation(t, turns+1)
		got, err := remembering.Count(t.Context(), req, model(t, "kimi-k2.5"))
		require.NoError(t, err)
		fresh, err := approximation(t).Count(t.Context(), req, model(t, "kimi-k2.5"))
		require.NoError(t, err)
		require.Equal(t, fresh, got)
	}
}

// Long texts are found by a digest that the request has of them, in whatever
// order they come, or without it.
func TestLongTextsAreRememberedInAnyOrder(t *testing.T) {
	t.Parallel()
	remembering := approximation(t)
	texts := make([]string, 24)
	for i := range texts {
		texts[i] = sentences(i, 4<<10+i)
	}
	request := func(texts []string) string {
		var messages []string
		for _, text := range texts {
			messages = append(messages, `{"role":"user","content":"`+text+`"}`)
		}
		return `{"model":"kimi-k2.5","messages":[` + strings.Join(messages, ",") + `]}`
	}
	backwards := slices.Clone(texts)
	slices.Reverse(backwards)
	for _, tt := range []struct {
		name  string
		texts []string
	}{
		{"for the first time", texts},
		{"again", texts},
		{"backwards", backwards},
		{"one twice", append(texts[:3:3], texts[0])},
		{"one that is new, and as long", append(texts[:3:3], sentences(99, len(texts[3])))},
	} {
		got := count(t, remembering, "kimi-k2.5", request(tt.texts))
		require.Equal(t, count(t, approximation(t), "kimi-k2.5", request(tt.texts)), got, tt.name)
	}
}

// BenchmarkAgentLoop counts a conversation of 200 turns and about 100,000
// tokens for the first time, and the same with one turn more when all but that
// turn was counted before.
func BenchmarkAgentLoop(b *testing.B) {
	first, next := conversation(b, 200), conversation(b, 201)
	k25 := model(b, "kimi-k2.5")
	for _, bb := range []struct {
		name string
		new  func(testing.TB) func() *local.Counter // makes counters that remember nothing yet
	}{
		{"method=approximation", func(b testing.TB) func() *local.Counter {
			return func() *local.Counter { return approximation(b) }
		}},
		{"method=tokenizer", func(b testing.TB) func() *local.Counter {
			tok, err := tokenizer.Open(kimidata.File(b, tokenizer.FileName))
			require.NoError(b, err)
			return func() *local.Counter { return local.NewTokenizer(tok) }
		}},
	} {
		b.Run(bb.name+"/count=first", func(b *testing.B) {
			fresh := bb.new(b)
			for b.Loop() {
				b.StopTimer()
				c := fresh()
				b.StartTimer()
				countAll(b, c, first, k25)
			}
		})
		b.Run(bb.name+"/count=one-more-turn", func(b *testing.B) {
			fresh := bb.new(b)
			for b.Loop() {
				b.StopTimer()
				c := fresh()
				countAll(b, c, first, k25)
				b.StartTimer()
				countAll(b, c, next, k25)
			}
		})
	}
}

func countAll(b *testing.B, c *local.Counter, req *chat.Request, m *pricing.Model) {
	b.Helper()
	if n, err := c.Count(b.Context(), req, m); err != nil || n.Tokens < 90_000 {
		b.Fatal(n, err)
	}
}
