package lint_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// before and after are days around the end of kimi-k2.5.
var (
	before = time.Date(2026, 8, 30, 0, 0, 0, 0, time.UTC)
	after  = time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
)

// table is read once: reading it takes longer than all the rest.
var table = sync.OnceValues(pricing.Embedded)

func model(tb testing.TB, id string) *pricing.Model {
	tb.Helper()
	b, err := table()
	require.NoError(tb, err)
	m, err := b.Model(id)
	require.NoError(tb, err)
	return m
}

func scan(tb testing.TB, body string) *chat.Request {
	tb.Helper()
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(tb, err)
	return req
}

// with returns a request for a model whose members are members beside one
// message.
func with(id, members string) string {
	body := `{"model":"` + id + `","messages":[{"role":"user","content":"Hello"}]`
	if members != "" {
		body += "," + members
	}
	return body + "}"
}

// messages returns a request for a model with messages.
func messages(id, messages string) string {
	return `{"model":"` + id + `","messages":[` + messages + `]}`
}

// part returns a request whose message is text and one media part.
func part(id, part string) string {
	return messages(id, `{"role":"user","content":[{"type":"text","text":"What is this?"},`+part+`]}`)
}

func imagePart(url string) string {
	return `{"type":"image_url","image_url":{"url":"` + url + `"}}`
}

func data(mediaType string, content []byte) string {
	return "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// picture encodes an image of one colour.
func picture(tb testing.TB, format string, width, height int) []byte {
	tb.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	var buf bytes.Buffer
	switch format {
	case "png":
		fast := png.Encoder{CompressionLevel: png.BestSpeed}
		require.NoError(tb, fast.Encode(&buf, img))
	case "jpeg":
		require.NoError(tb, jpeg.Encode(&buf, img, nil))
	case "gif":
		require.NoError(tb, gif.Encode(&buf, img, nil))
	}
	return buf.Bytes()
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>`

func tools(n int) string {
	var b strings.Builder
	b.WriteString(`"tools":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","parameters":{"type":"object"}}}`, i)
	}
	return b.String() + "]"
}

func tool(name string) string {
	return `"tools":[{"type":"function","function":{"name":` + strconv.Quote(name) + `}}]`
}

// resolves reports whether an RFC 6901 pointer names something in a body.
func resolves(t *testing.T, body, pointer string) bool {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	if pointer == "" {
		return true
	}
	for _, key := range strings.Split(pointer, "/")[1:] {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[key]
			if !ok {
				return false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(at) {
				return false
			}
			v = at[i]
		default:
			return false
		}
	}
	return true
}

// clean is a request with something of everything and nothing to find.
func clean(tb testing.TB) string {
	tb.Helper()
	return `{"model":"kimi-k2.6","messages":[{"role":"system","content":"Be brief."},` +
		strings.Repeat(`{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"},`, 20) +
		`{"role":"user","content":[{"type":"text","text":"Look"},` + imagePart(data("image/png", picture(tb, "png", 64, 64))) + `]}],` +
		tools(16) + `,"temperature":1.0,"top_p":0.95,"n":1,"stop":["a","b"],"max_completion_tokens":20000,"thinking":{"type":"enabled"}}`
}
