package chat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"tollgate/estimator/chat"
)

func TestHashIgnoresHowARequestIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		request := anyRequest.Draw(t, "request")
		want := hashOf(t, request.plainly())
		for seed := range uint64(3) {
			body := request.wildly(seed + rapid.Uint64().Draw(t, "seed"))
			require.Equal(t, want, hashOf(t, body), "%s", body)
		}
	})
}

func TestHashIgnoresWhatCanNotChangeACount(t *testing.T) {
	t.Parallel()
	want := scan(t, hello).Hash
	for _, member := range []string{
		`"temperature":0.6`, `"top_p":0.95`, `"n":1`, `"presence_penalty":0`, `"frequency_penalty":0.0`, `"stream":true`,
		`"stream_options":{"include_usage":true}`, `"max_tokens":1`, `"max_completion_tokens":77`, `"stop":["x"]`, `"seed":1`,
		`"user":"u"`, `"metadata":{"a":"b"}`, `"logprobs":true`, `"prompt_cache_key":"k"`, `"temperature":null`,
		`"prompt_cache_options":{"ttl":"1h"}`,
	} {
		require.Equal(t, want, scan(t, with(member)).Hash, member)
	}
}

func TestHashTellsLongTextsApart(t *testing.T) {
	t.Parallel()
	of := func(role, text string) [32]byte {
		return scan(t, `{"model":"kimi-k2.6","messages":[{"role":"`+role+`","content":"`+text+`"}]}`).Hash
	}
	seen := map[[32]byte]int{}
	for _, n := range []int{4 << 10, 4<<10 - 1, 4<<10 + 1, 8 << 10, 8<<10 + 1, 200 << 10} {
		text := strings.Repeat("a", n)
		require.Equal(t, of("user", text), of("user", `\u0061`+text[1:]), "%d: an escape is no content", n)
		for _, other := range []string{text, "b" + text[1:], text[1:] + "b"} {
			seen[of("user", other)]++
		}
		seen[of("system", text)]++
	}
	require.Len(t, seen, 6*4)
}

func TestLongTextsKeepTheirDigests(t *testing.T) {
	t.Parallel()
	long := func(letter string) string { return strings.Repeat(letter, 4<<10) }
	message := func(text string) string { return `{"role":"user","content":"` + text + `"}` }
	request := func(messages ...string) string {
		return `{"model":"kimi-k2.6","messages":[` + strings.Join(messages, ",") + `]}`
	}
	for _, tt := range []struct {
		name string
		body string
		want []string
	}{
		{"short ones have none", request(message("a"), message(long("a")[1:])), nil},
		{"in their order", request(message(long("b")), message("a"), message(long("a"))), []string{long("b"), long("a")}},
		{"as they read", request(message(`\u0061` + long("a")[1:])), []string{long("a")}},
		{"only so many", request(slices.Repeat([]string{message(long("a"))}, 1025)...), slices.Repeat([]string{long("a")}, 1024)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var want []chat.TextDigest
			for _, text := range tt.want {
				want = append(want, chat.TextDigest{Text: text, Sum: blake3.Sum256([]byte(text))})
			}
			require.True(t, slices.Equal(want, scan(t, tt.body).TextDigests()))
		})
	}
}

func TestHashChangesWithAnythingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		request := anyRequest.Draw(t, "request")
		before := hashOf(t, request.plainly())
		name, changed := change(t, request)
		if !changed {
			t.Skip("nothing to change")
		}
		require.NotEqual(t, before, hashOf(t, request.plainly()), "%s: %s", name, request.plainly())
	})
}

// change makes one change in the request that the contract calls another
// request, and says which.
func change(t *rapid.T, request *tree) (name string, changed bool) {
	all := nodes(request, nil)
	pick := func(want func(*tree) bool) *tree {
		found := slices.DeleteFunc(slices.Clone(all), func(n *tree) bool { return !want(n) })
		if len(found) == 0 {
			return nil
		}
		return found[rapid.IntRange(0, len(found)-1).Draw(t, "node")]
	}
	differ := func(n *tree) bool { return len(n.members) > 1 && n.members[0].plainly() != n.members[1].plainly() }
	swap := func(n *tree) {
		n.members[0], n.members[1] = n.members[1], n.members[0]
	}
	switch name = rapid.SampledFrom([]string{"text", "elements", "keys", "number", "member", "drop"}).Draw(t, "change"); name {
	case "text": // one byte of any string
		n := pick(func(n *tree) bool { return n.kind == '"' && n.text != "" })
		i := rapid.IntRange(0, len(n.text)).Draw(t, "at")
		for i > 0 && i < len(n.text) && n.text[i]&0xc0 == 0x80 {
			i--
		}
		n.text = n.text[:i] + "~" + n.text[i:]
		return name, true
	case "elements": // order of messages, tools, parts, or elements of an array in a schema
		if n := pick(func(n *tree) bool { return n.kind == '[' && differ(n) }); n != nil {
			swap(n)
			return name, true
		}
	case "keys": // order of keys in free-form JSON
		if n := pick(func(n *tree) bool { return n.kind == 'f' && len(n.keys) > 1 }); n != nil {
			swap(n)
			n.keys[0], n.keys[1] = n.keys[1], n.keys[0]
			return name, true
		}
	case "number": // 1 against 1.0
		if n := pick(func(n *tree) bool { return n.kind == '#' && (n.text == "1" || n.text == "1.0") }); n != nil {
			n.text = map[string]string{"1": "1.0", "1.0": "1"}[n.text]
			return name, true
		}
	case "member": // one more member anywhere
		n := pick(func(n *tree) bool { return n.kind == '{' || n.kind == 'f' })
		n.keys, n.members = append(n.keys, "added"), append(n.members, num("1"))
		return name, true
	case "drop": // one member less in free-form JSON
		if n := pick(func(n *tree) bool { return n.kind == 'f' && len(n.keys) > 1 }); n != nil {
			n.keys, n.members = n.keys[1:], n.members[1:]
			return name, true
		}
	}
	return name, false
}

