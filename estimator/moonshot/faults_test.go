package moonshot_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
)

// row is one fault and what the client makes of it.
type row struct {
	fault fakevendor.Fault
	kind  moonshot.Kind
	calls int           // that reach the vendor
	least time.Duration // until the error
	hint  time.Duration // RetryAfter, to a second
	says  string        // in the error's text
	total time.Duration // TotalTimeout; 0: that of options
}

func rows() []row {
	const sec = time.Second
	return []row{
		{fault: fakevendor.Fault400, kind: moonshot.KindInvalidRequest, calls: 1},
		{fault: fakevendor.Fault400Long, kind: moonshot.KindInvalidRequest, calls: 1, says: "context window"},
		{fault: fakevendor.Fault400Image, kind: moonshot.KindInvalidRequest, calls: 1, says: "format"},
		{fault: fakevendor.Fault400Filter, kind: moonshot.KindContentFilter, calls: 1},
		{fault: fakevendor.Fault401, kind: moonshot.KindAuth, calls: 1},
		{fault: fakevendor.Fault403, kind: moonshot.KindPermission, calls: 1},
		{fault: fakevendor.Fault403Quota, kind: moonshot.KindQuota, calls: 1, says: "balance"},
		{fault: fakevendor.Fault404, kind: moonshot.KindModelNotFound, calls: 1},
		{fault: fakevendor.Fault404HTML, kind: moonshot.KindBadAnswer, calls: 1, says: "/v1 is part of it"},
		{fault: fakevendor.Fault429RPM, kind: moonshot.KindRateLimited, calls: 2, least: sec, hint: 44 * sec, says: "RPM"},
		{fault: fakevendor.Fault429Concurrent, kind: moonshot.KindRateLimited, calls: 3, least: 3 * sec, hint: 4 * sec, says: "concurrency", total: 30 * sec},
		{fault: fakevendor.Fault429TPM, kind: moonshot.KindRateLimited, calls: 1, hint: 2 * sec, says: "TPM"},
		{fault: fakevendor.Fault429TPD, kind: moonshot.KindRateLimited, calls: 1, hint: 2 * sec, says: "TPD"},
		{fault: fakevendor.Fault429Quota, kind: moonshot.KindQuota, calls: 1},
		{fault: fakevendor.Fault429Overloaded, kind: moonshot.KindOverloaded, calls: 3},
		{fault: fakevendor.Fault429Cooldown, kind: moonshot.KindRateLimited, calls: 2, least: 2 * sec, hint: 44 * sec},
		{fault: fakevendor.Fault429RetryAfter, kind: moonshot.KindRateLimited, calls: 2, least: 2 * sec, hint: 44 * sec},
		{fault: fakevendor.Fault429RetryLong, kind: moonshot.KindRateLimited, calls: 1, hint: 3600 * sec},
		{fault: fakevendor.Fault500, kind: moonshot.KindUnavailable, calls: 3},
		{fault: fakevendor.Fault503, kind: moonshot.KindUnavailable, calls: 3},
		{fault: fakevendor.Fault503RetryAfter, kind: moonshot.KindUnavailable, calls: 2, least: 2 * sec, hint: 2 * sec},
		{fault: fakevendor.Fault504HTML, kind: moonshot.KindUnavailable, calls: 3},

		{fault: fakevendor.FaultReset, kind: moonshot.KindUnavailable, calls: 3},
		{fault: fakevendor.FaultTruncated, kind: moonshot.KindUnavailable, calls: 3},
		{fault: fakevendor.FaultHang, kind: moonshot.KindTimeout, calls: 1, least: 800 * time.Millisecond},
		{fault: fakevendor.FaultHangBody, kind: moonshot.KindTimeout, calls: 1, least: 800 * time.Millisecond},
		{fault: fakevendor.FaultDribble, kind: moonshot.KindTimeout, calls: 1, least: 800 * time.Millisecond},
		{fault: fakevendor.FaultCutJSON, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultHTML, kind: moonshot.KindBadAnswer, calls: 1, says: "not JSON"},
		{fault: fakevendor.FaultEmpty, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultEmptyObject, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultError, kind: moonshot.KindUnavailable, calls: 3},
		{fault: fakevendor.FaultString, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultNegative, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultFraction, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultExponent, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultHuge, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultNull, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultTopLevel, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultDuplicate, kind: moonshot.KindBadAnswer, calls: 1, says: "twice"},
		{fault: fakevendor.FaultTrailing, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultNotUTF8, kind: moonshot.KindBadAnswer, calls: 1},
		{fault: fakevendor.FaultBomb, kind: moonshot.KindBadAnswer, calls: 1, says: "compressed"},
		{fault: fakevendor.FaultEndless, kind: moonshot.KindBadAnswer, calls: 1, says: "larger"},
		{fault: fakevendor.FaultRedirect, kind: moonshot.KindBadAnswer, calls: 1, says: "redirect"},
	}
}

