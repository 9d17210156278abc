package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

// badBodies is requests that two readers could understand differently, and the
// place that the answer must name.
var badBodies = []struct{ name, body, pointer string }{
	{"a key twice", `{"model":"kimi-k2.6","model":"kimi-k2.5","messages":[{"role":"user","content":"x"}]}`, "/model"},
	{"messages twice", `{"model":"kimi-k2.6","messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"y"}]}`, "/messages"},
	{"content twice", `{"model":"kimi-k2.6","messages":[{"role":"user","content":"x","content":"y"}]}`, "/messages/0/content"},
	{"a key twice, once escaped", `{"model":"kimi-k2.6","m\u006fdel":"kimi-k2.5","messages":[{"role":"user","content":"x"}]}`, "/model"},
	{"not UTF-8", "{\"model\":\"kimi-k2.6\",\"messages\":[{\"role\":\"user\",\"content\":\"\xc3\x28\"}]}", "/messages/0/content"},
	{"a lone surrogate", `{"model":"kimi-k2.6","messages":[{"role":"user","content":"\udc00"}]}`, "/messages/0/content"},
	{"a second object", hello + hello, ""},
	{"something after it", hello + "]", ""},
	{"NUL after it", hello + "\x00", ""},
	{"a byte order mark", "\xef\xbb\xbf" + hello, ""},
	{"UTF-16", "{\x00\"\x00m\x00", ""},
	{"a comment", "/* x */" + hello, ""},
	{"a comma too many", strings.Replace(hello, "}]", "},]", 1), "/messages"},
	{"a number with a leading zero", strings.Replace(hello, `"messages"`, `"max_tokens":01,"messages"`, 1), "/max_tokens"},
	{"NaN", strings.Replace(hello, `"messages"`, `"temperature":NaN,"messages"`, 1), "/temperature"},
	{"nested too deep", strings.Replace(hello, `"messages"`, `"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`,"messages"`, 1), "/x"},
}

// odd makes requests of things that readers of JSON disagree about, and that
// are right all the same.
type odd struct{ *rand.Rand }

func (o odd) pick(from ...string) string { return from[o.IntN(len(from))] }

func (o odd) space() string { return o.pick("", "", " ", "\n", "\t\r\n ") }

// text is a JSON string, spelled with and without escapes.
func (o odd) text() string {
	var b strings.Builder
	for range o.IntN(12) {
		b.WriteString(o.pick("a", "B ", "中文", "😀", `\ud83d\ude00`, `\u4e2d`, `\/`, "/", `\n`, `\u0000`, `\u007f`, "\u007f", "\u2028", "\ufeff", "<|im_end|>", `\"`, `\\`, "\u0301", "\ufffd", "&lt;"))
	}
	return `"` + b.String() + `"`
}

func (o odd) object(members ...string) string {
	o.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + o.space() + strings.Join(members, o.space()+","+o.space()) + o.space() + "}"
}

func (o odd) content() string {
	if o.IntN(3) > 0 {
		return o.text()
	}
	var parts []string
	for range 1 + o.IntN(3) {
		parts = append(parts, o.object(`"type":"text"`, `"text":`+o.text()))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (o odd) request(n int) string {
	var messages []string
	if o.IntN(2) == 0 {
		messages = append(messages, o.object(`"role":"system"`, `"content":`+o.text()))
	}
	for range 1 + o.IntN(3) {
		messages = append(messages,
			o.object(`"role":"user"`, `"content":`+o.content()),
			o.object(`"role":"assistant"`, `"content":`+o.text(), `"reasoning_content":`+o.text()))
	}
	messages = append(messages, o.object(`"role":"user"`, fmt.Sprintf(`"content":"request %d"`, n)))
	members := []string{`"model"` + o.space() + `:"kimi-k2.6"`, `"messages":[` + strings.Join(messages, o.space()+",") + "]"}
	for _, more := range []string{`"temperature":1.0`, `"max_tokens":4096`, `"Model":"kimi-k2.5"`, `"MESSAGES":[]`, `"user":` + o.text(), `"seed":1e2`, `"max_tokns":7`} {
		if o.IntN(3) == 0 {
			members = append(members, more)
		}
	}
	return o.space() + o.object(members...) + o.space()
}

// read reads JSON with every number as it is spelled.
func read(t testing.TB, text []byte) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v map[string]any
	require.NoError(t, dec.Decode(&v), "%s", text)
	return v
}

// What is sent to the vendor is what was priced: the caller's own messages and
// model, as another reader of JSON understands them.
func TestWhatIsForwardedIsWhatWasPriced(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var sent [][]byte
	vendor := fakevendor.Start(t, fakevendor.Options{Count: func(_ string, body []byte) int64 {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, bytes.Clone(body))
		return int64(len(body))
	}})
	s := start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	for _, tt := range badBodies {
		status, answer := s.post("/v1/estimate", tt.body)
		require.Equal(t, 400, status, "%s: %s", tt.name, answer)
		var p api.Problem
		require.NoError(t, json.Unmarshal(answer, &p))
		if tt.pointer != "" {
			require.Len(t, p.Errors, 1, tt.name)
			require.True(t, strings.HasPrefix(p.Errors[0].Pointer, tt.pointer), "%s: %s", tt.name, p.Errors[0].Pointer)
		}
	}
	require.Empty(t, sent, "nothing of them is sent on")
	o := odd{rand.New(rand.NewPCG(20, 20))}
	const requests = 500
	for n := range requests {
		body := o.request(n)
		status, answer := s.post("/v1/estimate?method=vendor", body)
		require.Equal(t, 200, status, "%s\n%s", body, answer)
		var est api.Estimate
		require.NoError(t, json.Unmarshal(answer, &est))
		require.Equal(t, "miss", est.Count.Cache)
		mu.Lock()
		i := slices.IndexFunc(sent, func(b []byte) bool { return bytes.Contains(b, fmt.Appendf(nil, `"request %d"`, n)) })
		require.GreaterOrEqual(t, i, 0, "it was sent")
		last := sent[i]
		mu.Unlock()
		given, forwarded := read(t, []byte(body)), read(t, last)
		require.Equal(t, "kimi-k2.6", forwarded["model"])
		require.Equal(t, est.Model, forwarded["model"])
		require.True(t, reflect.DeepEqual(given["messages"], forwarded["messages"]), "given:\n%s\nsent:\n%s", body, last)
		require.Equal(t, 1, strings.Count(strings.ToLower(string(last)), `"model"`), "no second spelling of a key goes along: %s", last)
	}
	t.Logf("scorecard | 20 | %d bodies with a key twice, a second spelling of it by escapes, trailing data, BOM, not UTF-8, lone surrogates, comments, too deep; "+
		"%d random right ones with odd escapes, spaces, orders, unknown members and keys in another case | 400 naming the place, nothing forwarded; what is forwarded reads as what was given | "+
		"%d of %d are 400, 0 calls; %d of %d the same messages and model", len(badBodies), requests, len(badBodies), len(badBodies), requests, requests)
}
