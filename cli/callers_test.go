package cli_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// caller is a client with an address of its own on the loopback network.
func caller(t testing.TB, address string) *http.Client {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// ask posts hello with headers, given as names and values, and returns the
// status, the header and the answer.
func (s *running) ask(client *http.Client, path string, headers ...string) (int, http.Header, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+path, strings.NewReader(hello))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, resp.Header, string(answer)
}

func TestAKeyOpensAndItsLimitHoldsWhateverHeadersSay(t *testing.T) {
	t.Parallel()
	s := start(t, "TOLLGATE_API_KEYS=first-key,second-key", "TOLLGATE_RATE_LIMIT=0.01")
	client := caller(t, "127.0.0.1")
	status, header, answer := s.ask(client, "/v1/estimate")
	require.Equal(t, 401, status)
	require.NotEmpty(t, header.Get("WWW-Authenticate"))
	require.Equal(t, "application/problem+json", header.Get("Content-Type"))
	require.Contains(t, answer, `"key_missing"`)
	status, _, _ = s.ask(caller(t, "127.0.0.2"), "/v1/estimate", "Authorization", "Bearer wrong-key")
	require.Equal(t, 403, status)

	passed, limited := 0, 0
	for i := range 200 {
		status, header, _ := s.ask(client, "/v1/estimate", "Authorization", "Bearer first-key",
			"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-Ip", fmt.Sprintf("203.0.113.%d", i), "Forwarded", fmt.Sprintf("for=203.0.113.%d", i))
		if status == 200 {
			passed++
			continue
		}
		require.Equal(t, 429, status)
		require.Regexp(t, `^([1-9][0-9]?|100)$`, header.Get("Retry-After"))
		limited++
	}
	require.Less(t, passed, 100, "one, and one more for each 100 seconds that this takes")
	status, _, _ = s.ask(client, "/v1/estimate", "Authorization", "Bearer second-key")
	require.Equal(t, 200, status, "another key has a limit of its own")
	t.Logf("scorecard | 33 | no key, a wrong key, 200 requests with one key at TOLLGATE_RATE_LIMIT=0.01 under 200 forged X-Forwarded-For, X-Real-Ip and Forwarded; "+
		"another key | 401, 403; one passes and the rest 429 with Retry-After; 200. Keys are compared by digest in constant time | 401, 403; %d passed, %d got 429; 200", passed, limited)
}

func TestWithoutKeysTheLimitIsThatOfTheConnection(t *testing.T) {
	t.Parallel()
	if conn, err := (&net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP("127.0.0.2")}}).Dial("udp", "127.0.0.1:9"); err != nil {
		t.Skip("127.0.0.2 is no address of this machine")
	} else {
		_ = conn.Close()
	}
	s := start(t, "TOLLGATE_RATE_LIMIT=0.01")
	began := time.Now()
	for _, address := range []string{"127.0.0.2", "127.0.0.3"} {
		client := caller(t, address)
		statuses := map[int]int{}
		for i := range 20 {
			status, _, answer := s.ask(client, "/v1/tokenizers/estimate-token-count", "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
			statuses[status]++
			if status == 429 {
				require.Contains(t, answer, `"type":"rate_limit_reached_error"`)
				require.NotContains(t, answer, "instance", "the vendor's shape")
			}
			client.CloseIdleConnections() // another connection is no other caller
		}
		if time.Since(began) < 90*time.Second {
			require.Equal(t, map[int]int{200: 1, 429: 19}, statuses, address)
		}
	}
	require.Equal(t, 200, s.status("/healthz"), "probes are not limited")
}

func TestTheRateLimitIsANumberOrOff(t *testing.T) {
	t.Parallel()
	for value, code := range map[string]int{
		"off": 0, "1": 0, "0.5": 0, "1000000": 0, "1e3": 0,
		"0": 2, "-1": 2, "NaN": 2, "Inf": 2, "1e9": 2, "0.0001": 2, "10/s": 2, "ten": 2,
	} {
		r := run(t, hello, map[string]string{"TOLLGATE_RATE_LIMIT": value}, "estimate")
		require.Equal(t, code, r.code, "%s: %s", value, r.stderr)
		require.Equal(t, code != 0, strings.Contains(r.stderr, "TOLLGATE_RATE_LIMIT"), value)
	}
}
