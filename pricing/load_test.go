package pricing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/pricing"
)

// book returns the embedded table.
func book(tb testing.TB) *pricing.Book {
	tb.Helper()
	b, err := pricing.Embedded()
	require.NoError(tb, err)
	return b
}

func TestEmbeddedTableHasEveryModelOfTheVendor(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, m := range book(t).Models() {
		ids = append(ids, m.ID)
	}
	require.Equal(t, []string{
		"kimi-k2-0711-preview", "kimi-k2-0905-preview", "kimi-k2-thinking", "kimi-k2-thinking-turbo",
		"kimi-k2-turbo-preview", "kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code", "kimi-k2.7-code-highspeed",
		"kimi-k3", "kimi-k3.1-pro", "kimi-k3.1-pro-highspeed", "kimi-latest", "kimi-thinking-preview",
		"moonshot-v1-128k", "moonshot-v1-128k-vision-preview", "moonshot-v1-32k",
		"moonshot-v1-32k-vision-preview", "moonshot-v1-8k", "moonshot-v1-8k-vision-preview",
		"moonshot-v1-auto",
	}, ids)
}
