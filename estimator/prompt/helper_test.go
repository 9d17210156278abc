package prompt_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
	"tollgate/estimator/prompt"
	"tollgate/estimator/tokenizer/kimidata"
)

// writer is a sink that spells the prompt out. Vision tokens are one pad.
type writer struct {
	strings.Builder
	vision []prompt.Vision
}

func (w *writer) Section(prompt.Section, int) {}
func (w *writer) Special(t prompt.Special)    { w.WriteString(t.String()) }
func (w *writer) Text(text string, _ bool)    { w.WriteString(text) }
func (w *writer) Media(v prompt.Vision) {
	w.WriteString("<|media_pad|>")
	w.vision = append(w.vision, v)
}

func profile(t testing.TB, family string) *prompt.Profile {
	t.Helper()
	p, ok := prompt.For(family)
	require.True(t, ok, "no profile for %s", family)
	return p
}

func render(t testing.TB, family string, req *chat.Request) string {
	t.Helper()
	var w writer
	profile(t, family).Render(req, &w)
	return w.String()
}

// request scans a chat request. The name of the model may be left out.
func request(t testing.TB, body string) *chat.Request {
	t.Helper()
	if !strings.Contains(body, `"model"`) {
		body = `{"model":"m",` + body[1:]
	}
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(t, err, body)
	return req
}

// size makes images of the given sizes of those in req, in order.
func size(req *chat.Request, sizes ...[2]int) *chat.Request {
	for i := range req.Messages {
		for j := range req.Messages[i].Content.Parts {
			if m := req.Messages[i].Content.Parts[j].Media; m != nil {
				m.Source = chat.SourceData
				m.Info = media.Info{Kind: m.Kind, Width: sizes[0][0], Height: sizes[0][1]}
				sizes = sizes[1:]
			}
		}
	}
	return req
}

// vectors reads a file of the recorded vectors, a value a line.
func vectors[T any](t *testing.T, name string) []T {
	t.Helper()
	data := kimidata.Read(t, name)
	var out []T
	for line := range bytes.Lines(data) {
		var v T
		require.NoError(t, json.Unmarshal(line, &v))
		out = append(out, v)
	}
	require.NotEmpty(t, out)
	return out
}
