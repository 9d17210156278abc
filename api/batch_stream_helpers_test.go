package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
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
