package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator/moonshot/fakevendor"
)

// The tests of this file run the program against a vendor that fails. Each
// logs one line of the scorecard.

// content returns a request that nothing else sends.
func content(text string) string {
	return `{"model":"kimi-k2.6","messages":[{"role":"user","content":"` + text + ` is a text that was never counted before"}]}`
}

// asking is a service and the vendor that it asks.
type asking struct {
	*running

	vendor *fakevendor.Running
}

// ask starts a service whose vendor is healthy and was asked before, so that
// what its numbers cover is known.
func ask(t *testing.T) *asking {
	t.Helper()
	v := fakevendor.Start(t, fakevendor.Options{})
	s := &asking{start(t, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+v.URL), v}
	s.healthy("The first one")
	v.Forget()
	return s
}

// healthy makes the vendor healthy and has it count a text.
func (s *asking) healthy(text string) {
	s.t.Helper()
	s.fault(fakevendor.FaultNone)
	a := s.estimate("vendor", content(text))
	require.Equal(s.t, 200, a.status, "%s", a.body)
	require.Equal(s.t, "vendor", a.estimate.Count.Parts[0].Method)
}

func (s *asking) fault(f fakevendor.Fault) { s.vendor.Set(func(o *fakevendor.Options) { o.Fault = f }) }

// kept keeps its connections, as other services do.
var kept = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}}

// answer is one of the service's.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	estimate api.Estimate
	took     time.Duration
}

// estimate asks for an estimate. It may be called from any goroutine.
func (s *asking) estimate(method, body string) answer {
	began := time.Now()
	resp, err := kept.Post(s.url+"/v1/estimate?method="+method, "application/json", strings.NewReader(body))
	if err != nil {
		return answer{body: []byte(err.Error())}
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, _ = io.ReadAll(resp.Body)
	a.took = time.Since(began)
	_ = json.Unmarshal(a.body, &a.estimate)
	return a
}

// gauge reads a number that /metrics shows.
func (s *asking) gauge(name string) float64 {
	s.t.Helper()
	resp, err := http.Get(s.url + "/metrics")
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			n, err := strconv.ParseFloat(value, 64)
			require.NoError(s.t, err)
			return n
		}
	}
	return 0
}

func TestAFailingVendorIsAskedThreeTimesAtMostAndNothingOfItIsRemembered(t *testing.T) {
	t.Parallel()
	var measured []string
	for _, f := range []fakevendor.Fault{fakevendor.Fault500, fakevendor.Fault503} {
		s := ask(t)
		s.fault(f)
		a := s.estimate("vendor", content("One"))
		first := s.vendor.Estimates()
		require.Equal(t, 502, a.status, "%s", a.body)
		require.Contains(t, a.header.Get("Content-Type"), "application/problem+json")
		require.LessOrEqual(t, first, 3)
		require.Less(t, a.took, 12*time.Second)
		s.fault(fakevendor.FaultNone)
		b := s.estimate("vendor", content("One"))
		require.Equal(t, 200, b.status)
		require.EqualValues(t, "miss", b.estimate.Count.Cache)
		require.Equal(t, first+1, s.vendor.Estimates())
		measured = append(measured, fmt.Sprintf("%s: %d calls, %d after %d ms, then asked again", f, first, a.status, a.took.Milliseconds()))
	}
	scorecard(t, "1", "vendor answers 500, then 503", "at most 3 attempts, then 502 within 12 s, nothing cached", strings.Join(measured, "; "))
}