func TestEveryFaultIsAnErrorOfItsKindAndNeverANumber(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		t.Run(string(r.fault), func(t *testing.T) {
			t.Parallel()
			v := fakevendor.Start(t, fakevendor.Options{Fault: r.fault, RedirectTo: "http://127.0.0.1:9"})
			o := options(v)
			if r.total > 0 {
				o.TotalTimeout = r.total
			}
			start := time.Now()
			n, err := newClient(t, o).CountTokens(t.Context(), hello())
			took := time.Since(start)

			e, ok := errors.AsType[*moonshot.Error](err)
			require.True(t, ok, "%v", err)
			require.Zero(t, n)
			require.Equal(t, r.kind, e.Kind, "%v", err)
			require.Equal(t, r.calls, v.Estimates())
			require.Equal(t, r.calls, e.Attempts)
			require.InDelta(t, r.hint.Seconds(), e.RetryAfter.Seconds(), 1)
			require.GreaterOrEqual(t, took, r.least)
			require.Less(t, took, o.TotalTimeout+5*time.Second)
			require.Contains(t, err.Error(), r.says)
		})
	}
}

func TestTheFaultTableHasARowForEveryFault(t *testing.T) {
	t.Parallel()
	have := map[fakevendor.Fault]bool{}
	for _, r := range rows() {
		have[r.fault] = true
	}
	for _, f := range fakevendor.Faults() {
		require.True(t, have[f], "no row for fault %q", f)
	}
}

func TestACallSucceedsWhenARetryDoes(t *testing.T) {
	t.Parallel()
	for _, f := range []fakevendor.Fault{
		fakevendor.Fault500, fakevendor.Fault429Overloaded, fakevendor.FaultReset, fakevendor.FaultTruncated, fakevendor.Fault504HTML,
	} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			v := fakevendor.Start(t, fakevendor.Options{})
			v.Queue(f, f)
			n, err := newClient(t, options(v)).CountTokens(t.Context(), hello())
			require.NoError(t, err)
			require.EqualValues(t, 5, n)
			require.Equal(t, 3, v.Estimates())
			for _, calls := range v.PerContent() {
				require.Equal(t, 3, calls, "every attempt sends the same bytes")
			}
		})
	}
}

func TestARedirectTargetSeesNothing(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	t.Cleanup(target.Close)
	v := fakevendor.Start(t, fakevendor.Options{Fault: fakevendor.FaultRedirect, RedirectTo: target.URL})
	_, err := newClient(t, options(v)).CountTokens(t.Context(), hello())
	require.Error(t, err)
	require.Zero(t, seen.Load())
}

func TestACallerThatLeavesGetsItsOwnErrorAndIsNotRetried(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Fault: fakevendor.FaultHang})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := newClient(t, options(v)).CountTokens(ctx, hello())
	require.ErrorIs(t, err, context.Canceled)
	e, ok := errors.AsType[*moonshot.Error](err)
	require.True(t, ok)
	require.Equal(t, moonshot.KindCanceled, e.Kind)
	require.Equal(t, 1, v.Estimates())
}

func TestACallersDeadlineHolds(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Fault: fakevendor.FaultHang})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := newClient(t, options(v)).CountTokens(ctx, hello())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 5*time.Second, "the fault has no end")
}

func TestNothingSecretIsInErrorsOrLogs(t *testing.T) {
	t.Parallel()
	const key, prompt = "sk-canary-key-9f8e7d", "canary-prompt-1a2b3c"
	var l, said log
	var wg sync.WaitGroup
	for _, f := range fakevendor.Faults() {
		v := fakevendor.Start(t, fakevendor.Options{
			Fault: f, Keys: []string{key}, RedirectTo: "http://127.0.0.1:9",
		})
		o := options(v)
		o.APIKey, o.Logger = key, l.logger()
		o.MaxAttempts = 2
		o.TotalTimeout = 300 * time.Millisecond
		c := newClient(t, o)
		wg.Go(func() {
			_, err := c.CountTokens(t.Context(), body(`{"model":"kimi-k2.5","messages":[{"role":"user","content":"`+prompt+`"}]}`))
			assert.Error(t, err)
			o.Logger.Error("client failed", "client", c, "options", o, "error", err)
			fmt.Fprintf(&said, "%v|%+v|%#v|%s|%v|%+v|%#v|%v|%+v|%#v\n", err, err, err, err, c, c, c, o, o, o)
		})
	}
	wg.Wait()
	// A key the vendor does not know is echoed by it.
	v := fakevendor.Start(t, fakevendor.Options{Keys: []string{"sk-another"}})
	o := options(v)
	o.APIKey, o.Logger = key, l.logger()
	_, err := newClient(t, o).CountTokens(t.Context(), hello())
	require.Error(t, err)
	// Nobody listens.
	o.BaseURL = "http://127.0.0.1:9/v1"
	_, err2 := newClient(t, o).CountTokens(t.Context(), hello())
	require.Error(t, err2)
	fmt.Fprintf(&said, "%v|%#v|%v|%#v", err, err, err2, err2)

	require.NotEmpty(t, l.String())
	out := l.String() + strings.ReplaceAll(said.String(), o.BaseURL, "")
	for _, secret := range []string{key, prompt, fakevendor.Account, fakevendor.AccessKey, "10.1.2.3", "127.0.0.1:9/", "dial tcp"} {
		require.NotContains(t, out, secret)
	}
}
