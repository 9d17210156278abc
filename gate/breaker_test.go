package gate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/gate"
)

// toolsOf is tools of these names, each with a description of its own.
func toolsOf(names ...string) string {
	list := make([]string, 0, len(names))
	for _, name := range names {
		name, description, found := strings.Cut(name, "=")
		if !found {
			description = "What " + name + " does is described here at some length."
		}
		list = append(list, fmt.Sprintf(`{"type":"function","function":{"name":%q,"description":%q,`+
			`"parameters":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}}}`, name, description))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// agent is a request of an agent: tools, a long system prompt, turns.
func agent(t *testing.T, tools, system string, turns ...string) string {
	t.Helper()
	messages := []map[string]string{{"role": "system", "content": system}}
	for i, turn := range turns {
		messages = append(messages, map[string]string{"role": []string{"user", "assistant"}[i%2], "content": turn})
	}
	list, err := json.MarshalIndent(messages, "  ", "  ")
	require.NoError(t, err)
	return fmt.Sprintf("{\n  \"model\": \"kimi-k2.6\",\n  \"tools\": %s,\n  \"messages\": %s\n}\n", tools, list)
}

func TestTheClassicWaysToLoseTheCacheAreFoundAndNamed(t *testing.T) {
	t.Parallel()
	rules := strings.Repeat("You answer in one paragraph and cite the page of the handbook. ", 40)
	tools := toolsOf("search", "read_page", "send_mail")
	before := agent(t, tools, rules+"Be kind.", "What is a toll?", "A fee.", "And a gate?")
	for _, tt := range []struct {
		name, now string
		kind      gate.BreakKind
		message   int
		detail    string
		early     bool // nothing of the prompt is kept
		tail      bool
	}{
		{
			name: "tools in another order", now: agent(t, toolsOf("search", "send_mail", "read_page"), rules+"Be kind.", "What is a toll?"),
			kind: gate.BreakToolsReordered, message: estimator.NoMessage, detail: "send_mail",
		},
		{
			name: "a new tool in front", now: agent(t, toolsOf("calendar", "search", "read_page", "send_mail"), rules+"Be kind.", "What is a toll?"),
			kind: gate.BreakTools, message: estimator.NoMessage, detail: "calendar is new",
		},
		{
			name: "a tool that is described in another way", now: agent(t, toolsOf("search=Finds.", "read_page", "send_mail"), rules+"Be kind.", "What is a toll?"),
			kind: gate.BreakTools, message: estimator.NoMessage, detail: "search is declared in another way",
		},
		{
			name: "a tool that is gone", now: agent(t, toolsOf("search", "read_page"), rules+"Be kind.", "What is a toll?"),
			kind: gate.BreakTools, message: estimator.NoMessage, detail: "a tool is gone",
		},
		{
			name: "a date at the head of the system prompt", now: agent(t, tools, "Today is 2026-11-25. "+rules+"Be kind.", "What is a toll?"),
			kind: gate.BreakVolatile, message: 0, detail: "date",
		},
		{
			name: "a time at its end", now: agent(t, tools, rules+"It is 14:05:33 now.", "What is a toll?"),
			kind: gate.BreakVolatile, message: 0, detail: "time",
		},
		{
			name: "the system prompt in other words", now: agent(t, tools, rules+"Be brief.", "What is a toll?"),
			kind: gate.BreakSystem, message: 0,
		},
		{
			name: "a message in between", now: agent(t, tools, rules+"Be kind.", "Hello.", "Hi.", "What is a toll?", "A fee.", "And a gate?"),
			kind: gate.BreakInserted, message: 1,
		},
		{
			name: "an old turn that is gone", now: agent(t, tools, rules+"Be kind.", "And a gate?"),
			kind: gate.BreakDropped, message: 1, tail: true,
		},
		{
			name: "another question at the end", now: agent(t, tools, rules+"Be kind.", "What is a toll?", "A fee.", "And a road?"),
			kind: gate.BreakMessage, message: 3, tail: true,
		},
		{
			name: "another model", now: strings.Replace(before, "kimi-k2.6", "kimi-k2.5", 1),
			kind: gate.BreakModel, message: estimator.NoMessage, early: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("calls: 1000\n"), "a.json": before})
			r.update()
			r.write("a.json", tt.now)
			c := only(t, r.report())
			require.NotNil(t, c.Break)
			require.Equal(t, tt.kind, c.Break.Kind, c.Break.Detail)
			require.Equal(t, tt.message, c.Break.Message)
			require.Contains(t, c.Break.Detail, tt.detail)
			require.NotEmpty(t, c.Break.Fix)
			require.NotContains(t, c.Break.Detail+c.Break.Fix, "handbook", "no text of the prompt")
			require.Equal(t, tt.early, c.Break.Position == 0)
			require.Equal(t, c.Now.PromptTokens, c.Break.Position+c.Break.Lost)
			require.Equal(t, tt.tail, c.Break.Tail)
			require.Positive(t, c.Break.Line)
			require.Equal(t, c.Break.Kind != gate.BreakVolatile, c.Break.Kind.Stable())

			dearer := c.Now.Rates.InputCacheMiss - c.Now.Rates.InputCacheHit
			cost, err := dearer.Cost(c.Break.Lost)
			require.NoError(t, err)
			require.Equal(t, cost, *c.Break.PerCall)
			total, err := cost.Mul(1000)
			require.NoError(t, err)
			require.Equal(t, total, *c.Break.Total)
			want := gate.Warn
			if tt.tail {
				want = gate.Pass
			}
			require.Equal(t, want, c.Outcome, "%+v", c.Notes)
		})
	}
}

