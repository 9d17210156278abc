package lint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/lint"
)

// FuzzCheck holds whatever can be scanned against every model: findings are
// well made, point into the request, are bounded, and are the same each time.
func FuzzCheck(f *testing.F) {
	for _, r := range append(refusedParameters(), refusedContent(f)...) {
		if len(r.body) < 4096 {
			f.Add(r.body)
		}
	}
	f.Add(clean(f))
	f.Add(messages("m", `{"role":"user","content":[{"type":"image","image":"http://x"},{"type":"video","video":{"url":"ms://a"}},{"type":"image_url"}]}`))
	prices, err := table()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body string) {
		req, err := chat.Scan(strings.NewReader(body), chat.Options{})
		if err != nil {
			return
		}
		for _, m := range prices.Models() {
			found := lint.Check(req, m, after)
			for _, finding := range found {
				require.NotEmpty(t, finding.Code)
				require.NotEmpty(t, finding.Message)
				require.NotEmpty(t, finding.Fix)
				require.True(t, resolves(t, body, finding.Pointer), "%s: %+v", m.ID, finding)
			}
			require.Less(t, len(found), 20*3*32)
			require.Equal(t, found, lint.Check(req, m, after))
		}
	})
}
