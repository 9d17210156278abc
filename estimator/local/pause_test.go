package local_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/local"
)

func TestACounterPausesAllAlongLongPromptsAndCountsTheSame(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	text := sentences(1, size)
	for name, contents := range map[string][]string{
		"one text":               {text},
		"many short texts":       split(text, 1000),
		"control tokens between": {strings.Join(split(text, 1000), "<|im_end|>")},
		"no white space at all":  {strings.ReplaceAll(text, " ", "")},
		"a short prompt":         {"Hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var messages []map[string]string
			length := 0
			for _, c := range contents {
				messages = append(messages, map[string]string{"role": "user", "content": c})
				length += len(c)
			}
			body, err := json.Marshal(map[string]any{"model": "kimi-k2.6", "messages": messages})
			require.NoError(t, err)
			for _, fresh := range []func(testing.TB) *local.Counter{exactCounter, approximation} {
				req, err := chat.ScanBytes(body, chat.Options{})
				require.NoError(t, err)
				want, err := fresh(t).Count(t.Context(), req, model(t, "kimi-k2.6"))
				require.NoError(t, err)
				pauses := 0
				got, err := fresh(t).Pausing(func() { pauses++ }).Count(t.Context(), req, model(t, "kimi-k2.6"))
				require.NoError(t, err)
				require.Equal(t, want, got)
				if length > size/2 {
					require.Greater(t, pauses, length>>16, "%s", want.Method)
				}
			}
		})
	}
}

// split cuts a text into parts of so many bytes.
func split(text string, size int) []string {
	var parts []string
	for len(text) > size {
		parts, text = append(parts, text[:size]), text[size:]
	}
	return append(parts, text)
}

// A pause is called for while text is counted, and hardly where it is remembered.
func TestALongTextIsCountedOnce(t *testing.T) {
	t.Parallel()
	paused := 0
	counter := approximation(t).Pausing(func() { paused++ })
	text := func(number int) string {
		return `{"role":"user","content":"` + sentences(number, 256<<10) + `"}`
	}
	pauses := func(messages ...string) int {
		paused = 0
		count(t, counter, "kimi-k2.5", `{"model":"kimi-k2.5","messages":[`+strings.Join(messages, ",")+`]}`)
		return paused
	}
	require.Greater(t, pauses(text(1)), 4)
	require.LessOrEqual(t, pauses(text(1)), 1)
	require.Greater(t, pauses(text(2)), 4)
	require.LessOrEqual(t, pauses(text(2), text(1)), 2, "in another order")
}
