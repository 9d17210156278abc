package estimator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/lint"
)

// listening is a vendor that knows when it is silent.
type listening struct {
	slow

	silence func() context.Context
}

func (l *listening) Silence() context.Context { return l.silence() }

func TestASilentVendorIsAskedInPassing(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(8, 9, 10))
	silence, fall := context.WithCancel(t.Context())
	vendor := &listening{slow{counter{method: estimator.MethodVendor, count: counts(12, 12, 12)}, make(chan struct{})}, func() context.Context { return silence }}
	opts.Vendor, opts.VendorPatience = vendor, time.Hour
	e := estimator.New(opts)
	local := func(model string) *estimator.Estimate {
		est, err := e.Estimate(t.Context(), request(t, model), estimator.Query{})
		require.NoError(t, err)
		require.EqualValues(t, 9, est.Usage.PromptTokens, "counted locally")
		require.Equal(t, lint.VendorUnavailable, est.Findings[0].Code)
		return est
	}
	waits := make(chan *estimator.Estimate)
	go func() { waits <- local("kimi-k2.5") }()
	time.AfterFunc(10*time.Millisecond, fall)
	<-waits // who waited when it fell silent waits no longer
	local("kimi-k2.6")

	close(vendor.answer)
	for _, model := range []string{"kimi-k2.5", "kimi-k2.6"} {
		require.Eventually(t, func() bool {
			est, err := e.Estimate(t.Context(), request(t, model), estimator.Query{})
			return err == nil && est.Usage.PromptTokens == 12 && est.Cache == estimator.CacheHit && len(est.Findings) == 0
		}, 5*time.Second, 5*time.Millisecond, "the answers that came are kept")
	}
}

func TestACallerWhoLeavesIsNoSilence(t *testing.T) {
	t.Parallel()
	opts := options(t, counts(8, 9, 10))
	vendor := &listening{slow{counter{method: estimator.MethodVendor}, make(chan struct{})}, t.Context}
	opts.Vendor = vendor
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := estimator.New(opts).Estimate(ctx, request(t, "kimi-k2.5"), estimator.Query{})
	require.ErrorIs(t, err, context.Canceled)
	close(vendor.answer)
}
