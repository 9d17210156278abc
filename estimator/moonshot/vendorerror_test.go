package moonshot_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
)

func TestTheDomainLearnsWhetherTryingAgainMayHelp(t *testing.T) {
	t.Parallel()
	for fault, want := range map[fakevendor.Fault]estimator.VendorErrorKind{
		fakevendor.Fault400:           estimator.VendorRefused,
		fakevendor.Fault400Filter:     estimator.VendorRefused,
		fakevendor.Fault401:           estimator.VendorRefused,
		fakevendor.Fault403:           estimator.VendorRefused,
		fakevendor.Fault404:           estimator.VendorRefused,
		fakevendor.Fault429Quota:      estimator.VendorRefused,
		fakevendor.Fault429TPD:        estimator.VendorOverloaded,
		fakevendor.Fault429RetryLong:  estimator.VendorOverloaded,
		fakevendor.Fault429Overloaded: estimator.VendorOverloaded,
		fakevendor.FaultHang:          estimator.VendorTimedOut,
		fakevendor.Fault500:           estimator.VendorFailed,
		fakevendor.FaultHTML:          estimator.VendorFailed,
		fakevendor.FaultReset:         estimator.VendorFailed,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			v := fakevendor.Start(t, fakevendor.Options{Fault: fault})
			client := newClient(t, options(v))
			c, err := moonshot.NewCounter(moonshot.CounterOptions{
				Client: client, Local: toy{}, Now: time.Now, Patience: time.Millisecond,
			})
			require.NoError(t, err)
			t.Cleanup(c.Close)
			n, err := c.Count(t.Context(), scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
			e, ok := errors.AsType[*estimator.VendorError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, want, e.Kind)
			require.NotEmpty(t, e.Detail)
			require.Zero(t, n)
			if fault == fakevendor.Fault429RetryLong {
				require.InDelta(t, time.Hour, e.RetryAfter, float64(time.Minute))
			}
		})
	}
}

func TestACountThatIsCanceledIsNoFailureOfTheVendor(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Fault: fakevendor.FaultHang})
	c := newCounter(t, v, toy{}, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	_, err := c.Count(ctx, scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
	require.ErrorIs(t, err, context.Canceled)
	_, ok := errors.AsType[*estimator.VendorError](err)
	require.False(t, ok)
}
