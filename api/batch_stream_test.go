package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

// pipes is a network in memory, whose connections hold nothing: what one end
// writes, the other has to read.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (*pipes) Addr() net.Addr { return &net.TCPAddr{} }

// stream is a batch on its way, through a server with the time limits of the
// real one.
type stream struct {
	t      *testing.T
	conn   net.Conn
	answer *bufio.Reader
	server *http.Server
	taken  int // lines
}

// openStream starts a server and sends it the head of a batch. It belongs into
// a synctest bubble, which fails if a goroutine is left.
func openStream(t *testing.T, e api.Estimator, edit ...func(*api.Options)) *stream {
	t.Helper()
	h := service(t, e, append([]func(*api.Options){func(o *api.Options) { o.Now = time.Now }}, edit...)...)
	network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	s := &stream{t: t, server: &http.Server{Handler: h, ReadTimeout: 60 * time.Second, WriteTimeout: 90 * time.Second}}
	go func() { _ = s.server.Serve(network) }()
	client, server := net.Pipe()
	network.conns <- server
	s.conn = client
	t.Cleanup(func() {
		_ = client.Close()
		_ = s.server.Close()
	})
	s.write("POST " + batchPath + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
	return s
}

func (s *stream) write(text string) {
	s.t.Helper()
	_, err := io.WriteString(s.conn, text)
	require.NoError(s.t, err)
}

// send sends a line.
func (s *stream) send(line string) {
	s.t.Helper()
	s.write(fmt.Sprintf("%x\r\n%s\n\r\n", len(line)+1, line))
}

// end ends the body.
func (s *stream) end() { s.write("0\r\n\r\n") }

// open reads the head of the answer and returns its body.
func (s *stream) open() *bufio.Reader {
	s.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(s.conn), nil) //nolint:bodyclose // the connection is
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, resp.StatusCode)
	return bufio.NewReader(resp.Body)
}

// receive reads a line.
func (s *stream) receive() string {
	s.t.Helper()
	if s.answer == nil {
		s.answer = s.open()
	}
	line, err := s.answer.ReadString('\n')
	require.NoError(s.t, err)
	s.taken++
	return line
}

// rest reads all lines up to the end.
func (s *stream) rest() batchAnswer {
	s.t.Helper()
	if s.answer == nil {
		s.answer = s.open()
	}
	return readBatchFrom(s.t, s.answer, s.taken)
}

// counting answers every line the same, and counts them.
type counting struct {
	*fake

	n atomic.Int64
}

// steady answers every line by the contract's example.
func steady(t testing.TB) *counting {
	return &counting{fake: &fake{estimate: contractEstimate(t)}}
}

func (c *counting) Estimate(context.Context, *chat.Request, estimator.Query) (*estimator.Estimate, error) {
	c.n.Add(1)
	return c.estimate, nil
}

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