func TestAConversationThatGoesOnKeepsItsCache(t *testing.T) {
	t.Parallel()
	turns := []string{"What is a toll?", "A fee.", "And a gate?", "A door.", "And both?"}
	for _, tt := range []struct{ before, now int }{{1, 3}, {3, 5}, {5, 3}, {3, 3}} {
		r := newRepo(t, map[string]string{
			"tollgate.yaml": oneCase(), "a.json": agent(t, toolsOf("search"), "Be kind.", turns[:tt.before]...),
		})
		r.update()
		r.write("a.json", agent(t, toolsOf("search"), "Be kind.", turns[:tt.now]...))
		require.Nil(t, only(t, r.report()).Break, "%+v", tt)
	}
}

func TestTheDifferenceIsFoundToA64thOfTheText(t *testing.T) {
	t.Parallel()
	words := strings.Fields(strings.Repeat("alpha beta gamma delta epsilon zeta eta theta ", 400))
	text := strings.Join(words, " ")
	for _, at := range []int{0, 1, 17, 500, 1600, 3000, len(words) - 1} {
		r := newRepo(t, map[string]string{
			"tollgate.yaml": oneCase(), "a.json": agent(t, "[]", text, "Go on."),
		})
		r.update()
		other := slices.Clone(words)
		other[at] = "omega"
		changed := strings.Join(other, " ")
		offset := len(strings.Join(words[:at], " "))
		r.write("a.json", agent(t, "[]", changed, "Go on."))
		c := only(t, r.report())
		require.Equal(t, gate.BreakSystem, c.Break.Kind)
		believed := float64(c.Break.Position) / float64(c.Now.PromptTokens)
		truth := float64(offset) / float64(len(changed))
		require.InDelta(t, truth, believed, 0.035, "word %d", at)
		require.LessOrEqual(t, believed, truth+0.005, "never later than it is")
	}
}

func TestADateInAPromptFileIsFoundOnItsLine(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("One more rule that is always the same for everybody.\n", 60)
	config := "version: 1\ncases:\n  - {id: a, prompt: user.md, system: system.md, model: kimi-k2.6}\n"
	r := newRepo(t, map[string]string{"tollgate.yaml": config, "system.md": lines + lines, "user.md": "Hello\n"})
	r.update()
	r.write("system.md", lines+"The date is 25 November 2026.\n"+lines)
	c := only(t, r.report())
	require.Equal(t, gate.BreakVolatile, c.Break.Kind)
	require.Equal(t, "system.md", c.Break.File)
	require.InDelta(t, 61, c.Break.Line, 3)
}
