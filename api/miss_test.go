package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/moonshot"
)

const eighty = `{"data":{"total_tokens":80}}`

// instant is a vendor that no network leads to.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(eighty)), Request: r,
	}, err
}

// misses is a service that asks the vendor at a URL, or over what takes the place
// of the network, and one call of it with 1 KB that it has not seen before.
func misses(tb testing.TB, method, url string, over http.RoundTripper) func() {
	tb.Helper()
	client, err := moonshot.New(moonshot.Options{BaseURL: url, APIKey: "sk-fake", Transport: over, Now: time.Now})
	require.NoError(tb, err)
	opts := realOptions(tb)
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{Client: client, Local: opts.Approximation, Now: time.Now})
	require.NoError(tb, err)
	tb.Cleanup(counter.Close)
	opts.Vendor = counter
	h := service(tb, estimator.New(opts), func(o *api.Options) { o.KeepBody = true })

	const first = 1_000_000_000
	body := []byte(strings.Replace(hello, "Hello", strconv.Itoa(first)+strings.Repeat(" word", 190), 1))
	number := body[bytes.Index(body, []byte(strconv.Itoa(first))):]
	text, n := bytes.NewReader(body), first
	req := httptest.NewRequest(http.MethodPost, "/v1/estimate?method="+method, nil)
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = int64(len(body))
	w := &discard{header: http.Header{}}
	return func() {
		n++
		strconv.AppendInt(number[:0], int64(n), 10)
		text.Reset(body)
		req.Body = io.NopCloser(text)
		clear(w.header)
		h.ServeHTTP(w, req)
		if w.status != http.StatusOK {
			tb.Fatal(w.status)
		}
	}
}

// TestAMissAllocatesLittle holds what our own code allocates for a call that the
// vendor counts: 69, 78 with a local count to fall back on.
func TestAMissAllocatesLittle(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	for method, most := range map[string]float64{"vendor": 73, "auto": 82} {
		miss := misses(t, method, moonshot.DefaultBaseURL, instant{})
		miss() // the vendor is asked what it counts, too
		require.LessOrEqual(t, testing.AllocsPerRun(500, miss), most, method)
	}
}

// BenchmarkMiss is a request that the vendor counts, through every layer but
// the caller's network: once what it takes of our own code, and once with an
// HTTP exchange over loopback, both sides of it.
func BenchmarkMiss(b *testing.B) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, eighty)
	}))
	defer vendor.Close()
	for _, over := range []struct {
		name string
		net  http.RoundTripper
	}{{"nothing", instant{}}, {"network", nil}} {
		for _, method := range []string{"vendor", "auto"} {
			b.Run("over="+over.name+"/method="+method, func(b *testing.B) {
				miss := misses(b, method, vendor.URL, over.net)
				b.ReportAllocs()
				for b.Loop() {
					miss()
				}
			})
		}
	}
}
