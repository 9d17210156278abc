package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheCommandServesOnLoopbackUntilItIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"-addr", "127.0.0.1:0", "-fault", "503"}, w); _ = w.Close() }()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	base, _, _ := strings.Cut(strings.TrimPrefix(line, "MOONSHOT_BASE_URL="), " ")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/tokenizers/estimate-token-count", strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sk-fake-right-platform")
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)

	cancel()
	line, err = lines.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "1 counting calls")
	require.NoError(t, <-done)
}

func TestTheCommandRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"a fault nobody wrote":  {"-fault", "418"},
		"part of a fault":       {"-fault", "429"},
		"an address for others": {"-addr", "0.0.0.0:8099"},
		"no host":               {"-addr", ":8099"},
		"a name":                {"-addr", "example.com:80"},
		"an unknown flag":       {"-bogus"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, run(t.Context(), args, io.Discard))
		})
	}
}
