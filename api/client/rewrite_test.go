package client_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api/client"
)

// A request is lowered without being otherwise changed: what goes to the vendor
// is the same object, byte for byte but for the number.
func FuzzLoweredRequests(f *testing.F) {
	for _, text := range []string{
		hello, with(`"max_tokens": 9999`), with(`"max_completion_tokens" : null , "max_tokens":1e9`), "{}", "{ }", `{"a":{"max_tokens":5}}`,
		`{"max_tokens":"a","max_tokens":9}`, `{"max_tokens":3}`, "[]", `"x"`, "{", `{"max_tokens":99999} x`, "\ufeff{}",
	} {
		f.Add(text)
	}
	const most = 42
	f.Fuzz(func(t *testing.T, text string) {
		asked := 0
		c := wired(t, func(*http.Request) (*http.Response, error) {
			if asked++; asked == 1 {
				return says(200, allowed(`"decision":"allow"`, `"decision":"allow_with_caps","caps":{"max_completion_tokens":42}`)), nil
			}
			return says(200, allowed("", "")), nil
		})
		var sent []byte
		transport := &client.Transport{
			Client: c, Budget: client.Query{MaxCost: "0.02", Currency: client.CNY}, LowerOutput: true,
			Base: wire(func(r *http.Request) (*http.Response, error) {
				var err error
				sent, err = io.ReadAll(r.Body)
				require.NoError(t, err)
				require.Equal(t, int64(len(sent)), r.ContentLength)
				return says(200, "{}"), nil
			}),
		}
		_, err := post(t, &http.Client{Transport: transport}, "http://vendor.test"+chatPath, text)
		var before, after map[string]json.RawMessage
		object := json.Unmarshal([]byte(text), &before) == nil && before != nil
		if err != nil {
			require.False(t, object, "%v", err)
			require.Nil(t, sent)
			return
		}
		if !object {
			return // what comes behind an object is the service's to refuse
		}
		require.NoError(t, json.Unmarshal(sent, &after))
		for _, name := range []string{"max_tokens", "max_completion_tokens"} {
			if value, ok := after[name]; ok {
				var n float64
				require.NoError(t, json.Unmarshal(value, &n))
				require.LessOrEqual(t, n, float64(most))
			}
			delete(before, name)
			delete(after, name)
		}
		require.Equal(t, len(before), len(after))
		for name, value := range before {
			require.True(t, bytes.Equal(value, after[name]), name)
		}
		require.LessOrEqual(t, len(sent)-len(text), len(`"max_completion_tokens":42,`)+strings.Count(text, "max_")*2)
	})
}
