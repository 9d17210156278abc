package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// helper is a process of its own. It answers every line that it is sent with a
// number.
type helper struct {
	*process

	in  io.WriteCloser
	out *bufio.Reader
}

// helper starts one on the core of the load. The probe goes before all else
// there: what it measures is to be the server's time and not that of who makes the
// load.
func (b *bench) helper(name string, args ...string) (*helper, error) {
	if name == "probe" {
		return b.helperOn(loadCore, name, args...)
	}
	return begin(command(loadCore, "", nil, "nice", append([]string{"-n", "19", b.self, "floor", name}, args...)...))
}

// helperOn starts one on some cores.
func (b *bench) helperOn(cores, name string, args ...string) (*helper, error) {
	return begin(command(cores, "", nil, b.self, append([]string{"floor", name}, args...)...))
}

// begin starts a process that is a helper.
func begin(p *process) (*helper, error) {
	in, toIt, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromIt, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdin, p.cmd.Stdout = in, out
	err = p.cmd.Start()
	_, _ = in.Close(), out.Close()
	return &helper{process: p, in: toIt, out: bufio.NewReader(fromIt)}, err
}

// ask sends a line and returns the number that comes back.
func (h *helper) ask(line string) (float64, error) {
	if _, err := fmt.Fprintln(h.in, line); err != nil {
		return 0, err
	}
	answer, err := h.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, h.said.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(answer), 64)
}

// runProbe sends a small request every few milliseconds until it is asked for
// the 99th percentile, in seconds. They are one unlike the other, or those that
// were there before: what is not known would wait for the vendor, too.
func runProbe(url, known string) error {
	over := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(over)
	}()
	bodies := distinct(500)
	if known == "true" {
		bodies = same(requestOf(500))
	}
	var took sample
	for {
		select {
		case <-over:
			fmt.Println(took.at(0.99))
			return nil
		case <-time.After(5 * time.Millisecond):
		}
		o, err := load{url: url, path: "/v1/estimate", callers: 1, most: 1, body: bodies}.run()
		if err != nil {
			return err
		}
		took = append(took, o.median)
	}
}

// runCrowd sends a crowd for each line, which is a URL and whether the bodies
// are alike. It answers how many were turned away and sent again.
func runCrowd() error {
	image := picture(crowdSize)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		url, alike, _ := strings.Cut(lines.Text(), " ")
		var refused atomic.Int64
		var failed atomic.Value
		var wg sync.WaitGroup
		began := time.Now()
		for range atOnce {
			wg.Go(func() {
				mark := fmt.Sprintf("%016x", time.Now().UnixNano())
				if alike == "true" {
					mark = ""
				}
				err := send(url, image, mark)
				for ; err != nil && time.Since(began) < time.Minute; err = send(url, image, mark) {
					refused.Add(1)
					time.Sleep(100 * time.Millisecond)
				}
				if err != nil {
					failed.Store(err)
				}
			})
		}
		wg.Wait()
		if err, ok := failed.Load().(error); ok {
			return err
		}
		fmt.Println(refused.Load())
	}
	return nil
}

// send sends a body with other bytes in place of some in its middle, and reads
// the answer.
func send(url string, body []byte, mark string) error {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	head := fmt.Sprintf("POST /v1/estimate HTTP/1.1\r\nHost: speed\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	half := len(body) / 2
	for _, piece := range [][]byte{[]byte(head), body[:half], []byte(mark), body[half+len(mark):]} {
		if _, err := conn.Write(piece); err != nil {
			return err
		}
	}
	return readAnswer(bufio.NewReader(conn))
}
