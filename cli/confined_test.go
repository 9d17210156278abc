//go:build attack

package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// confine makes a control group with a limit of memory, and returns its
// directory.
func confine(t *testing.T, limit int64) string {
	t.Helper()
	for _, kind := range []struct{ root, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, // version 1
		{"/sys/fs/cgroup", "memory.max"},
	} {
		dir := filepath.Join(kind.root, fmt.Sprintf("tollgate-test-%d", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			require.Eventually(t, func() bool { return os.Remove(dir) == nil }, 10*time.Second, 10*time.Millisecond)
		})
		if os.WriteFile(filepath.Join(dir, kind.limit), []byte(strconv.FormatInt(limit, 10)), 0o600) == nil {
			return dir
		}
	}
	t.Skip("no control group of memory can be made here; that takes root and a writable /sys/fs/cgroup")
	return ""
}

// most is the most memory that a control group has had, the kernel's own
// included, and how often it was at its limit.
func most(t *testing.T, dir string) (peak int64, full string) {
	t.Helper()
	for _, name := range []string{"memory.max_usage_in_bytes", "memory.peak"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			peak, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			require.NoError(t, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "memory.failcnt")); err == nil {
		full = strings.TrimSpace(string(text))
	}
	return peak, full
}

func TestWithin128MBSixteenBodiesKillNothing(t *testing.T) {
	path, err := program()
	require.NoError(t, err)
	const limit, size = 128 << 20, 8 << 20
	dir := confine(t, limit)
	s := startCommand(t, &output{}, exec.Command("sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$1" serve`, dir, path),
		"TOLLGATE_MEMORY_BYTES=33554432", "TOLLGATE_MAX_BODY_BYTES=8388608", "TOLLGATE_CACHE_ENTRIES=50000", "GOMEMLIMIT=96MiB")
	// It has to end before the group can go.
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); <-s.exit })
	text := words(1 << 20)
	stop := make(chan struct{})
	var small sync.WaitGroup
	var ok int
	var bad map[int]int
	small.Go(func() { ok, bad, _ = s.probe(stop) })
	client := &http.Client{Timeout: 100 * time.Second, Transport: &http.Transport{ExpectContinueTimeout: 30 * time.Second}}
	statuses := map[int]int{}
	var mu sync.Mutex
	began := time.Now()
	var wg sync.WaitGroup
	for i := range 16 {
		length := int64(size)
		if i%2 == 1 {
			length = -1
		}
		wg.Go(func() {
			for time.Since(began) < 5*time.Second {
				before := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%d `, numbers.Add(1))
				o := s.send(t.Context(), client, large(before, text, `"}]}`, size), length)
				mu.Lock()
				statuses[o.status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	close(stop)
	small.Wait()
	peak, full := most(t, dir)
	scorecard(t, "16 memory", "16 senders of 8 MB texts for 5 s in a control group of 128 MB, bodies 32 MB, GOMEMLIMIT=96MiB",
		"each 200 or 503, nothing killed, small requests all answered",
		fmt.Sprintf("%v, %d small requests, failed %v; VmHWM %d MB, the group %d MB with the kernel's, %s times at its limit", statuses, ok, bad, s.peak(t)>>20, peak>>20, full))
	require.Empty(t, bad)
	require.Equal(t, 200, s.status("/healthz"), "it lives")
	require.Zero(t, statuses[0])
	require.Positive(t, statuses[200])
}
