package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// flood runs a load of one body for every request by callers who never sleep:
// one loop asks the sockets in turn whether there is more of an answer.
//
// A caller who waits for an answer in the kernel has to be woken, and that is
// done, and paid for, by whoever sends it: on a virtual machine it takes several
// microseconds of the server's core. A generator that is kept busy by a fast
// server is seldom asleep and one before a slow server often, so the slower of two
// servers would be measured slower than it is.
func (b *bench) flood(l load) (outcome, error) {
	body := l.body()
	request := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: speed\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		l.path, l.headers, len(body), body)
	callers := make([]*awake, l.callers)
	for i := range callers {
		c, err := wake(strings.TrimPrefix(l.url, "http://"), request)
		if err != nil {
			return outcome{}, err
		}
		defer c.close()
		callers[i] = c
	}
	buf := make([]byte, 64<<10)
	began := time.Now()
	for now := began; now.Sub(began) < l.span; now = time.Now() {
		for range 64 {
			for _, c := range callers {
				if err := c.goOn(buf); err != nil {
					return outcome{}, err
				}
			}
		}
	}
	took := time.Since(began)
	var all sample
	for _, c := range callers {
		all = append(all, c.took...)
	}
	if len(all) == 0 {
		return outcome{}, errors.New("no answer in all the time")
	}
	sorted := all.sorted()
	n := len(sorted)
	return outcome{requests: n, rps: float64(n) / took.Seconds(), median: sorted[n/2], p99: sorted[n*99/100]}, nil
}

// awake is a caller who sends the same request again as soon as it is answered,
// and never waits in the kernel.
type awake struct {
	file    *os.File
	fd      int
	request []byte
	out     []byte // what is left of it to send
	in      []byte // what came of the answer so far, up to the end of its head
	left    int    // of the answer's body; -1 while its length is not known
	began   time.Time
	took    sample // seconds
}

// wake connects a caller to a server.
func wake(addr string, request []byte) (*awake, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	file, err := conn.(*net.TCPConn).File() // dialled as TCP
	if err != nil {
		return nil, err
	}
	c := &awake{file: file, fd: int(file.Fd()), request: request}
	if err := syscall.SetNonblock(c.fd, true); err != nil {
		c.close()
		return nil, err
	}
	c.again()
	return c, nil
}

func (c *awake) close() { _ = c.file.Close() }

// again begins the next request.
func (c *awake) again() {
	c.out, c.in, c.left, c.began = c.request, c.in[:0], -1, time.Now()
}

// goOn sends or takes what can be, without waiting for anything. It reads into
// buf.
func (c *awake) goOn(buf []byte) error {
	if len(c.out) > 0 {
		n, err := syscall.Write(c.fd, c.out)
		if errors.Is(err, syscall.EAGAIN) {
			return nil
		}
		c.out = c.out[max(n, 0):]
		return err
	}
	n, err := syscall.Read(c.fd, buf)
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return nil
	case err != nil:
		return err
	case n == 0:
		return errors.New("the server closed a connection")
	}
	return c.take(buf[:n])
}

// take takes a piece of the answer.
func (c *awake) take(piece []byte) error {
	if c.left < 0 {
		c.in = append(c.in, piece...)
		head, rest, whole := bytes.Cut(c.in, []byte("\r\n\r\n"))
		if !whole {
			return nil
		}
		if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("answer %s", c.in)
		}
		_, length, _ := bytes.Cut(head, []byte("\r\nContent-Length: "))
		length, _, _ = bytes.Cut(length, []byte("\r\n"))
		var err error
		if c.left, err = strconv.Atoi(string(length)); err != nil {
			return fmt.Errorf("the answer's length: %w", err)
		}
		piece = rest
	}
	c.left -= len(piece)
	if c.left == 0 {
		c.took = append(c.took, time.Since(c.began).Seconds())
		c.again()
	}
	return nil
}
