package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is a number of callers who send the next request as soon as they have
// the answer to the last.
type load struct {
	url     string // of a server that speaks plain HTTP
	path    string
	headers string // whole lines, each with its end
	callers int
	span    time.Duration
	most    int           // requests of each caller; 0: as many as the span has time for
	body    func() []byte // the next one; what it returned last is not used any more
}

// outcome is what a load met.
type outcome struct {
	requests int
	rps      float64
	median   float64 // seconds
	p99      float64
}

// same is a body for every request.
func same(body []byte) func() []byte { return func() []byte { return body } }

// run runs the load. Any answer but 200 is an error.
func (l load) run() (outcome, error) {
	var mu sync.Mutex
	var all sample
	var failed error
	began := time.Now()
	var wg sync.WaitGroup
	for range l.callers {
		wg.Go(func() {
			took, err := l.caller(began.Add(l.span))
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return outcome{}, failed
	}
	n := float64(len(all))
	sorted := all.sorted()
	return outcome{requests: len(all), rps: n / time.Since(began).Seconds(), median: sorted[len(sorted)/2], p99: sorted[int(0.99*n)]}, nil
}

// caller sends requests until an end, and returns how long each took, in
// seconds.
func (l load) caller(end time.Time) (took sample, err error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(l.url, "http://"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 16<<10)
	var head []byte
	for len(took) == 0 || (time.Now().Before(end) && (l.most == 0 || len(took) < l.most)) {
		body := l.body()
		head = fmt.Appendf(head[:0], "POST %s HTTP/1.1\r\nHost: speed\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n",
			l.path, l.headers, len(body))
		began := time.Now()
		if len(body) < 64<<10 { // in one packet
			head = append(head, body...)
			body = nil
		}
		if _, err := conn.Write(head); err != nil {
			return nil, err
		}
		if _, err := conn.Write(body); err != nil {
			return nil, err
		}
		if err := readAnswer(in); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	return took, nil
}

// readAnswer reads an answer of a known length.
func readAnswer(in *bufio.Reader) error {
	status, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := strings.Cut(string(line), ": "); ok && name == "Content-Length" {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	if !strings.Contains(status, " 200 ") {
		text, _ := io.ReadAll(io.LimitReader(in, int64(length)))
		return fmt.Errorf("answer %s: %s", strings.TrimSpace(status), text)
	}
	_, err = in.Discard(length)
	return err
}
