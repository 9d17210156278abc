package cli_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

// pull pulls from a server to a new place, and returns what came of it and the
// path.
func pull(t *testing.T, h http.HandlerFunc, args ...string) (result, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "deep", "tiktoken.model")
	return pullTo(t, path, server.URL, args...), path
}

func pullTo(t *testing.T, path, url string, args ...string) result {
	t.Helper()
	return run(t, "", map[string]string{"TOLLGATE_VOCAB": path}, append([]string{"vocab", "pull", "--from", url}, args...)...)
}

func TestPullPutsTheVocabularyInPlaceAndVerifyAgrees(t *testing.T) {
	t.Parallel()
	content := kimidata.Read(t, tokenizer.FileName)
	asked := 0
	r, path := pull(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	require.Equal(t, 0, r.code, r.stderr)
	require.Contains(t, r.stdout, "exactly")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, tokenizer.FileSHA256, fmt.Sprintf("%x", sha256.Sum256(got)))
	require.NoFileExists(t, path+".part")

	r = run(t, "", map[string]string{"TOLLGATE_VOCAB": path}, "vocab", "verify")
	require.Equal(t, 0, r.code, r.stderr)
	r = run(t, hello, map[string]string{"TOLLGATE_VOCAB": path}, "estimate", "--json")
	require.Contains(t, r.stdout, `"method":"tokenizer"`)
	require.Contains(t, r.stdout, `"prompt_tokens":9,`)

	r = pullTo(t, path, "http://127.0.0.1:1/unreachable")
	require.Equal(t, 0, r.code, "what is there is not fetched again: %s", r.stderr)
	require.Equal(t, 1, asked)
}

func TestPullGoesOnWhereAConnectionBroke(t *testing.T) {
	t.Parallel()
	content := kimidata.Read(t, tokenizer.FileName)
	var mu sync.Mutex
	var ranges []string
	r, path := pull(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		ranges = append(ranges, r.Header.Get("Range"))
		first := len(ranges) == 1
		mu.Unlock()
		if first {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content[:1_000_000])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	require.Equal(t, 0, r.code, r.stderr)
	require.Len(t, ranges, 2)
	require.Regexp(t, `^bytes=[1-9]\d*-$`, ranges[1])
	require.FileExists(t, path)
}

func TestPullStartsAnewWhereTheServerCanNotGoOn(t *testing.T) {
	t.Parallel()
	content := kimidata.Read(t, tokenizer.FileName)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "tiktoken.model")
	require.NoError(t, os.WriteFile(path+".part", []byte("what was left of another day"), 0o600))
	r := pullTo(t, path, server.URL)
	require.Equal(t, 0, r.code, r.stderr)
}

func TestPullThrowsAwayWhatIsNotTheVocabulary(t *testing.T) {
	t.Parallel()
	wrong := bytes.Repeat([]byte("IQ== 0\n"), tokenizer.FileSize/7+1)[:tokenizer.FileSize]
	for _, tt := range []struct {
		name string
		h    http.HandlerFunc
		want string
	}{
		{"other bytes of the same length", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wrong) }, "thrown away"},
		{"too many bytes", func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = w.Write(wrong)
			}
		}, "thrown away"},
		{"a page instead", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) }, "ended after"},
		{"not found", http.NotFound, "404"},
		{"unavailable", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, path := pull(t, tt.h)
			require.Equal(t, 3, r.code)
			require.Contains(t, r.stderr, tt.want)
			require.NoFileExists(t, path)
		})
	}
}

func TestPullGivesUpOnADeadConnection(t *testing.T) {
	t.Parallel()
	began := time.Now()
	r, path := pull(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(tokenizer.FileSize))
		_, _ = w.Write(make([]byte, 1000))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, "--stall", "200ms", "--retries", "1")
	require.Equal(t, 3, r.code)
	require.Contains(t, r.stderr, "sent nothing for 200ms")
	require.Less(t, time.Since(began), 20*time.Second)
	require.NoFileExists(t, path)
	kept, err := os.Stat(path + ".part")
	require.NoError(t, err)
	require.Positive(t, kept.Size(), "what arrived is kept for the next time")
}

func TestPullIsPatientWithASlowServer(t *testing.T) {
	t.Parallel()
	content := kimidata.Read(t, tokenizer.FileName)
	r, _ := pull(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		for chunk := content; len(chunk) > 0; {
			n := min(len(chunk), 300_000)
			_, _ = w.Write(chunk[:n])
			_ = http.NewResponseController(w).Flush()
			chunk = chunk[n:]
			time.Sleep(100 * time.Millisecond)
		}
	}, "--stall", "5s")
	require.Equal(t, 0, r.code, r.stderr)
}

func TestVerifyRefusesWhatIsNotTheVocabulary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tiktoken.model")
	verify := func() result { return run(t, "", map[string]string{"TOLLGATE_VOCAB": path}, "vocab", "verify") }
	require.Equal(t, 1, verify().code, "there is none")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("x", 100)), 0o600))
	r := verify()
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, tokenizer.FileSHA256)
	require.Equal(t, 2, run(t, hello, map[string]string{"TOLLGATE_VOCAB": path}, "estimate").code, "nor does the service take it")
}
