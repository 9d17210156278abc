package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

// prose is what the prompts of lines are made of.
var prose = strings.Fields(`The minutes of the meeting are long, and what was decided is on the last page: the printer
on the third floor stays, the budget for next year is open, and who wants to see the figures asks for them before Friday.
Please summarise it in three sentences, name who has to do what until when, and say what is still open. 请用中文回答，不要超过三句话。`)

// writeLine writes line i of a batch file: some 500 bytes, no two alike.
func writeLine(w *bufio.Writer, i int) {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	fmt.Fprintf(w, `{"custom_id":"request-%d","method":"POST","url":"/v1/chat/completions","body":{"model":"kimi-k2.6",`+
		`"max_completion_tokens":500,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"%d`, i, i)
	for range 20 + r.IntN(60) {
		w.WriteByte(' ')
		w.WriteString(prose[r.IntN(len(prose))])
	}
	w.WriteString("\"}]}}\n")
}

// batch sends n lines that are made as they are sent, and reads the answers
// meanwhile. It checks their order, and returns the last line.
func (s *running) batch(t testing.TB, n int) api.BatchSummary {
	t.Helper()
	body, pipe := io.Pipe()
	go func() {
		w := bufio.NewWriterSize(pipe, 64<<10)
		for i := range n {
			writeLine(w, i)
		}
		_ = pipe.CloseWithError(w.Flush())
	}()
	resp, err := http.Post(s.url+"/v1/estimate/batch", "application/x-ndjson", body)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	for i := range n {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		if want := fmt.Sprintf(`{"line":%d,"custom_id":"request-%d","object":"estimate"`, i+1, i); !strings.HasPrefix(line, want) {
			require.Failf(t, "out of order", "%s is not the answer to line %d", line, i+1)
		}
	}
	var summary api.BatchSummary
	last, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(last), &summary), last)
	_, err = lines.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	return summary
}

// peak is the most memory that the process has had resident, in bytes; 0 where
// the system does not say.
func (s *running) peak(t testing.TB) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")), 10, 64)
			require.NoError(t, err)
			return n << 10
		}
	}
	return 0
}

// Not parallel: it takes all there is of the machine.
func TestABatchOf100000LinesTakesNoMoreMemoryThanAShortOne(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	s := start(t, "TOLLGATE_CACHE_ENTRIES=1000", "GOMEMLIMIT=1GiB") // without room for garbage
	require.True(t, s.batch(t, 2000).Complete)
	before := s.peak(t)
	summary := s.batch(t, n)
	require.True(t, summary.Complete)
	require.Equal(t, n, summary.Estimates)
	require.Equal(t, n, *summary.DistinctContents)
	grown := s.peak(t) - before
	t.Logf("%d lines; peak resident memory %d MB after 2000 lines, %d MB after all", n, before>>20, s.peak(t)>>20)
	require.Less(t, grown, int64(64<<20), "the answer alone is %d MB", n*1600>>20)
}

func TestEqualLinesReachTheVendorOnce(t *testing.T) {
	t.Parallel()
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 20 * time.Millisecond})
	s := start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.URL)
	var file strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&file, `{"custom_id":"%d","body":{"model":"kimi-k2.6","messages":[{"role":"user","content":"How often will question %d be counted, and how often the others?"}]}}`+"\n", i, i%7)
	}
	status, answer := s.post("/v1/estimate/batch?method=vendor", file.String()) // however long it takes
	require.Equal(t, http.StatusOK, status)
	lines := strings.Split(strings.TrimSpace(string(answer)), "\n")
	require.Len(t, lines, 3001)
	var summary api.BatchSummary
	require.NoError(t, json.Unmarshal([]byte(lines[3000]), &summary))
	require.Equal(t, 3000, summary.Estimates)
	require.Equal(t, 7, *summary.DistinctContents)
	require.Equal(t, 3000, summary.Methods["vendor"]+summary.Methods["mixed"], "%v", summary.Methods)
	calls := 0
	for _, call := range vendor.Calls() {
		if call.Bytes > 80 { // what is smaller is the calibration's probe
			calls++
		}
	}
	require.Equal(t, 7, calls)
}

func TestABatchThatIsBeingAnsweredIsFinishedBeforeTheServiceStops(t *testing.T) {
	t.Parallel()
	s := start(t, "TOLLGATE_DRAIN_DELAY=100ms")
	body, pipe := io.Pipe()
	send := func(line string) {
		_, err := io.WriteString(pipe, line+"\n")
		require.NoError(t, err)
	}
	answers := make(chan string)
	go func() {
		defer close(answers)
		resp, err := http.Post(s.url+"/v1/estimate/batch", "application/x-ndjson", body)
		if err != nil {
			return
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			answers <- lines.Text()
		}
	}()
	send(hello)
	require.Contains(t, <-answers, `"line":1,`)
	s.term()
	require.Eventually(t, func() bool { return s.status("/readyz") != 200 }, 5*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return s.status("/healthz") == 0 }, 5*time.Second, 10*time.Millisecond, "nobody else is let in")
	send(hello)
	require.Contains(t, <-answers, `"line":2,`)
	require.NoError(t, pipe.Close())
	require.Contains(t, <-answers, `"complete":true`)
	require.Equal(t, 0, s.stopped(), "%s", s.log)
}

// BenchmarkBatch sends 100,000 lines in one request to a service in a process
// of its own, and reads the answers meanwhile. It tells lines a second, and the
// most memory that the service had resident since it started:
//
//	go test ./cli -run '^$' -bench Batch -benchtime 1x
func BenchmarkBatch(b *testing.B) {
	const n = 100_000
	for _, cache := range []int{1000, 1_000_000} {
		b.Run(fmt.Sprintf("lines=%d/cache=%d", n, cache), func(b *testing.B) {
			s := start(b, fmt.Sprint("TOLLGATE_CACHE_ENTRIES=", cache))
			began, rounds := time.Now(), 0
			for b.Loop() {
				require.Equal(b, n, s.batch(b, n).Estimates)
				rounds++
			}
			b.ReportMetric(float64(rounds)*n/time.Since(began).Seconds(), "lines/s")
			b.ReportMetric(float64(s.peak(b)>>20), "peak-MB")
		})
	}
}