// nodes returns all nodes of a tree whose content is content: not the role or
// the model, for which no other value is known to be good here.
func nodes(t *tree, into []*tree) []*tree {
	into = append(into, t)
	for _, m := range t.members {
		into = nodes(m, into)
	}
	return into
}

func TestHashTellsApartWhatTokenisesDifferently(t *testing.T) {
	t.Parallel()
	schema := func(s string) string {
		return with(`"tools":[{"type":"function","function":{"name":"fun","parameters":` + s + `}}]`)
	}
	user := func(member string) string { return withMessage(`{"role":"user","content":` + member + `}`) }
	bodies := []string{
		hello,
		strings.Replace(hello, "k2.5", "k2.6", 1),
		strings.Replace(hello, "Hello", "hello", 1),
		strings.Replace(hello, "user", "system", 1),
		user(`""`), user(`null`), user(`[]`), withMessage(`{"role":"user"}`),
		user(`[{"type":"text","text":"Hello"}]`),
		user(`[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]`),
		user(`[{"type":"image_url","image_url":{"url":"` + png1x1 + `"}}]`),
		user(`[{"type":"video_url","video_url":{"url":"` + png1x1 + `"}}]`),
		user(`[{"type":"image_url","image_url":{"url":"` + png1x1[:len(png1x1)-3] + `A=="}}]`),
		withMessage(`{"role":"user","content":"Hello","name":"x"}`),
		withMessage(`{"role":"user","content":"Hello","partial":true}`),
		withMessage(`{"role":"user","content":"Hello","reasoning_content":"x"}`),
		withMessage(`{"role":"user","content":"Hello","reasoning":"x"}`),
		withMessage(`{"role":"user","content":"Hello","tool_call_id":"x"}`),
		withMessage(`{"role":"user","content":"Hello","tools":[{"type":"function"}]}`),
		withMessage(`{"role":"user","content":"Hello","tool_calls":[{"id":"x"}]}`),
		withMessage(`{"role":"user","content":"Hello","tool_calls":[{"type":"x"}]}`),
		withMessage(`{"role":"user","content":"Hello","tool_calls":[{"function":{"name":"x"}}]}`),
		withMessage(`{"role":"user","content":"Hello","tool_calls":[{"function":{"arguments":"{}"}}]}`),
		withMessage(`{"role":"user","content":"Hello","tool_calls":[{"function":{"arguments":{}}}]}`),
		withMessage(`{"role":"user","content":"Hello","x":1}`),
		withMessage(`{"role":"user","content":"Hello","x":1.0}`),
		withMessage(`{"role":"user","content":"Hello"},{"role":"user","content":"a"}`),
		withMessage(`{"role":"user","content":"a"},{"role":"user","content":"Hello"}`),
		with(`"thinking":{"type":"disabled"}`), with(`"thinking":{"type":"enabled"}`), with(`"thinking":{}`),
		with(`"thinking":{"keep":"all"}`), with(`"thinking":{"type":"enabled","keep":"all"}`),
		with(`"reasoning_effort":"low"`), with(`"tool_choice":"none"`),
		with(`"tool_choice":{"function":{"name":"none"}}`), with(`"response_format":{"type":"json_object"}`),
		with(`"something_new":true`), with(`"something_new":false`),
		schema(`{"a":1,"b":2}`), schema(`{"b":2,"a":1}`), schema(`{"a":1.0,"b":2}`), schema(`{"a":"1","b":2}`), schema(`{}`), schema(`null`),
		schema(`{"a":1e16}`), schema(`{"a":10000000000000000}`), schema(`{"a":-0}`), schema(`{"a":-0.0}`), schema(`{"a":0.0}`), schema(`{"a":1e400}`),
		with(`"tools":[{"type":"function","function":{"name":"fun","description":""}}]`),
		with(`"tools":[{"type":"function","function":{"name":"fun"}}]`),
		with(`"tools":[{"type":"function","function":{"name":"fun"}},{"type":"function","function":{"name":"gun"}}]`),
		with(`"tools":[{"type":"function","function":{"name":"gun"}},{"type":"function","function":{"name":"fun"}}]`),
	}
	seen := map[[32]byte]string{}
	for _, body := range bodies {
		h := scan(t, body).Hash
		require.Empty(t, seen[h], "the hash of %s", body)
		seen[h] = body
	}
}

func TestHashJoinsEqualFloatsAndEqualIntegers(t *testing.T) {
	t.Parallel()
	schema := func(s string) [32]byte {
		return scan(t, with(`"tools":[{"type":"function","function":{"name":"fun","parameters":{"a":`+s+`}}}]`)).Hash
	}
	for _, same := range [][]string{
		{"1.0", "1.00", "1e0", "10E-1", "0.1e+1"}, {"0", "-0"}, {"1e16", "10000000000000000.0"}, {"0.1", "0.1000000000000000055511151231257827"},
	} {
		for _, s := range same[1:] {
			require.Equal(t, schema(same[0]), schema(s), "%s and %s", same[0], s)
		}
	}
}

// The published hash of one request. It changes only together with the version
// byte: remembered counts would otherwise be taken for other requests.
func TestHashIsStable(t *testing.T) {
	t.Parallel()
	require.Equal(t, goldenHash, hexOf(scan(t, hello).Hash))
}

func hashOf(t rapid.TB, body string) [32]byte {
	req, err := chat.Scan(strings.NewReader(body), chat.Options{})
	require.NoError(t, err, "%s", body)
	return req.Hash
}
