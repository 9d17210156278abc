//go:build attack

package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// offered is what a phase of requests came to, as their senders saw it.
type offered struct {
	sent           int
	statuses       map[int]int
	accepted, shed []time.Duration
	silent         int // 503 without Retry-After
}

// offer sends requests at a rate, whatever becomes of them, but no more than a
// thousand at once.
func (s *running) offer(t testing.TB, client *http.Client, text string, rate float64, d time.Duration) offered {
	t.Helper()
	l := offered{statuses: map[int]int{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	room := make(chan struct{}, 1000)
	began := time.Now()
	for time.Since(began) < d {
		due := int(rate * time.Since(began).Seconds())
		for ; l.sent < due; l.sent++ {
			room <- struct{}{}
			wg.Go(func() {
				body, size := unique(text)
				o := s.send(t.Context(), client, body, size)
				mu.Lock()
				defer mu.Unlock()
				<-room
				l.statuses[o.status]++
				switch {
				case o.status == 200:
					l.accepted = append(l.accepted, o.took)
				case o.retry == "":
					l.silent++
				default:
					l.shed = append(l.shed, o.took)
				}
			})
		}
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	return l
}

var numbers atomic.Int64

// unique is a request that was not counted before.
func unique(text string) (io.Reader, int64) {
	head := fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%d `, numbers.Add(1))
	return io.MultiReader(strings.NewReader(head), strings.NewReader(text), strings.NewReader(`"}]}`)), int64(len(head) + len(text) + 4)
}

// took returns how long the service itself took for the answers of a status
// since its log had a length.
func (s *running) took(status, from int) []time.Duration {
	var times []time.Duration
	for line := range strings.Lines(s.log.String()[from:]) {
		var e struct {
			Route    string
			Status   int
			Duration float64 `json:"duration_ms"`
		}
		if json.Unmarshal([]byte(line), &e) == nil && e.Route == "/v1/estimate" && e.Status == status {
			times = append(times, time.Duration(e.Duration*1e6))
		}
	}
	return times
}

// startApart starts the service on one core and keeps the senders of this
// process off it, as they would be on machines of their own. Where that can not
// be done the service has one processor all the same, of whichever core.
func startApart(t testing.TB, env ...string) (s *running, apart string) {
	t.Helper()
	path, err := program()
	require.NoError(t, err)
	env = append(env, "GOMAXPROCS=1")
	taskset, err := exec.LookPath("taskset")
	if err != nil || runtime.NumCPU() < 2 {
		return start(t, env...), "not kept apart from the senders"
	}
	move := func(cores string) error {
		return exec.Command(taskset, "-a", "-c", "-p", cores, strconv.Itoa(os.Getpid())).Run()
	}
	s = startCommand(t, &output{}, exec.Command(taskset, "-c", "0", path, "serve"), env...)
	all := fmt.Sprintf("0-%d", runtime.NumCPU()-1)
	require.NoError(t, move(strings.Replace(all, "0", "1", 1)))
	t.Cleanup(func() { _ = move(all) })
	return s, "the senders on another"
}

func TestAtTenTimesTheRatedLoadTheAcceptedAreNotLate(t *testing.T) {
	s, apart := startApart(t, "TOLLGATE_CACHE_ENTRIES=10000")
	text := words(200 << 10)
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2000}}
	var n atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range 4 { // as many as keep it busy
		wg.Go(func() {
			for time.Since(began) < 3*time.Second {
				body, size := unique(text)
				if s.send(t.Context(), client, body, size).status == 200 {
					n.Add(1)
				} else { // who comes back at once only keeps it busy with turning him away
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	capacity := float64(n.Load()) / time.Since(began).Seconds()
	rated := capacity / 2
	mark := len(s.log.String())
	normal := s.offer(t, client, text, rated, 4*time.Second)
	time.Sleep(100 * time.Millisecond)
	normalTook := s.took(200, mark)
	mark = len(s.log.String())
	ten := s.offer(t, client, text, 10*rated, 10*time.Second)
	time.Sleep(100 * time.Millisecond)
	taken, shed := s.took(200, mark), s.took(503, mark)
	at := func(times []time.Duration) string {
		return fmt.Sprintf("p50 %.1f p99 %.1f ms", ms(percentile(times, 0.5)), ms(percentile(times, 0.99)))
	}
	missed := ""
	if percentile(taken, 0.99) > 2*percentile(normalTook, 0.99) || percentile(shed, 0.99) > 20*time.Millisecond {
		missed = "missed: "
	}
	scorecard(t, "16", fmt.Sprintf("200 KB texts that are not cached, one core, %s: %.0f/s for 4 s, then ten times that for 10 s (%.0f/s were sent)", apart, rated, float64(ten.sent)/10),
		"accepted: p99 at most twice; the rest 503 with Retry-After in less than 20 ms",
		missed+fmt.Sprintf("normal %v: by the senders %s, by the service %s; tenfold %v: accepted by the senders %s, by the service %s; shed by the senders %s, by the service %s; VmHWM %d MB",
			normal.statuses, at(normal.accepted), at(normalTook), ten.statuses, at(ten.accepted), at(taken), at(ten.shed), at(shed), s.peak(t)>>20))
	require.Zero(t, ten.silent+normal.silent)
	require.Equal(t, ten.sent, ten.statuses[200]+ten.statuses[503], "%v", ten.statuses)
	require.Greater(t, ten.statuses[200], ten.sent/100)
	require.Equal(t, 200, s.status("/healthz"))
}
