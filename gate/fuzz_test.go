package gate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
)

// FuzzAnyTwoRequests checks that whatever stands in a file, before and now, the
// gate comes to a decision, and that its numbers add up.
func FuzzAnyTwoRequests(f *testing.F) {
	f.Add(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`, `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello 2026-11-25"}]}`)
	f.Add(`{"model":"kimi-k2.5","messages":[{"role":"system","content":"x"},{"role":"user","content":"Hello"}]}`,
		`{"model":"kimi-k2.5","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ms://a"}}]}]}`)
	f.Add(`{"model":"kimi-k3","messages":[{"role":"user","content":""}]}`, `{`)
	f.Add("\xff", `{"model":"moonshot-v1-8k","messages":[{"role":"tool","tool_call_id":"a","content":null}],"max_tokens":1}`)
	f.Fuzz(func(t *testing.T, before, now string) {
		r := newRepo(t, map[string]string{"tollgate.yaml": oneCase("cached_share: 0.5\n", "basis: expected\n"), "a.json": before})
		first := only(t, r.update())
		r.write("a.json", now)
		found := r.report()
		c := only(t, found)
		require.Equal(t, c.Outcome, found.Outcome)
		require.Equal(t, len(c.Reasons) > 0, c.Outcome == gate.Fail || c.Outcome == gate.Unmeasured)
		if c.Now == nil {
			require.NotEmpty(t, c.Reasons)
			return
		}
		require.Equal(t, first.Now != nil, c.Change != nil)
		if before == now {
			require.Equal(t, gate.Unchanged, c.State)
			require.Nil(t, c.Break)
		}
		if c.Break != nil {
			require.Equal(t, max(c.Now.PromptTokens, c.Break.Position), c.Break.Position+c.Break.Lost)
		}
		if c.Change == nil || c.Change.Cost == nil || c.Change.Causes.Prompt == nil {
			return
		}
		w := c.Change.Causes
		require.Equal(t, *c.Change.Cost, *w.Prompt+*w.Assumptions+*w.Model+*w.Price+*w.Method)
	})
}
