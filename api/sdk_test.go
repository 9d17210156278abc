//go:build clients

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// callersKey is the key that the SDKs send.
const callersKey = "sdk-test-key"

// serving starts the real binary and returns where it answers.
func serving(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "tollgate")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, stop := context.WithCancel(context.Background())
	service := exec.CommandContext(ctx, binary, "serve")
	service.Env = []string{
		"HOME=" + t.TempDir(), "TOLLGATE_ADDR=" + addr, "TOLLGATE_API_KEYS=" + callersKey, "TOLLGATE_DRAIN_DELAY=0s",
	}
	var log bytes.Buffer
	service.Stderr = &log
	service.Cancel = func() error { return service.Process.Signal(os.Interrupt) }
	require.NoError(t, service.Start())
	t.Cleanup(func() {
		stop()
		_ = service.Wait()
		require.NotContains(t, log.String(), `"level":"ERROR"`)
		require.NotContains(t, log.String(), callersKey)
	})
	url := "http://" + addr
	require.Eventually(t, func() bool { return ask(t, url+"/readyz", "") != nil }, 20*time.Second, 50*time.Millisecond)
	return url
}

// ask returns what a running service answers with 200, else nil.
func ask(t *testing.T, url, body string) []byte {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+callersKey)
	r.Close = true
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil
	}
	return answer
}

// sdkCall is what a call of an SDK answered or threw.
type sdkCall struct {
	Answer struct {
		Object      string `json:"object"`
		InputTokens int64  `json:"input_tokens"`
		Data        struct {
			TotalTokens int64 `json:"total_tokens"`
		} `json:"data"`
	} `json:"answer"`
	Thrown  string `json:"thrown"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	Type    string `json:"type"`
}

// calls installs the SDKs as they are locked, and runs the script.
func calls(t *testing.T, url string) map[string]sdkCall {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/sdk")))
	for _, args := range [][]string{{"npm", "ci", "--ignore-scripts"}, {"node", "count.mjs", url, callersKey}} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		require.NoError(t, err, "%s: %s%s", args, out, said.String())
		if args[0] == "node" {
			t.Logf("%s", out)
			var results map[string]sdkCall
			require.NoError(t, json.Unmarshal(out, &results))
			return results
		}
	}
	return nil
}

func TestTheOfficialSDKsCountWithTollgate(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		require.Empty(t, os.Getenv("CI"), "npm is not installed")
		t.Skip("npm is not installed")
	}
	url := serving(t)
	got := calls(t, url)

	prompt := func(body string) int64 {
		var est struct {
			Usage struct {
				PromptTokens int64 `json:"prompt_tokens"`
			} `json:"usage"`
		}
		require.NoError(t, json.Unmarshal(ask(t, url+"/v1/estimate", body), &est))
		require.Positive(t, est.Usage.PromptTokens)
		return est.Usage.PromptTokens
	}
	example := func(name string) string {
		raw, err := os.ReadFile("../openapi/examples/createEstimate/" + name + ".json")
		require.NoError(t, err)
		var e struct {
			Body json.RawMessage `json:"body"`
		}
		require.NoError(t, json.Unmarshal(raw, &e))
		return string(e.Body)
	}
	text := prompt(example("basic"))
	require.Equal(t, text, got["anthropic_text"].Answer.InputTokens)
	require.Equal(t, text, got["openai_text"].Answer.InputTokens)
	require.Equal(t, "response.input_tokens", got["openai_text"].Answer.Object)
	require.Equal(t, prompt(example("image")), got["anthropic_image"].Answer.InputTokens)
	require.Equal(t, got["anthropic_image"].Answer.InputTokens, got["openai_image"].Answer.InputTokens)
	loop := got["anthropic_loop"].Answer.InputTokens
	require.Greater(t, loop, int64(60))
	require.Equal(t, loop, got["openai_loop"].Answer.InputTokens)
	require.Equal(t, text-4, got["vendor_path"].Answer.Data.TotalTokens, "it leaves the generation prompt out")

	for name, want := range map[string]sdkCall{
		"anthropic_unknown_model":   {Thrown: "NotFoundError", Status: 404, Type: "not_found_error"},
		"anthropic_document":        {Thrown: "BadRequestError", Status: 400, Type: "invalid_request_error"},
		"anthropic_wrong_key":       {Thrown: "PermissionDeniedError", Status: 403, Type: "permission_error"},
		"openai_unknown_model":      {Thrown: "NotFoundError", Status: 404, Type: "invalid_request_error"},
		"openai_stored":             {Thrown: "BadRequestError", Status: 400, Type: "invalid_request_error"},
		"openai_wrong_key":          {Thrown: "PermissionDeniedError", Status: 403, Type: "invalid_request_error"},
		"vendor_path_unknown_model": {Thrown: "NotFoundError", Status: 404, Type: "resource_not_found_error"},
	} {
		call := got[name]
		require.NotEmpty(t, call.Message, name)
		call.Message, want.Message = "", ""
		require.Equal(t, want, call, name)
	}
}