func TestTheVendorsRetryAfterIsKeptToOrPassedOn(t *testing.T) {
	t.Parallel()
	s := ask(t)
	s.vendor.Queue(fakevendor.Fault429RetryAfter)
	short := s.estimate("vendor", content("Short"))
	require.Equal(t, 200, short.status, "%s", short.body)
	require.GreaterOrEqual(t, short.took, 2*time.Second)
	require.Equal(t, 2, s.vendor.Estimates())

	s = ask(t)
	s.fault(fakevendor.Fault429RetryLong)
	long := s.estimate("vendor", content("Long"))
	require.Equal(t, 503, long.status, "%s", long.body)
	after, err := strconv.Atoi(long.header.Get("Retry-After"))
	require.NoError(t, err)
	require.InDelta(t, 3600, after, 2)
	auto := s.estimate("auto", content("Long"))
	require.Equal(t, 200, auto.status)
	require.Contains(t, string(auto.body), "vendor_unavailable")
	require.Equal(t, 1, s.vendor.Estimates(), "nobody is sent before")
	scorecard(t, "2", "429 with Retry-After: 2, then 429 with Retry-After: 3600", "honoured within the deadline, else 503 with Retry-After",
		fmt.Sprintf("2 s: 200 after %.2f s and 2 calls; 3600 s: 503 after %d ms with Retry-After: %d; auto meanwhile: local count after %d ms and no call",
			short.took.Seconds(), long.took.Milliseconds(), after, auto.took.Milliseconds()))
}

func TestARefusalIsNotRepeatedAndNothingOfItsTextIsPassedOn(t *testing.T) {
	t.Parallel()
	var measured []string
	for _, f := range []fakevendor.Fault{fakevendor.Fault401, fakevendor.Fault403, fakevendor.Fault400, fakevendor.Fault429Quota} {
		s := ask(t)
		s.vendor.Forget()
		s.fault(f)
		a := s.estimate("vendor", content(string(f)))
		require.Equal(t, 502, a.status, "%s", a.body)
		require.Contains(t, string(a.body), "vendor_refused")
		require.Equal(t, 1, s.vendor.Estimates())
		for _, secret := range []string{fakevendor.Account, fakevendor.AccessKey, fakevendor.Key} {
			require.NotContains(t, string(a.body)+s.log.String(), secret)
		}
		again := s.estimate("vendor", content(string(f)+" again"))
		require.Equal(t, 502, again.status, "%s", again.body)
		require.Contains(t, string(again.body), "vendor_refused")
		more := 1 // of this request, not of all
		if f == fakevendor.Fault401 || f == fakevendor.Fault429Quota {
			more = 0
		}
		require.Equal(t, 1+more, s.vendor.Estimates())
		measured = append(measured, fmt.Sprintf("%s: 1 call, %d; the next %d calls, %d", f, a.status, more, again.status))
	}
	scorecard(t, "3", "vendor answers 401, 403, 400 and 429 without balance, its messages full of ids", "1 call, 502 vendor_refused, nothing of the message in answer or log; none for the next request where the key or the account is refused",
		strings.Join(measured, "; ")+"; no id found")
}

func TestASilentVendorIsGivenUpInTimeAndLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	s := ask(t)
	base := s.gauge("go_goroutines")
	s.fault(fakevendor.FaultHang)
	var wg sync.WaitGroup
	var worst, least atomic.Int64
	least.Store(int64(time.Hour))
	for i := range 8 {
		wg.Go(func() {
			a := s.estimate("vendor", content(fmt.Sprint("Silence ", i)))
			if a.status != 504 {
				t.Errorf("%d %s", a.status, a.body)
			}
			worst.Store(max(worst.Load(), int64(a.took)))
			least.Store(min(least.Load(), int64(a.took)))
		})
	}
	wg.Wait()
	kept.CloseIdleConnections()
	require.GreaterOrEqual(t, time.Duration(least.Load()), 3900*time.Millisecond)
	require.Less(t, time.Duration(worst.Load()), time.Minute)
	after := 0.0
	require.Eventually(t, func() bool { after = s.gauge("go_goroutines"); return after <= base+4 }, 20*time.Second, 50*time.Millisecond)
	scorecard(t, "4", "vendor accepts and never answers, 8 callers", "504 at the 4 s of an attempt, +- 100 ms; goroutines back to base",
		fmt.Sprintf("504 after %.3f to %.3f s; goroutines %.0f before, %.0f after", time.Duration(least.Load()).Seconds(), time.Duration(worst.Load()).Seconds(), base, after))
}

