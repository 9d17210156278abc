package estimator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// asked is a vendor that notes what its callers were ready for.
type asked struct {
	counter

	seen *[]estimator.Waiting
}

func (a asked) Count(ctx context.Context, _ *chat.Request, _ *pricing.Model) (estimator.Count, error) {
	*a.seen = append(*a.seen, estimator.WaitingOf(ctx))
	return a.count, nil
}

func TestTheVendorsCounterLearnsHowLongItsCallerWaits(t *testing.T) {
	t.Parallel()
	var seen []estimator.Waiting
	opts := options(t, counts(8, 9, 10))
	opts.Vendor = asked{counter{method: estimator.MethodVendor, count: counts(12, 12, 12)}, &seen}
	opts.VendorPatience = time.Hour
	e := estimator.New(opts)
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	deadline, _ := ctx.Deadline()
	for content, q := range map[string]estimator.Query{
		"a": {Method: estimator.MethodAuto}, "b": {Method: estimator.MethodVendor},
	} {
		_, err := e.Estimate(ctx, request(t, "kimi-k2.5", `"response_format":{"type":"json_schema","json_schema":{"name":"`+content+`"}}`), q)
		require.NoError(t, err)
		got := seen[len(seen)-1]
		require.Equal(t, q.Method == estimator.MethodAuto, got.Spare)
		if got.Spare {
			require.WithinDuration(t, time.Now().Add(time.Hour), got.Until, time.Minute)
		} else {
			require.Equal(t, deadline, got.Until, "though a count that is shared has no deadline of a caller")
		}
	}
	require.Zero(t, estimator.WaitingOf(t.Context()))
}
