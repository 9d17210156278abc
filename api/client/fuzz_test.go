package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api/client"
)

// Whatever answers, with whatever status: there is an answer or a typed error,
// no panic, and a check that passes is a clear yes.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		"", "null", "{}", allowed("", ""), allowed(`"high":9`, `"high":null`), allowed("0.02", "1e9"), problem(422, "x"),
		`{"data":{"total_tokens":7}}`, `{"object":"list","data":[{}]}`, `{"error":{"message":"m","type":"t"}}`,
		`{"object":"lint","findings":[{}]}`, `{"object":"batch.summary","complete":true}` + "\n", `{"object":"problem"}` + "\n",
		`{"object":"estimate.comparison","data":[{"problem":{}}]}`,
	} {
		f.Add(200, "", text)
		f.Add(503, "1", text)
	}
	f.Add(301, "", "")
	f.Fuzz(func(t *testing.T, status int, retryAfter, body string) {
		c := wired(t, func(*http.Request) (*http.Response, error) { return says(status, body, "Retry-After", retryAfter), nil },
			func(o *client.Options) { o.Retries = -1 })
		for name, ask := range questions(c) {
			err := ask(t.Context())
			if err == nil {
				require.Equal(t, http.StatusOK, status, name)
				if name == "check" {
					require.Contains(t, body, "allow")
				}
				continue
			}
			_, isProblem := errors.AsType[*client.Problem](err)
			_, isAnswer := errors.AsType[*client.AnswerError](err)
			_, isDenied := errors.AsType[*client.DeniedError](err)
			require.True(t, isProblem || isAnswer || isDenied || errors.Is(err, client.ErrUnavailable), "%s: %v", name, err)
			require.NotEmpty(t, err.Error())
		}
	})
}
