package prompt_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// declared is the text that declares tools, a JSON list.
func declared(t testing.TB, family, tools string) string {
	t.Helper()
	got := render(t, family, request(t, `{"messages":[{"role":"user"}],"tools":`+tools+`}`))
	got, found := strings.CutPrefix(got, "<|im_system|>tool_declare<|im_middle|>")
	require.True(t, found)
	got, _, found = strings.Cut(got, "<|im_end|>")
	require.True(t, found)
	return got
}
