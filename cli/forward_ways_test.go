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

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

// packed compresses a body.
func packed(t *testing.T, encoding, body string) string {
	t.Helper()
	var b bytes.Buffer
	switch encoding {
	case "gzip":
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(body))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	case "zstd":
		w, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		_, err = w.Write([]byte(body))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	default:
		return body
	}
	return b.String()
}

// forwards is a service and what its vendor was sent.
type forwards struct {
	*running

	mu   sync.Mutex
	sent [][]byte
}

// startForwarding starts a service whose vendor keeps what it is sent.
func startForwarding(t *testing.T) *forwards {
	t.Helper()
	f := &forwards{}
	vendor := fakevendor.Start(t, fakevendor.Options{Count: func(_ string, body []byte) int64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sent = append(f.sent, bytes.Clone(body))
		return int64(len(body))
	}})
	f.running = start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	return f
}

// with returns what was sent that has a text in it.
func (f *forwards) with(t *testing.T, text string) map[string]any {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.sent, func(b []byte) bool { return bytes.Contains(b, []byte(text)) })
	require.GreaterOrEqual(t, i, 0, "%s was sent", text)
	return read(t, f.sent[i])
}

func TestHoweverABodyComesWhatIsHashedCountedAndForwardedIsOneRequest(t *testing.T) {
	t.Parallel()
	s := startForwarding(t)
	o := odd{rand.New(rand.NewPCG(6, 20))}
	var noise strings.Builder // hardly to be compressed
	for noise.Len() < 1<<20 {
		fmt.Fprintf(&noise, "%x", o.Uint64())
	}
	member := `,"metadata":{"noise":"` + noise.String() + `"}` // is no part of a prompt
	ways := []struct{ name, encoding, padding string }{
		{"gzip", "gzip", ""},
		{"zstd", "zstd", ""},
		{"through a file", "", strings.Repeat(" ", 4<<20+1)},
		{"gzip, large", "gzip", member},
		{"zstd, large", "zstd", member},
	}
	const each = 10
	for n := range each * len(ways) {
		way := ways[n%len(ways)]
		body := o.request(n)
		end := strings.LastIndexByte(body, '}')
		sent := body[:end] + way.padding + body[end:]
		status, answer := s.postEncoded("/v1/estimate?method=vendor", way.encoding, packed(t, way.encoding, sent))
		require.Equal(t, 200, status, "%s: %s\n%s", way.name, body, answer)
		var est, plain api.Estimate
		require.NoError(t, json.Unmarshal(answer, &est))
		require.Equal(t, "miss", est.Count.Cache)
		given, forwarded := read(t, []byte(body)), s.with(t, fmt.Sprintf(`"request %d"`, n))
		require.Equal(t, est.Model, forwarded["model"])
		require.True(t, reflect.DeepEqual(given["messages"], forwarded["messages"]), "%s, given:\n%s\nsent:\n%s", way.name, body, forwarded)

		status, answer = s.post("/v1/estimate?method=vendor", body)
		require.Equal(t, 200, status, "%s", answer)
		require.NoError(t, json.Unmarshal(answer, &plain))
		require.Equal(t, est.ContentHash, plain.ContentHash, way.name)
		require.Equal(t, est.Usage, plain.Usage)
		require.Equal(t, "hit", plain.Count.Cache)
	}
	t.Logf("scorecard | 20 | %d random requests with odd escapes, spaces, orders and unknown members, by gzip, by zstd, through a file, and as they are "+
		"| one hash, one count and one call to the vendor, whose body reads as what was given | %d of %d", each*len(ways), each*len(ways), each*len(ways))
}

// What other vendors' shapes are translated into is what a Kimi client would
// have sent: it finds the same count in the cache.
func TestARequestOfAnotherShapeIsForwardedAsTheKimiRequestThatItSays(t *testing.T) {
	t.Parallel()
	s := startForwarding(t)
	o := odd{rand.New(rand.NewPCG(7, 20))}
	const each = 40
	for n := range 2 * each {
		var turns []string
		for range 1 + o.IntN(3) {
			turns = append(turns, o.object(`"role":"user"`, `"content":`+o.text()), o.object(`"role":"assistant"`, `"content":`+o.text()))
		}
		turns = append(turns, fmt.Sprintf(`{"role":"user","content":"foreign %d"}`, n))
		list := "[" + strings.Join(turns, ",") + "]"
		path, members, counted := "/v1/messages/count_tokens", []string{`"messages":` + list, `"max_tokens":9`}, "input_tokens"
		if n%2 == 1 {
			path, members = "/v1/responses/input_tokens", []string{`"input":` + list}
		}
		body := o.object(append(members, `"model":"kimi-k2.6"`)...)
		status, answer := s.post(path, body)
		require.Equal(t, 200, status, "%s\n%s", body, answer)
		number := read(t, answer)[counted]

		forwarded := s.with(t, fmt.Sprintf("foreign %d", n))
		require.Equal(t, "kimi-k2.6", forwarded["model"])
		given := read(t, []byte(`{"messages":`+list+`}`))
		require.True(t, reflect.DeepEqual(given["messages"], forwarded["messages"]), "given:\n%s\nsent:\n%s", list, forwarded)

		chat, err := json.Marshal(forwarded)
		require.NoError(t, err)
		status, answer = s.post("/v1/estimate", string(chat))
		require.Equal(t, 200, status, "%s", answer)
		var est api.Estimate
		require.NoError(t, json.Unmarshal(answer, &est))
		require.Equal(t, "hit", est.Count.Cache, "%s", body)
		require.Equal(t, json.Number(fmt.Sprint(est.Usage.PromptTokens)), number)
	}
	t.Logf("scorecard | 20 | %d random requests of Anthropic's and OpenAI's shapes | the vendor is sent what they say, and the same as a Kimi request is found in the cache with the same count "+
		"| %d of %d", 2*each, 2*each, 2*each)
}
