package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// hello is a small valid request.
const hello = `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`

// program builds tollgate, once, and returns where it is.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tollgate-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tollgate")
	out, err := exec.Command("go", "build", "-o", path, "tollgate").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// running is a service in a process of its own.
type running struct {
	t    testing.TB
	cmd  *exec.Cmd
	log  *output
	url  string
	exit chan error
}

// output is written by a process and read by a test.
type output struct {
	mu    sync.Mutex
	b     bytes.Buffer
	terse bool // requests that went well are not kept
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.terse && bytes.Contains(b, []byte(`"level":"INFO","msg":"request"`)) {
		return len(b), nil
	}
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs the service on a free port with environment variables, and waits
// until it listens.
func start(t testing.TB, env ...string) *running {
	t.Helper()
	return startLogging(t, &output{}, env...)
}

// startLogging is start with the log given.
func startLogging(t testing.TB, log *output, env ...string) *running {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	return startCommand(t, log, exec.Command(path, "serve"), env...)
}

// startWithFiles runs the service with a limit of descriptors.
func startWithFiles(t testing.TB, files int, env ...string) *running {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	return startCommand(t, &output{}, exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" serve`, files), path), env...)
}

// startCommand runs a command that becomes the service, and logs to log.
func startCommand(t testing.TB, log *output, cmd *exec.Cmd, env ...string) *running {
	t.Helper()
	s := &running{t: t, cmd: cmd, log: log, exit: make(chan error, 1)}
	s.cmd.Env = append([]string{"HOME=" + t.TempDir(), "TOLLGATE_ADDR=127.0.0.1:0", "TOLLGATE_DRAIN_DELAY=0s"}, env...)
	s.cmd.Stderr = s.log
	require.NoError(t, s.cmd.Start())
	go func() { s.exit <- s.cmd.Wait() }()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	require.Eventually(t, func() bool { s.url = listening(s.log.String()); return s.url != "" },
		10*time.Second, 5*time.Millisecond, "no word of listening in: %s", s.log)
	return s
}

// listening returns the address that a log says the service listens on.
func listening(log string) string {
	for line := range strings.Lines(log) {
		var event struct{ Msg, Addr string }
		if json.Unmarshal([]byte(line), &event) == nil && event.Msg == "listening" {
			return "http://" + event.Addr
		}
		if _, text, ok := strings.Cut(line, "msg=listening addr="); ok { // the other format
			addr, _, _ := strings.Cut(text, " ")
			return "http://" + addr
		}
	}
	return ""
}

// post posts a body and returns the status and the answer.
func (s *running) post(path, body string) (int, []byte) {
	s.t.Helper()
	return s.postEncoded(path, "", body)
}

// postEncoded is post of a body that is compressed.
func (s *running) postEncoded(path, encoding, body string) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, answer
}

// status returns the status of a GET, 0 when nobody answers.
func (s *running) status(path string) int {
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	require.NoError(s.t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// stopped waits for the process to end and returns its exit code.
func (s *running) stopped() int {
	s.t.Helper()
	select {
	case <-s.exit:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		require.Fail(s.t, "the service does not stop", "%s", s.log)
		return -1
	}
}

// term tells the service to stop.
func (s *running) term() {
	require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGTERM))
}

// get returns what a GET answers.
func (s *running) get(path string) string {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return string(answer)
}
