package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

func TestAnswersComeWhileLinesAreStillSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStream(t, steady(t))
		for i := range 100 {
			s.send(batchLine(fmt.Sprint("line-", i), "kimi-k2.6", "x"))
			require.Contains(t, s.receive(), fmt.Sprintf(`"custom_id":"line-%d"`, i))
		}
		s.end()
		require.True(t, s.rest().summary.Complete)
	})
}

func TestABatchMayTakeAsLongAsItMoves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := openStream(t, steady(t))
		for range 200 {
			time.Sleep(50 * time.Second)
			s.send(hello)
			s.receive()
		}
		s.end()
		require.Greater(t, time.Since(began), 2*time.Hour)
		a := s.rest()
		require.True(t, a.summary.Complete)
	})
}

func TestACallerWhoStopsSendingIsToldAndLetGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStream(t, steady(t))
		s.send(hello)
		s.send(hello)
		s.write("fff\r\n" + hello[:10])
		began := time.Now()
		a := s.rest()
		require.InDelta(t, 60, time.Since(began).Seconds(), 5)
		require.Len(t, a.items, 2)
		require.False(t, a.summary.Complete)
		require.Equal(t, "body_timeout", a.summary.Problem.Code)
		_, err := s.conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF, "what comes behind is never taken for a request")
	})
}

func TestACallerWhoDoesNotReadHoldsUpTheReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := steady(t)
		s := openStream(t, e)
		failed := make(chan error, 1)
		var sent atomic.Int64
		go func() {
			chunk := fmt.Sprintf("%x\r\n%s\n\r\n", len(hello)+1, hello)
			for {
				if _, err := io.WriteString(s.conn, chunk); err != nil {
					failed <- err
					return
				}
				sent.Add(1)
			}
		}()
		synctest.Wait() // until nothing moves any more
		held := sent.Load()
		require.Less(t, e.n.Load(), int64(400), "lines that were estimated and not taken")
		require.Less(t, held*int64(len(hello)), int64(256<<10), "bytes that were taken in all")

		time.Sleep(30 * time.Second)
		synctest.Wait()
		require.Equal(t, held, sent.Load(), "nothing has moved")
		require.Empty(t, failed)
		time.Sleep(time.Minute)
		require.Error(t, <-failed, "after a minute he is let go")
	})
}

func TestASlowReaderGetsEveryLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStream(t, steady(t))
		go func() {
			for range 5000 {
				s.send(hello)
			}
			s.end()
		}()
		for i := range 5000 {
			if i%100 == 0 {
				time.Sleep(20 * time.Second)
			}
			require.Contains(t, s.receive(), fmt.Sprintf(`{"line":%d,`, i+1))
		}
		require.Contains(t, s.receive(), `"complete":true`)
	})
}

// patient answers when it is told to or given up.
type patient struct {
	*fake

	given   atomic.Int64 // up
	began   atomic.Int64
	release chan struct{}
}

func (p *patient) Estimate(ctx context.Context, _ *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	p.began.Add(1)
	select {
	case <-p.release:
		return p.estimate, nil
	case <-ctx.Done():
		p.given.Add(1)
		return nil, ctx.Err()
	}
}

func TestACallerWhoLeavesStopsTheWork(t *testing.T) {
	t.Parallel()
	for name, ended := range map[string]bool{"while he sends": false, "after he sent all": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := &patient{fake: &fake{estimate: contractEstimate(t)}, release: make(chan struct{})}
				s := openStream(t, e, func(o *api.Options) { o.BatchWorkers = 8 })
				for range 100 {
					s.send(hello)
				}
				if ended {
					s.end()
				}
				synctest.Wait()
				require.EqualValues(t, 8, e.began.Load())
				_ = s.conn.Close()
				synctest.Wait()
				require.EqualValues(t, 8, e.given.Load(), "they are given up")
				require.EqualValues(t, 8, e.began.Load(), "and no other is begun")
				// Shutdown waits for handlers, and the bubble for goroutines.
				require.NoError(t, s.server.Shutdown(t.Context()))
			})
		})
	}
}