func TestNothingButACheckedNumberIsTakenForACount(t *testing.T) {
	t.Parallel()
	s := ask(t)
	bad := []fakevendor.Fault{
		fakevendor.FaultReset, fakevendor.FaultTruncated, fakevendor.FaultCutJSON, fakevendor.FaultHTML, fakevendor.Fault404HTML,
		fakevendor.FaultEmpty, fakevendor.FaultEmptyObject, fakevendor.FaultError, fakevendor.FaultString, fakevendor.FaultNegative,
		fakevendor.FaultFraction, fakevendor.FaultExponent, fakevendor.FaultHuge, fakevendor.FaultNull, fakevendor.FaultTopLevel,
		fakevendor.FaultDuplicate, fakevendor.FaultTrailing, fakevendor.FaultNotUTF8,
	}
	for _, f := range bad {
		s.fault(f)
		a := s.estimate("vendor", content(string(f)))
		require.Equal(t, 502, a.status, "%s: %s", f, a.body)
		s.healthy("Between " + string(f)) // or the breaker would answer for the next one
		s.fault(f)
		b := s.estimate("auto", content(string(f)))
		require.Equal(t, 200, b.status)
		require.Equal(t, "approximation", b.estimate.Count.Method, "%s", f)
		s.healthy("After " + string(f))
	}
	scorecard(t, "5", fmt.Sprintf("%d answers that are none: reset, truncated, not JSON, {}, negative, fractional, 1e18 and more", len(bad)),
		"502, never a number", fmt.Sprintf("%d of %d: 502 with method=vendor, the local count with auto", len(bad), len(bad)))
}

// peak returns the largest resident size of the service so far, in bytes.
func (s *asking) peak() int64 {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Skip("needs /proc: ", err)
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(s.t, found)
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	require.NoError(s.t, err)
	return kb << 10
}

func TestABombOrAnEndlessAnswerTakesNoMemory(t *testing.T) {
	t.Parallel()
	s := ask(t)
	before := s.peak()
	const each = 10
	for i := range each {
		for _, f := range []fakevendor.Fault{fakevendor.FaultBomb, fakevendor.FaultEndless} {
			s.fault(f)
			a := s.estimate("vendor", content(fmt.Sprint(f, i)))
			require.Equal(t, 502, a.status, "%s", a.body)
		}
		s.healthy(fmt.Sprint("After round ", i))
	}
	grown := s.peak() - before
	require.Less(t, grown, int64(32<<20))
	scorecard(t, "6", fmt.Sprintf("%d gzip bombs of 256 MiB and %d answers without an end", each, each), "502, VmHWM grows by less than 32 MB",
		fmt.Sprintf("502 each; VmHWM %.1f MB before, + %.1f MB", float64(before)/1e6, float64(grown)/1e6))
}

func TestARedirectIsNotFollowedAndItsTargetSeesNothing(t *testing.T) {
	t.Parallel()
	target, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var seen atomic.Int64
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for {
			conn, err := target.Accept()
			if err != nil {
				return
			}
			seen.Add(1)
			_ = conn.Close()
		}
	}()
	s := ask(t)
	s.vendor.Set(func(o *fakevendor.Options) { o.RedirectTo = "http://" + target.Addr().String() })
	s.fault(fakevendor.FaultRedirect)
	a := s.estimate("vendor", content("Elsewhere"))
	require.Equal(t, 502, a.status)
	require.Contains(t, string(a.body), "redirect")
	require.NotContains(t, string(a.body)+s.log.String(), target.Addr().String())
	require.Equal(t, 200, s.estimate("auto", content("Elsewhere")).status)
	require.NoError(t, target.Close())
	<-closed
	require.Zero(t, seen.Load())
	scorecard(t, "7", "vendor answers 307 to another host", "not followed, neither key nor body sent", fmt.Sprintf("502; %d connections at the other host", seen.Load()))
}
