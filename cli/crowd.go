package cli

import (
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
	quiet *member // a ring of those that are, and of some that are busy; the longest is next to it
	all   map[*member]struct{}
	gone  int // connections closed for others, and others turned away
	told  time.Time
}

// newCrowd returns a listener of at most so many connections. Its observe has
// to be the ConnState of the server that uses it.
func newCrowd(l net.Listener, most int, now func() time.Time, log *slog.Logger) *crowd {
	ring := &member{}
	ring.prev, ring.next = ring, ring
	return &crowd{Listener: l, most: most, log: log, now: now, quiet: ring, all: map[*member]struct{}{}}
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
	m := &member{patient: newPatient(conn), crowd: c}
	c.all[m] = struct{}{}
	m.hush()
	return m, true
}

// longest returns who has been quiet for the longest time.
func (c *crowd) longest() (*member, bool) {
	for first := c.quiet.next; first != c.quiet; first = c.quiet.next {
		if !first.busy.Load() {
			return first, true
		}
		first.stir()
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
	m.stir()
	m.left = true
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
	m, ok := conn.(*member)
	if !ok {
		return
	}
	if state == http.StateActive {
		m.busy.Store(true) // whoever looks for a quiet one sees that it is none
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateClosed, http.StateHijacked:
		m.stir()
	case http.StateIdle:
		m.busy.Store(false)
		if !m.left {
			m.hush()
		}
	case http.StateNew, http.StateActive: // seen to
	}
}

// member is a connection of a crowd. It has its own place in the ring of those
// that are quiet, or were: the end of every request makes it the last of them.
type member struct {
	*patient

	crowd      *crowd
	prev, next *member      // nil while it is not quiet
	left       bool         // it is closed
	busy       atomic.Bool  // a request was made and is not answered
	waits      atomic.Int64 // since when for what is sent of it, in Unix nanoseconds; 0 if not
}

// hush makes the connection the last of those that are quiet. Its caller holds
// the crowd's lock, as that of stir does.
func (m *member) hush() {
	m.stir()
	ring := m.crowd.quiet
	m.prev, m.next = ring.prev, ring
	m.prev.next, ring.prev = m, m
}

// stir takes the connection off the quiet ones.
func (m *member) stir() {
	if m.next != nil {
		m.prev.next, m.next.prev = m.next, m.prev
		m.prev, m.next = nil, nil
	}
}

// Read reads what is sent, and notes since when a body is waited for: before
// its head is there the connection is one of the quiet ones. While a request is
// answered the server reads a single byte ahead, to see whether the caller
// leaves: that is no waiting.
func (m *member) Read(p []byte) (int, error) {
	if len(p) == 1 || !m.busy.Load() {
		return m.patient.Read(p)
	}
	m.waits.Store(m.crowd.now().UnixNano())
	defer m.waits.Store(0)
	return m.patient.Read(p)
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

// attach makes a server use the crowd.
func (c *crowd) attach(server *http.Server) { server.ConnState = c.observe }