func TestOneSlowLineHoldsUpNoMoreThanTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &oneSlow{fake: &fake{estimate: contractEstimate(t)}, release: make(chan struct{})}
		s := openStream(t, e, func(o *api.Options) { o.BatchWorkers = 4 })
		go func() {
			for i := range 1000 {
				s.send(requestLine(fmt.Sprint("m", i), "x"))
			}
			s.end()
		}()
		synctest.Wait()
		require.Greater(t, e.n.Load(), int64(100), "others are estimated meanwhile")
		require.Less(t, e.n.Load(), int64(400))
		close(e.release)
		a := s.rest()
		require.Equal(t, 1000, a.summary.Estimates)
	})
}

// oneSlow is slow for the first line.
type oneSlow struct {
	*fake

	n       atomic.Int64
	release chan struct{}
}

func (o *oneSlow) Estimate(_ context.Context, req *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	if req.Model == "m0" {
		<-o.release
	}
	o.n.Add(1)
	return o.estimate, nil
}

func TestABatchEndsInTimeWhenTheServiceStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var draining atomic.Bool
		s := openStream(t, steady(t), func(o *api.Options) {
			o.Draining = draining.Load
			o.BatchGrace = 15 * time.Second
		})
		s.send(hello)
		s.receive()
		draining.Store(true)
		began := time.Now()
		s.send(hello)
		s.receive() // what is sent in time is answered
		a := s.rest()
		require.InDelta(t, 15, time.Since(began).Seconds(), 1)
		require.False(t, a.summary.Complete)
		require.Equal(t, "draining", a.summary.Problem.Code)
		require.NoError(t, s.server.Shutdown(t.Context()))
	})
}

func TestABatchThatMovesEndsInTimeToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var draining atomic.Bool
		s := openStream(t, steady(t), func(o *api.Options) { o.Draining = draining.Load })
		draining.Store(true)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			chunk := fmt.Sprintf("%x\r\n%s\n\r\n", len(hello)+1, hello)
			for {
				if _, err := io.WriteString(s.conn, chunk); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		began := time.Now()
		a := s.rest()
		require.InDelta(t, api.DefaultBatchGrace.Seconds(), time.Since(began).Seconds(), 2)
		require.Equal(t, "draining", a.summary.Problem.Code)
		require.Greater(t, a.summary.Estimates, 1000)
		_ = s.conn.Close()
		<-stopped
	})
}

func TestACallerWhoDoesNotReadDoesNotHoldUpTheServiceThatStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var draining atomic.Bool
		s := openStream(t, steady(t), func(o *api.Options) { o.Draining = draining.Load })
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			chunk := fmt.Sprintf("%x\r\n%s\n\r\n", len(hello)+1, hello)
			for {
				if _, err := io.WriteString(s.conn, chunk); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		draining.Store(true)
		began := time.Now()
		require.NoError(t, s.server.Shutdown(t.Context()))
		require.Less(t, time.Since(began), api.DefaultBatchGrace+5*time.Second)
		_ = s.conn.Close()
		<-stopped
	})
}

func TestABatchThatIsDoneInTimeIsComplete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var draining atomic.Bool
		s := openStream(t, steady(t), func(o *api.Options) { o.Draining = draining.Load })
		s.send(hello)
		draining.Store(true)
		time.Sleep(3 * time.Second)
		s.send(hello)
		s.end()
		a := s.rest()
		require.True(t, a.summary.Complete)
		require.Equal(t, 2, a.summary.Estimates)
	})
}

func TestABodyWithBrokenChunksIsToldAsCutShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStream(t, steady(t))
		s.send(hello)
		go func() { _, _ = io.WriteString(s.conn, "zz\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n") }()
		a := s.rest()
		require.Equal(t, 1, a.summary.Estimates)
		require.Equal(t, "body_cut_short", a.summary.Problem.Code)
		n, err := s.conn.Read(make([]byte, 1))
		require.Zero(t, n, "what comes behind is never taken for a request")
		require.True(t, errors.Is(err, io.EOF), "%v", err)
	})
}
