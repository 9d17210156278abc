package moonshot_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/moonshot/fakevendor"
)

func TestWithoutACalibrationTheBoundsAllowForIt(t *testing.T) {
	t.Parallel()
	by := toy{}
	for _, fault := range []fakevendor.Fault{fakevendor.Fault403, fakevendor.Fault429TPM, fakevendor.FaultHTML} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			for _, covers := range []fakevendor.Covers{{}, {GenerationPrompt: true}} {
				v := fakevendor.Start(t, fakevendor.Options{Models: []string{"m"}, Count: seenBy(covers, by, "kimi-k2.5")})
				v.Queue(fault)
				req := scan(t, fmt.Sprintf(tools, "m"))
				want, err := by.Count(t.Context(), req, model("m", "kimi-k2.5"))
				require.NoError(t, err)
				c := newCounter(t, v, by, time.Now)
				got, err := c.Count(t.Context(), req, model("m", "kimi-k2.5"))
				require.NoError(t, err)
				require.LessOrEqual(t, got.Low, want.Tokens)
				require.GreaterOrEqual(t, got.High, want.Tokens)
				require.Equal(t, int64(4), got.High-got.Low, "only the generation prompt is in doubt")
				require.Equal(t, 2, v.Estimates())

				_, err = c.Count(t.Context(), req, model("m", "kimi-k2.5"))
				require.NoError(t, err)
				require.Equal(t, 2, v.Estimates(), "the same is not sent again")
				_, err = c.Count(t.Context(), scan(t, fmt.Sprintf(plain, "m")), model("m", "kimi-k2.5"))
				require.NoError(t, err)
				require.Equal(t, 3, v.Estimates(), "a failed calibration is left alone for a while")
			}
		})
	}
}

func TestACalibrationNeverTakesACallersTime(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{})
	v.Queue(fakevendor.FaultHang)
	c := newCounter(t, v, toy{}, time.Now)
	ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer cancel()
	got, err := c.Count(ctx, scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
	require.NoError(t, err)
	require.Equal(t, [3]int64{5, 9, 9}, [3]int64{got.Low, got.Tokens, got.High})
}

func TestWhatIsCountedBeforeItIsKnownWhatThatCoversIsSentOnce(t *testing.T) {
	t.Parallel()
	var minutes atomic.Int64
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
	v := fakevendor.Start(t, fakevendor.Options{})
	v.Queue(fakevendor.Fault403)
	c := newCounter(t, v, toy{}, now)
	count := func() estimator.Count {
		got, err := c.Count(t.Context(), scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5"))
		require.NoError(t, err)
		return got
	}
	early := count()
	require.True(t, early.Provisional)
	require.Less(t, early.Low, early.High)
	for range 3 {
		require.Equal(t, early, count())
	}
	require.Equal(t, 2, v.Estimates(), "the calibration and the request")
	minutes.Store(2)
	known := count()
	require.False(t, known.Provisional)
	require.Equal(t, known.Low, known.High)
	require.Equal(t, 3, v.Estimates(), "the calibration again")
	minutes.Store(60)
	require.Equal(t, known, count())
	require.Equal(t, 4, v.Estimates(), "what was remembered of it for a while is none of the cache")
}

func TestManyCallersShareOneCalibration(t *testing.T) {
	t.Parallel()
	v := fakevendor.Start(t, fakevendor.Options{Delay: 30 * time.Millisecond})
	c := newCounter(t, v, toy{}, time.Now)
	req := scan(t, string(hello()))
	var wg sync.WaitGroup
	var exact atomic.Int64
	for range 40 {
		wg.Go(func() {
			if got, err := c.Count(t.Context(), req, model("kimi-k2.5", "kimi-k2.5")); err == nil && got.Low == got.High {
				exact.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 40, exact.Load())
	require.Equal(t, 41, v.Estimates())
}

func TestAFindingIsLookedAtAgainAfterADayWithoutHoldingAnyoneUp(t *testing.T) {
	t.Parallel()
	var hours atomic.Int64
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(hours.Load()) * time.Hour) }
	v := fakevendor.Start(t, fakevendor.Options{})
	c := newCounter(t, v, toy{}, now)
	req, m := scan(t, string(hello())), model("kimi-k2.5", "kimi-k2.5")
	count := func() estimator.Count {
		got, err := c.Count(t.Context(), req, m)
		require.NoError(t, err)
		return got
	}
	require.EqualValues(t, 9, count().Tokens)
	hours.Store(23)
	require.EqualValues(t, 9, count().Tokens)
	require.Equal(t, 3, v.Estimates())

	hours.Store(25)
	v.Set(func(o *fakevendor.Options) { o.Covers.GenerationPrompt = true })
	require.EqualValues(t, 13, count().Tokens, "the old finding still holds while it is looked at again")
	require.Eventually(t, func() bool { return count().Tokens == 9 }, 5*time.Second, 10*time.Millisecond)
}
