package chat_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/estimator/chat"
)

func TestARequestForAnotherModelIsTheOneThatNamesIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := anyRequest.Draw(t, "request").plainly()
		req, err := chat.Scan(strings.NewReader(body), chat.Options{})
		require.NoError(t, err)
		before := req.Hash
		require.Equal(t, before, req.For(req.Model).Hash)
		other := req.For("another-model")
		require.Equal(t, "another-model", other.Model)
		require.NotEqual(t, before, other.Hash)
		require.Equal(t, before, other.For(req.Model).Hash)
		require.Equal(t, before, req.Hash, "the request itself is not changed")
	})
}

func TestARequestMayNameNoModelWhereAnyWillDo(t *testing.T) {
	t.Parallel()
	const rest = `"messages":[{"role":"user","content":"Hello"}]}`
	want := scan(t, `{"model":"kimi-k3",`+rest).Hash
	for _, body := range []string{"{" + rest, `{"model":"",` + rest, `{"model":null,` + rest, `{"model":"kimi-k2.5",` + rest} {
		req, err := chat.Scan(strings.NewReader(body), chat.Options{AnyModel: true})
		require.NoError(t, err, body)
		require.Equal(t, want, req.For("kimi-k3").Hash, body)
	}
	for _, body := range []string{`{"model":7,` + rest, `{"model":"kimi-k3"}`, "{}"} {
		_, err := chat.Scan(strings.NewReader(body), chat.Options{AnyModel: true})
		require.Error(t, err, body)
	}
	_, err := chat.Scan(strings.NewReader("{"+rest), chat.Options{})
	require.ErrorContains(t, err, "model is required")
}

func TestAKeptRequestForwardsTheSameForAnotherModel(t *testing.T) {
	t.Parallel()
	req, err := chat.Scan(strings.NewReader(hello), chat.Options{Keep: true})
	require.NoError(t, err)
	want, _ := req.VendorBody("kimi-k3", true)
	got, ok := req.For("kimi-k3").VendorBody("kimi-k3", true)
	require.True(t, ok)
	require.Equal(t, want, got)
}
