package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

const files, callers = 200, 104 // connections that 200 descriptors leave

func TestConnectionsThatSayNothingShutNobodyOut(t *testing.T) {
	t.Parallel()
	s := startWithFiles(t, files)
	require.Contains(t, s.log.String(), "few file descriptors")
	require.Contains(t, s.log.String(), fmt.Sprintf(`"connections":%d`, callers))
	conns := make([]net.Conn, 2*callers)
	for i := range conns {
		conns[i] = s.dial(t)
		if i%2 == 0 { // the others have not even begun
			_, _ = io.WriteString(conns[i], "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		}
		if i%20 == 0 {
			require.Equal(t, 200, s.status("/healthz"), "after %d connections", i)
		}
	}
	began := time.Now()
	status, _ := s.post("/v1/estimate", hello)
	require.Equal(t, 200, status)
	first := bufio.NewReader(conns[0])
	_, err := first.ReadByte()
	require.Error(t, err, "the one that was quiet for the longest time made room")
	require.Contains(t, s.log.String(), "too many connections")
	t.Logf("%d connections at a limit of %d: a request took %s", len(conns), callers, time.Since(began))
}

func TestAConnectionThatIsBeingAnsweredIsNotClosedForAnother(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 2 * time.Second})
	s := startWithFiles(t, files, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	busy := make([]net.Conn, callers)
	for i := range busy {
		busy[i] = s.dial(t)
		_, err := io.WriteString(busy[i], sized(hello))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return vendor.Estimates() > 0 }, 10*time.Second, 10*time.Millisecond)
	time.Sleep(200 * time.Millisecond) // all of them are being answered
	refused := s.dial(t)
	_, _ = io.WriteString(refused, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(refused), nil)
	if err == nil { // else it was reset before it could read
		_ = resp.Body.Close()
		require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	}
	for _, conn := range busy {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, 200, resp.StatusCode)
	}
	require.Equal(t, 200, s.status("/healthz"))
}

func TestABodyThatStandsStillMakesRoom(t *testing.T) {
	t.Parallel()
	s := startWithFiles(t, files)
	for range callers {
		conn := s.dial(t)
		_, err := io.WriteString(conn, post("Content-Length: 100000")+hello[:10])
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return s.status("/healthz") == 200 }, 10*time.Second, 20*time.Millisecond)
}
