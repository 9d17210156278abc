//go:build linux

package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot/fakevendor"
)

// startOnDisk runs the service with a disk of its own for temporary files, of so
// many bytes, which nobody else sees, and returns where this process finds it.
func startOnDisk(t *testing.T, bytes int, env ...string) (s *running, disk string) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	dir := t.TempDir()
	for _, apart := range []string{"-rm", "-m"} { // as anybody in a user namespace, or as root
		script := fmt.Sprintf(`mount -t tmpfs -o size=%d tollgate "$1"`, bytes)
		if exec.Command("unshare", apart, "sh", "-c", script, "sh", dir).Run() == nil {
			s = startCommand(t, &output{}, exec.Command("unshare", apart, "sh", "-c", script+` && exec "$0" serve`, path, dir),
				append(env, "TMPDIR="+dir, "PATH="+os.Getenv("PATH"))...)
			return s, fmt.Sprintf("/proc/%d/root%s", s.cmd.Process.Pid, dir)
		}
	}
	if os.Getenv("CI") != "" && os.Getuid() == 0 {
		t.Fatal("no disk can be mounted, though this is root")
	}
	t.Skip("no disk can be mounted here: that takes unshare and user namespaces, or root")
	return nil, ""
}

// largePicture is a request with an image of so many bytes.
func largePicture(number, size int) string {
	return fmt.Sprintf(`{"model":"kimi-k2.6","user":"%d","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,%s"}}]}]}`,
		number, strings.Repeat("iVBORw0KGgoAAAANSUhEUgAA", size/24))
}

func TestADiskThatIsFullStopsLargeBodiesOnlyAndOnlyWhileItIs(t *testing.T) {
	t.Parallel()
	const size, body = 24 << 20, 6 << 20
	vendor := fakevendor.Start(t, fakevendor.Options{})
	s, disk := startOnDisk(t, size, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	large := func(number int) (status int, retry, answer string) {
		resp, err := http.Post(s.url+"/v1/estimate?method=vendor", "application/json", strings.NewReader(largePicture(number, body)))
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, resp.Header.Get("Retry-After"), string(text)
	}
	small := func(number int) {
		status, answer := s.post("/v1/estimate", content(fmt.Sprint("Small ", number)))
		require.Equal(t, http.StatusOK, status, "%s", answer)
	}
	small(0)

	// All but two megabytes is taken by somebody else.
	fill := filepath.Join(disk, "fill")
	require.NoError(t, os.WriteFile(fill, make([]byte, size-2<<20), 0o600))
	const turns = 5
	for i := range turns {
		status, retry, answer := large(1 + i)
		require.Equal(t, http.StatusServiceUnavailable, status, answer)
		require.NotEmpty(t, retry)
		require.Contains(t, answer, "disk")
		require.NotContains(t, answer, disk)
		small(1 + i)
	}
	require.Contains(t, s.get("/metrics"), `reason="disk"`)
	left, err := os.ReadDir(disk)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing but what fills it")

	require.NoError(t, os.Remove(fill))
	for i := range 2 * turns { // more than there is room for, if anything stayed
		status, _, answer := large(100 + i)
		require.Equal(t, http.StatusOK, status, answer)
	}
	small(100)
	scorecard(t, "16 disk", fmt.Sprintf("%d bodies of 6 MB with a vendor while the disk for them, a real one of 24 MB, is full, then %d more", turns, 2*turns),
		"503 of reason disk with Retry-After, nothing left behind, small requests unharmed, large ones again when there is room",
		fmt.Sprintf("%d of %d got 503, 0 files left, %d of %d small ones 200, then %d of %d large ones 200", turns, turns, turns, turns, 2*turns, 2*turns))
}
