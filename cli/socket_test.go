package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dial opens a connection to the service.
func (s *running) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return conn
}

// answers sends bytes as they are, and reads so many answers.
func (s *running) answers(t testing.TB, sent string, n int, halfClosed bool) (statuses []int, last string) {
	t.Helper()
	conn := s.dial(t)
	go func() {
		_, _ = io.WriteString(conn, sent)
		if tcp, ok := conn.(*net.TCPConn); ok && halfClosed {
			_ = tcp.CloseWrite()
		}
	}()
	r := bufio.NewReader(conn)
	for range n {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return statuses, last
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		statuses, last = append(statuses, resp.StatusCode), string(body)
	}
	return statuses, last
}

// post is the head of a request with a body, with more lines.
func post(lines ...string) string {
	return "POST /v1/estimate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// sized is a request whose length is said.
func sized(body string) string { return post(fmt.Sprint("Content-Length: ", len(body))) + body }

// chunked is a request in chunks.
func chunked(body string) string {
	return post("Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

func TestALyingOrOversizedBodyIsRefusedWithinTheLimit(t *testing.T) {
	const limit = 1 << 20
	s := start(t, fmt.Sprint("TOLLGATE_MAX_BODY_BYTES=", limit))
	over := hello + strings.Repeat(" ", limit+1-len(hello))
	cases := []struct {
		name, sent string
		halfClosed bool
		want       []int
		code       string
	}{
		{"the limit itself", sized(over[:limit]), false, []int{200}, ""},
		{"one byte more, announced and not sent", post(fmt.Sprint("Content-Length: ", limit+1)), false, []int{413}, "body_too_large"},
		{"one byte more in chunks", chunked(over), false, []int{413}, "body_too_large"},
		{"chunks without end", post("Transfer-Encoding: chunked") + strings.Repeat("8000\r\n"+strings.Repeat(" ", 0x8000)+"\r\n", 64), false, []int{413}, "body_too_large"},
		{"less than announced", post("Content-Length: 1000") + hello, true, []int{400}, "body_cut_short"},
		{"more than announced", post(fmt.Sprint("Content-Length: ", len(hello)-1)) + hello + "\r\n\r\n", false, []int{400, 400}, ""},
		{"a broken chunk", post("Transfer-Encoding: chunked") + "zz\r\n" + hello, false, []int{400}, "body_cut_short"},
		{"two lengths", post("Content-Length: 5", "Content-Length: 6") + hello, false, []int{400}, ""},
		{"a negative length", post("Content-Length: -5"), false, []int{400}, ""},
		{"a length and chunks: the chunks count", strings.Replace(chunked(hello), "Host: x", "Host: x\r\nContent-Length: 5", 1), false, []int{200}, ""},
		{"no host", strings.Replace(sized(hello), "Host: x\r\n", "", 1), false, []int{400}, ""},
		{"a header of 200 KB", post("X-Long: "+strings.Repeat("a", 200<<10), "Content-Length: 0"), false, []int{431}, ""},
		{"two requests in one go", sized(hello) + chunked(hello), false, []int{200, 200}, ""},
		{"a caller who has said all and listens", sized(hello), true, []int{200}, ""},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got, last := s.answers(t, tt.sent, len(tt.want), tt.halfClosed)
			require.Equal(t, tt.want, got, "%.200s", last)
			require.Contains(t, last, tt.code)
		})
	}
	require.Less(t, s.peak(t), int64(256<<20))
	scorecard(t, "18", "limit+1 by length and in chunks, chunks without end, lengths that lie, two lengths, broken chunks, no host, 200 KB of headers, pipelining, half-closed",
		"413, 400 or 431; 200 where nothing is wrong", fmt.Sprintf("%d cases as expected, VmHWM %d MB", len(cases), s.peak(t)>>20))
}

func TestNothingACallerSendsMakesALineOfTheLog(t *testing.T) {
	t.Parallel()
	s := start(t)
	ids := []string{
		"x\r\n{\"msg\":\"forged\"}", "a\nforged: b", "\x1b[31mred\x1b[0m", "\xff\xfe", strings.Repeat("i", 1<<20), "forged\u2028line", "",
	}
	for _, id := range ids {
		_, _ = s.answers(t, strings.Replace(sized(hello), "Host: x", "Host: x\r\nX-Request-Id: "+id+"\r\nTraceparent: "+id, 1), 1, false)
	}
	require.Equal(t, 404, s.status("/%0a%7b%22msg%22:%22forged%22%7d?x=%0aforged"))
	require.Equal(t, 200, s.status("/healthz"))
	s.term()
	require.Equal(t, 0, s.stopped())
	events := 0
	for line := range strings.Lines(s.log.String()) {
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &event), "%q", line)
		require.Less(t, len(line), 4<<10)
		require.NotContains(t, line, "forged")
		require.NotContains(t, line, "\x1b")
		if event["msg"] == "request" {
			events++
		}
	}
	scorecard(t, "26", "CR LF, ESC, 1 MB and bytes that are not UTF-8 as request id and traceparent; line feeds in a path",
		"every line of the log is one JSON event of our own", fmt.Sprintf("%d events of requests, none forged", events))
}
