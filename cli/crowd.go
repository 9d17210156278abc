package cli

import (
	"container/list"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// fewFiles is how many descriptors are too few to hold out against clients
	// that open connections and are slow on them.
	fewFiles = 4096

	// spareFiles is how many descriptors are kept for what is no caller's
	// connection: calls of the vendor, files, the listener.
	spareFiles = 96

	// maxConnections is the largest crowd: each of its members takes about 20 KB
	// while it does nothing.
	maxConnections = 10000

	// bodyPause is how long a body has to stand still before its connection may
	// make room for another.
	bodyPause = 500 * time.Millisecond

	// crowdWord is how often the log says that somebody had to go.
	crowdWord = 10 * time.Second
)

// noRoom is what a connection is told that there is no room for.
const noRoom = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// crowd is the callers' connections, no more than there are descriptors for.
// When it is full, the one that has said nothing for the longest time makes
// room for who comes: one that is idle between two requests, or has not sent
// the head of its first; if there is none, one whose body does not go on. Only
// when all are being answered is the new one turned away. Without that, whoever opens enough connections and leaves them alone
// shuts out everybody else.
type crowd struct {
	net.Listener

	most int
	log  *slog.Logger
	now  func() time.Time

	mu    sync.Mutex
	quiet list.List // of *member, the longest first
	place map[net.Conn]*list.Element
	all   map[*member]struct{}
	gone  int // connections closed for others, and others turned away
	told  time.Time
}

// newCrowd returns a listener of at most so many connections. Its observe has
// to be the ConnState of the server that uses it.
func newCrowd(l net.Listener, most int, now func() time.Time, log *slog.Logger) *crowd {
	return &crowd{Listener: l, most: most, log: log, now: now, place: map[net.Conn]*list.Element{}, all: map[*member]struct{}{}}
}

// Accept returns the next connection that there is room for.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // the server looks at what it is
		}
		if m, ok := c.admit(conn); ok {
			return m, nil
		}
	}
}

// admit takes a connection into the crowd.
func (c *crowd) admit(conn net.Conn) (net.Conn, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= c.most {
		c.gone++
		c.tell()
		longest, ok := c.longest()
		if !ok {
			_, _ = conn.Write([]byte(noRoom)) // nothing else was written: it does not wait
			_ = conn.Close()
			return nil, false
		}
		c.leave(longest)
		_ = longest.Conn.Close()
	}
	m := &member{Conn: conn, crowd: c}
	c.all[m] = struct{}{}
	c.place[m] = c.quiet.PushBack(m)
	return m, true
}

// longest returns who has been quiet for the longest time.
func (c *crowd) longest() (*member, bool) {
	if first := c.quiet.Front(); first != nil {
		m, ok := first.Value.(*member)
		return m, ok
	}
	var found *member
	since := c.now().Add(-bodyPause).UnixNano()
	for m := range c.all {
		if at := m.waits.Load(); at != 0 && at < since {
			found, since = m, at
		}
	}
	return found, found != nil
}

// leave takes a connection out of the crowd.
func (c *crowd) leave(m *member) {
	c.forget(m)
	delete(c.all, m)
}

// tell says in the log that there are too many, now and then.
func (c *crowd) tell() {
	if c.now().Sub(c.told) < crowdWord {
		return
	}
	c.told = c.now()
	c.log.Warn("too many connections: the quietest are closed for new ones",
		"connections", len(c.all), "limit", c.most, "closed", c.gone)
	c.gone = 0
}

// observe follows what the server does with a connection.
func (c *crowd) observe(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateActive, http.StateClosed, http.StateHijacked:
		c.forget(conn)
	case http.StateIdle:
		m, ok := conn.(*member)
		if _, in := c.all[m]; ok && in {
			c.forget(m)
			c.place[m] = c.quiet.PushBack(m)
		}
	case http.StateNew: // admit has seen to it
	}
}

// forget takes a connection off the quiet ones. Its caller holds the lock.
func (c *crowd) forget(conn net.Conn) {
	if e, ok := c.place[conn]; ok {
		c.quiet.Remove(e)
		delete(c.place, conn)
	}
}

// member is a connection of a crowd.
type member struct {
	net.Conn

	crowd *crowd
	waits atomic.Int64 // since when for more of a body, in Unix nanoseconds; 0 if not
}

// Close closes the connection.
func (m *member) Close() error {
	m.crowd.mu.Lock()
	m.crowd.leave(m)
	m.crowd.mu.Unlock()
	return m.Conn.Close() //nolint:wrapcheck // the server looks at what it is
}

// CloseWrite ends what is sent, so that a caller who still sends can read it.
func (m *member) CloseWrite() error {
	if half, ok := m.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite() //nolint:wrapcheck // the server looks at what it is
	}
	return nil
}

// memberKey is where the context of a request has its connection.
type memberKey struct{}

// attach makes a server use the crowd.
func (c *crowd) attach(server *http.Server) {
	server.ConnState = c.observe
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, memberKey{}, conn)
	}
	h := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, ok := r.Context().Value(memberKey{}).(*member)
		if ok && r.ContentLength != 0 {
			// A copy: the server goes by what its own body is.
			r = r.WithContext(r.Context())
			r.Body = &awaited{ReadCloser: r.Body, m: m}
		}
		h.ServeHTTP(w, r)
	})
}

// awaited is a body that notes since when it is waited for.
type awaited struct {
	io.ReadCloser

	m *member
}

// Read reads from the body.
func (a *awaited) Read(p []byte) (int, error) {
	a.m.waits.Store(a.m.crowd.now().UnixNano())
	defer a.m.waits.Store(0)
	return a.ReadCloser.Read(p) //nolint:wrapcheck // whoever reads looks at what it is
}
