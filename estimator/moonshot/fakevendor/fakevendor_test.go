package fakevendor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/estimator/moonshot/fakevendor"
	"tollgate/estimator/tokenizer/kimidata"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hello    = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}]}`
	estimate = "/tokenizers/estimate-token-count"
)

// ask posts body and returns the status and the answer.
func ask(t *testing.T, url, key, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	return do(t, req, key)
}

func do(t *testing.T, req *http.Request, key string) (int, string) {
	t.Helper()
	req.Header.Set("Authorization", "Bearer "+key)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func TestTheDocumentedExampleIsEighty(t *testing.T) {
	t.Parallel()
	raw := kimidata.Read(t, "vectors.jsonl")
	v := fakevendor.Start(t, fakevendor.Options{})
	for line := range bytes.Lines(raw) {
		var vector struct {
			Kind, Field string
			Messages    json.RawMessage
			Count       int64
		}
		require.NoError(t, json.Unmarshal(line, &vector))
		if vector.Field != "data.total_tokens" || vector.Kind != "messages_count" {
			continue
		}
		status, body := ask(t, v.URL+estimate, fakevendor.Key, `{"model":"kimi-k2.5","messages":`+string(vector.Messages)+`}`)
		require.Equal(t, 200, status)
		require.JSONEq(t, fmt.Sprintf(`{"data":{"total_tokens":%d}}`, vector.Count), body)
		require.EqualValues(t, 80, vector.Count)
		return
	}
	require.Fail(t, "the documented example is not among the vectors")
}

func TestCoverageChangesTheTotal(t *testing.T) {
	t.Parallel()
	const withTool = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"}],` +
		`"tools":[{"type":"function","function":{"name":"ping","description":"Ping the server"}}]}`
	const loop = `{"model":"kimi-k2.5","messages":[{"role":"user","content":"Hello"},` +
		`{"role":"assistant","content":"Sure","reasoning_content":"ok","tool_calls":[{"id":"functions.ping:0","function":{"arguments":"{}"}}]},` +
		`{"role":"tool","tool_call_id":"functions.ping:0","content":"pong"}]}`
	for _, tt := range []struct {
		name   string
		covers fakevendor.Covers
		body   string
		total  int
	}{
		{"one word", fakevendor.Covers{}, hello, 5},
		{"with the generation prompt", fakevendor.Covers{GenerationPrompt: true}, hello, 9},
		{"tools left out", fakevendor.Covers{}, withTool, 5},
		{"tools counted", fakevendor.Covers{Tools: true}, withTool, 35},
		{"a tool's call and result", fakevendor.Covers{}, loop, 39},
		{"without the result", fakevendor.Covers{NoToolRole: true}, loop, 24},
		{"without the call", fakevendor.Covers{NoToolCalls: true}, loop, 28},
		{"without the reasoning", fakevendor.Covers{NoReasoning: true}, loop, 38},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := fakevendor.Start(t, fakevendor.Options{Covers: tt.covers})
			status, body := ask(t, v.URL+estimate, fakevendor.Key, tt.body)
			require.Equal(t, 200, status)
			require.JSONEq(t, fmt.Sprintf(`{"data":{"total_tokens":%d}}`, tt.total), body)
		})
	}
}

func TestRefusalsHaveTheVendorsShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, key, body string
		options         fakevendor.Options
		status          int
		kind            string
	}{
		{name: "no key", body: hello, status: 401, kind: "invalid_authentication_error"},
		{name: "the other platform's key", key: fakevendor.OtherPlatform, body: hello, status: 401, kind: "invalid_authentication_error"},
		{name: "not JSON", key: fakevendor.Key, body: `{`, status: 400, kind: "invalid_request_error"},
		{name: "no model", key: fakevendor.Key, body: `{"messages":[{}]}`, status: 400, kind: "invalid_request_error"},
		{name: "no messages", key: fakevendor.Key, body: `{"model":"kimi-k2.5"}`, status: 400, kind: "invalid_request_error"},
		{name: "no such model", key: fakevendor.Key, body: `{"model":"gpt","messages":[{}]}`, status: 404, kind: "resource_not_found_error"},
		{
			name: "too large", key: fakevendor.Key, body: hello, options: fakevendor.Options{MaxBody: 10},
			status: 413, kind: "invalid_request_error",
		},
		{
			name: "tools refused", key: fakevendor.Key, body: `{"model":"kimi-k2.5","messages":[{}],"tools":[{}]}`,
			options: fakevendor.Options{Covers: fakevendor.Covers{RefuseTools: true}}, status: 400, kind: "invalid_request_error",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := fakevendor.Start(t, tt.options)
			status, body := ask(t, v.URL+estimate, tt.key, tt.body)
			require.Equal(t, tt.status, status)
			var env struct {
				Error struct{ Message, Type string }
			}
			require.NoError(t, json.Unmarshal([]byte(body), &env))
			require.Equal(t, tt.kind, env.Error.Type)
			require.NotEmpty(t, env.Error.Message)
			require.Equal(t, 1, v.Estimates())
		})
	}
}

func TestNothingCanBeSpent(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	status, body := ask(t, v.URL+"/chat/completions", fakevendor.Key, hello)
	require.Equal(t, 404, status)
	require.Contains(t, body, "does not chat")
	require.Zero(t, v.Estimates())
}

func TestModelsAndBalanceNeedAKey(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Models: []string{"kimi-k2.6"}})
	for path, has := range map[string]string{"/models": `"id":"kimi-k2.6"`, "/users/me/balance": `"available_balance":49.58894`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL+path, http.NoBody)
		require.NoError(t, err)
		status, _ := do(t, req.Clone(t.Context()), "sk-wrong")
		require.Equal(t, 401, status)
		status, body := do(t, req, fakevendor.Key)
		require.Equal(t, 200, status)
		require.Contains(t, body, has)
	}
}

func TestTheAccountsLimitsHold(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	clock := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	v := fakevendor.Start(t, fakevendor.Options{RPM: 2, Now: now})
	for range 2 {
		status, _ := ask(t, v.URL+estimate, fakevendor.Key, hello)
		require.Equal(t, 200, status)
	}
	status, body := ask(t, v.URL+estimate, fakevendor.Key, hello)
	require.Equal(t, 429, status)
	require.Contains(t, body, "max RPM: 2, please try again after 60 seconds")
	mu.Lock()
	clock = clock.Add(time.Minute)
	mu.Unlock()
	status, _ = ask(t, v.URL+estimate, fakevendor.Key, hello)
	require.Equal(t, 200, status)
}

func TestConcurrencyIsLimited(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Concurrency: 1, Delay: 300 * time.Millisecond})
	codes := make(chan int, 5)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { status, _ := ask(t, v.URL+estimate, fakevendor.Key, hello); codes <- status })
	}
	wg.Wait()
	close(codes)
	seen := map[int]int{}
	for c := range codes {
		seen[c]++
	}
	require.Positive(t, seen[200])
	require.Positive(t, seen[429])
}

func TestCallsAreRecordedByContent(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Fault: fakevendor.Fault500, FaultEvery: 2})
	var codes []int
	for _, body := range []string{hello, hello, strings.Replace(hello, "Hello", "Bye", 1), hello} {
		status, _ := ask(t, v.URL+estimate, fakevendor.Key, body)
		codes = append(codes, status)
	}
	require.Equal(t, []int{200, 500, 200, 500}, codes)
	var counts []int
	for _, n := range v.PerContent() {
		counts = append(counts, n)
	}
	require.ElementsMatch(t, []int{3, 1}, counts)
	require.Equal(t, fakevendor.Fault500, v.Calls()[1].Fault)
	require.Equal(t, "kimi-k2.5", v.Calls()[0].Model)
	v.Forget()
	require.Empty(t, v.Calls())
	require.Zero(t, v.Estimates())
}
