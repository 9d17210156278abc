package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// forbidden listens and counts who connects. Nobody should.
func forbidden(t testing.TB) (port string, connections *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	connections = &atomic.Int64{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port, connections
}

// bodiesWith is requests that name an address wherever a request could.
func bodiesWith(t testing.TB, address string) []string {
	t.Helper()
	quoted, err := json.Marshal(address)
	require.NoError(t, err)
	var bodies []string
	for _, part := range []string{
		`{"type":"image_url","image_url":{"url":%s}}`, `{"type":"image_url","image_url":%s}`, `{"type":"video_url","video_url":{"url":%s}}`,
		`{"type":"image","image":%s}`, `{"type":"file","file":{"url":%s}}`, `{"type":"input_audio","input_audio":{"url":%s}}`, `{"type":"text","text":%s}`,
	} {
		bodies = append(bodies, `{"model":"kimi-k2.6","messages":[{"role":"user","content":[`+fmt.Sprintf(part, quoted)+`]}]}`)
	}
	for _, member := range []string{"base_url", "api_base", "endpoint", "callback_url", "webhook", "proxy", "user", "$ref"} {
		bodies = append(bodies, fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}],"%s":%s}`, member, quoted))
	}
	return append(bodies,
		fmt.Sprintf(`{"model":%s,"messages":[{"role":"user","content":"Hello"}]}`, quoted),
		fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"$ref":%s}}}]}`, quoted))
}

// tollgate fetches nothing that a request names: not for a media part, not as
// a proxy, not because the vendor redirects it.
func TestNoAddressInARequestIsEverFetched(t *testing.T) {
	t.Parallel()
	port, connections := forbidden(t)
	vendor := fakevendor.Start(t, fakevendor.Options{RedirectTo: "http://127.0.0.1:" + port})
	services := []*running{start(t), start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)}
	hosts := []string{"127.0.0.1", "localhost", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "127.1", "0.0.0.0"}
	requests := 0
	for _, s := range services {
		for _, host := range hosts {
			for _, scheme := range []string{"http", "https", "ftp", "file"} {
				address := scheme + "://" + host + ":" + port + "/canary.png"
				for _, body := range bodiesWith(t, address) {
					for _, path := range []string{"/v1/estimate", "/v1/lint"} {
						_, _ = s.post(path, body)
						requests++
					}
				}
				_ = s.get("/swagger/index.html?url=" + url.QueryEscape(address) + "&configUrl=" + url.QueryEscape(address))
				requests++
			}
			for _, line := range []string{"GET http://%s/ HTTP/1.1", "POST http://%s/v1/estimate HTTP/1.1", "CONNECT %s HTTP/1.1"} {
				raw(t, s, fmt.Sprintf(line, host+":"+port)+"\r\nHost: "+host+":"+port+"\r\nX-Forwarded-Host: "+host+":"+port+"\r\nConnection: close\r\n\r\n")
				requests++
			}
		}
	}
	before := vendor.Estimates()
	vendor.Set(func(o *fakevendor.Options) { o.Fault = fakevendor.FaultRedirect })
	for i := range 5 {
		_, _ = services[1].post("/v1/estimate?method=vendor", strings.Replace(hello, "Hello", fmt.Sprint("redirected ", i), 1))
		requests++
	}
	require.Greater(t, vendor.Estimates(), before, "the vendor did redirect")
	require.Zero(t, connections.Load())
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	_ = conn.Close()
	require.Eventually(t, func() bool { return connections.Load() == 1 }, 5*time.Second, time.Millisecond, "and it would have been seen")
	t.Logf("scorecard | 24 | %d requests that name a listener on loopback under %d spellings as media, base URL, model, tool reference, Swagger ?url=, "+
		"proxy request, CONNECT, with and without a vendor; a vendor that redirects there | nothing of a request is ever fetched: the listener sees no connection | 0 connections",
		requests, len(hosts))
}

// raw sends bytes on a connection of their own and returns what comes back
// until it ends.
func raw(t testing.TB, s *running, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	go func() { _, _ = io.WriteString(conn, request) }() // may be cut off
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\r\n", resp.Status)
	_ = resp.Header.Write(&b)
	return b.String() + "\r\n" + string(answer)
}
