package moonshot_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/moonshot"
)

// heard is a counter over a vendor that takes a time for its answers, if it
// answers at all.
func heard(t *testing.T) (c *moonshot.Counter, ask func(), delay *atomic.Int64) {
	t.Helper()
	delay = &atomic.Int64{}
	delay.Store(int64(20 * time.Millisecond))
	n := &network{answer: func(_ int64, r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Duration(delay.Load())):
			return fine(), nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}}
	c, err := moonshot.NewCounter(moonshot.CounterOptions{Client: wired(t, n, nil), Local: toy{}, Now: time.Now})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	i := 0
	return c, func() {
		i++
		req := scan(t, fmt.Sprintf(`{"model":"kimi-k2.5","messages":[{"role":"user","content":"%d"}]}`, i))
		_, _ = c.Count(t.Context(), req, model("kimi-k2.5", "kimi-k2.5"))
	}, delay
}

func TestAVendorThatFallsSilentIsNoticedSoonAndHeardAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, ask, delay := heard(t)
		for range 10 {
			ask()
		}
		silence := c.Silence()
		require.NoError(t, silence.Err())
		delay.Store(int64(time.Hour))
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(ask)
		<-silence.Done()
		require.InDelta(t, 0.1, time.Since(began).Seconds(), 0.01)
		require.Error(t, c.Silence().Err(), "until it is heard again")
		wg.Wait()
		require.Error(t, c.Silence().Err())
		delay.Store(int64(time.Millisecond))
		ask()
		require.NoError(t, c.Silence().Err())
	})
}

func TestAVendorThatIsSlowToOneIsNotSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, ask, delay := heard(t)
		for range 10 {
			ask()
		}
		silence := c.Silence()
		delay.Store(int64(3 * time.Second))
		var wg sync.WaitGroup
		wg.Go(ask)
		synctest.Wait()
		delay.Store(int64(20 * time.Millisecond))
		for range 50 {
			ask()
			time.Sleep(20 * time.Millisecond)
		}
		require.NoError(t, silence.Err())
		wg.Wait()
	})
}

func TestWhatIsUsualIsLearned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, ask, delay := heard(t)
		for i := range 100 { // between 300 and 500 ms
			delay.Store(int64(300+100*(i%3)) * int64(time.Millisecond))
			ask()
		}
		silence := c.Silence()
		require.NoError(t, silence.Err())
		delay.Store(int64(900 * time.Millisecond))
		ask()
		require.NoError(t, silence.Err(), "a little slower")
		delay.Store(int64(time.Hour))
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(ask)
		<-silence.Done()
		require.InDelta(t, 2, time.Since(began).Seconds(), 1)
		wg.Wait()
	})
}

func TestNothingIsSilentBeforeItIsKnownWhatIsUsual(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, ask, delay := heard(t)
		delay.Store(int64(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		go ask()
		select {
		case <-c.Silence().Done():
			require.Fail(t, "nobody knows how long it takes")
		case <-ctx.Done():
		}
	})
}
