//go:build redis

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
	"tollgate/estimator/redis/redistest"
)

// crowd is callers of several replicas, and what became of their calls.
type crowd struct {
	t        *testing.T
	vendor   *fakevendor.Running
	replicas []*running
	first    int // number of the next content

	mu     sync.Mutex
	took   []time.Duration
	states map[string]int // what the answers say of the cache
	failed []string
}

// call makes every replica answer each of some new contents twice, from twenty
// callers, in a random order.
func (c *crowd) call(phase string, contents int) {
	c.t.Helper()
	c.took, c.states, c.failed = nil, map[string]int{}, nil
	before := len(perRequest(c.vendor))
	var work []func()
	for n := c.first; n < c.first+contents; n++ {
		for i := range 2 * len(c.replicas) {
			work = append(work, func() { c.one(c.replicas[i%len(c.replicas)], n) })
		}
	}
	c.first += contents
	rand.Shuffle(len(work), func(i, j int) { work[i], work[j] = work[j], work[i] })
	queue := make(chan func())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for w := range queue {
				w()
			}
		})
	}
	for _, w := range work {
		queue <- w
	}
	close(queue)
	wg.Wait()
	c.tell(phase, len(perRequest(c.vendor))-before)
	require.Empty(c.t, c.failed, phase)
}

func (c *crowd) one(r *running, n int) {
	began := time.Now()
	status, answer := r.post("/v1/estimate?method=vendor", lineOf(n))
	took := time.Since(began)
	var est api.Estimate
	err := json.Unmarshal(answer, &est)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, took)
	c.states[est.Count.Cache]++
	if status != 200 || err != nil {
		c.failed = append(c.failed, fmt.Sprintf("%d %s", status, answer))
	}
}

func (c *crowd) tell(phase string, contents int) {
	c.t.Helper()
	slices.Sort(c.took)
	at := func(share float64) time.Duration {
		return c.took[int(float64(len(c.took)-1)*share)].Round(10 * time.Microsecond)
	}
	c.t.Logf("| %s | %d | %d | %s | %s | %s | %d contents asked, %v |", phase, len(c.took), len(c.failed), at(0.5), at(0.99), at(1),
		contents, c.states)
}

// once requires that no content reached the vendor twice.
func (c *crowd) once() {
	c.t.Helper()
	for body, n := range perRequest(c.vendor) {
		require.Equal(c.t, 1, n, body)
	}
}

func TestTwoReplicasAndARealServerUnderLoad(t *testing.T) {
	server := redistest.Start(t)
	vendor := fakevendor.Start(t, fakevendor.Options{Delay: 30 * time.Millisecond})
	c := &crowd{t: t, vendor: vendor}
	for range 2 {
		c.replicas = append(c.replicas, replica(t, vendor, server.URL("", "")))
	}
	t.Log("| phase | requests | errors | p50 | p99 | max | |")
	c.call("healthy", 1000)
	require.Len(t, perRequest(vendor), 1000)
	c.once()

	server.Stop()
	c.call("hung (SIGSTOP)", 200)
	server.Continue()
	c.recovers("SIGCONT")
	server.Kill()
	c.call("killed (SIGKILL)", 200)
	server.Restart()
	c.recovers("restart")
	server.Password("another")
	c.call("password changed", 200)
	server.Password("")
	c.recovers("password as before")
	server.Do("CONFIG", "SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction")
	c.call("full, noeviction", 200)
	server.Do("CONFIG", "SET", "maxmemory", "0")
	server.Do("FLUSHALL")
	c.recovers("FLUSHALL")
	server.SetAll("garbage")

	vendor.Forget()
	c.call("healthy again", 500)
	c.once()
	for _, r := range c.replicas {
		r.term()
		require.Equal(t, 0, r.stopped(), "%s", r.log)
		for line := range strings.Lines(r.log.String()) {
			if strings.Contains(line, "shared cache") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

// recovers waits until the replicas share again.
func (c *crowd) recovers(after string) {
	c.t.Helper()
	began := time.Now()
	for {
		c.first++
		_, _ = c.replicas[0].post("/v1/estimate?method=vendor", lineOf(c.first))
		time.Sleep(10 * time.Millisecond) // it is written after the answer
		_, answer := c.replicas[1].post("/v1/estimate?method=vendor", lineOf(c.first))
		var est api.Estimate
		require.NoError(c.t, json.Unmarshal(answer, &est))
		took := time.Since(began)
		if est.Count.Cache == "shared" {
			c.t.Logf("%s: shared again after %s", after, took.Round(time.Millisecond))
			c.first++
			require.Less(c.t, took, 5*time.Second)
			return
		}
		require.Less(c.t, took, 30*time.Second)
	}
}

func TestARealReplicaThatDiesLeavesNobodyWaiting(t *testing.T) {
	server := redistest.Start(t)
	vendor := fakevendor.Start(t, fakevendor.Options{})
	dies, lives := replica(t, vendor, server.URL("", "")), replica(t, vendor, server.URL("", ""))
	for n, r := range []*running{dies, lives} { // what the vendor covers is found out now
		status, _ := r.post("/v1/estimate?method=vendor", lineOf(100+n))
		require.Equal(t, 200, status)
	}
	vendor.Set(func(o *fakevendor.Options) { o.Delay = 500 * time.Millisecond })
	go func() {
		resp, err := http.Post(dies.url+"/v1/estimate?method=vendor", "application/json", strings.NewReader(lineOf(1)))
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	require.Eventually(t, func() bool { return len(server.Keys()) == 3 }, 10*time.Second, time.Millisecond, "the claim")
	time.AfterFunc(100*time.Millisecond, func() { _ = dies.cmd.Process.Kill() })
	began := time.Now()
	status, answer := lives.post("/v1/estimate?method=vendor", lineOf(1))
	require.Equal(t, 200, status, "%s", answer)
	require.Contains(t, string(answer), `"cache":"miss"`)
	t.Logf("answered %s after the other replica's request began", time.Since(began).Round(time.Millisecond))
	require.Less(t, time.Since(began), 10*time.Second)
}

func TestARealServerIsReachedThroughTLSIfItsCertificateIsTrusted(t *testing.T) {
	server, certificate := redistest.StartTLS(t)
	vendor := fakevendor.Start(t, fakevendor.Options{})
	trusting := replica(t, vendor, server.URL("", ""), "SSL_CERT_FILE="+certificate)
	wary := replica(t, vendor, server.URL("", ""), "SSL_CERT_FILE=/dev/null", "SSL_CERT_DIR="+t.TempDir())
	for _, r := range []*running{trusting, wary} {
		status, answer := r.post("/v1/estimate?method=vendor", lineOf(0))
		require.Equal(t, 200, status, "%s", answer)
		require.Contains(t, string(answer), `"cache":"miss"`)
	}
	require.Eventually(t, func() bool { return len(server.Keys()) == 1 }, 5*time.Second, 10*time.Millisecond)
	require.Contains(t, wary.metrics(), `operation="get",result="unreachable"`)
	require.NotContains(t, trusting.metrics(), `operation="get",result="unreachable"`)
}
