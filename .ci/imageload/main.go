// Command imageload sends estimates to a running service and tells what came of
// them: how many got which status, and how long they took. It fails where one
// got a status that is not allowed.
//
//	go run ./.ci/imageload -url http://127.0.0.1:8080 -n 5000 -bytes 2000
//
// No two bodies are the same, so that nothing is answered from a cache, unless it
// is said otherwise.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

type options struct {
	url, kind, allowed string
	n, bytes, atOnce   int
	timeout            time.Duration
	chunked, same      bool
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "http://127.0.0.1:8080", "where the service is")
	flag.StringVar(&o.kind, "kind", "text", "what the bodies consist of: text or image")
	flag.StringVar(&o.allowed, "allow", "200", "statuses that are right, comma-separated")
	flag.IntVar(&o.n, "n", 1000, "how many")
	flag.IntVar(&o.bytes, "bytes", 2000, "how large each body is, about")
	flag.IntVar(&o.atOnce, "at-once", 16, "how many at once")
	flag.BoolVar(&o.same, "same", false, "send the same body each time")
	flag.BoolVar(&o.chunked, "chunked", false, "do not say how long a body is")
	flag.DurationVar(&o.timeout, "timeout", 2*time.Minute, "for all of them")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "imageload:", err)
		os.Exit(1)
	}
}

// outcome is what requests came to.
type outcome struct {
	mu       sync.Mutex
	statuses map[string]int
	took     []time.Duration
}

func run(o options) error {
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	filler := fillerOf(o.kind, o.bytes)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.atOnce, ExpectContinueTimeout: o.timeout}}
	out := outcome{statuses: map[string]int{}}
	next := make(chan int)
	var senders sync.WaitGroup
	begin := time.Now()
	for range o.atOnce {
		senders.Go(func() {
			for i := range next {
				if o.same {
					i = 0
				}
				out.send(ctx, client, o, bodyOf(o.kind, i, filler))
			}
		})
	}
	for i := range o.n {
		next <- i
	}
	close(next)
	senders.Wait()
	out.tell(o, time.Since(begin))
	return out.check(strings.Split(o.allowed, ","))
}

// parts are a body of which the middle is shared by all.
type parts struct {
	head, tail string
	middle     []byte
}

func (p parts) size() int64 { return int64(len(p.head) + len(p.middle) + len(p.tail)) }

func bodyOf(kind string, i int, filler []byte) parts {
	const start = `{"model":"kimi-k2.5","messages":[{"role":"user","content":`
	if kind == "image" {
		// The header of a PNG of 1024 by 768, and the number in what follows.
		head := start + fmt.Sprintf(`[{"type":"text","text":"%d"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAABAAAAAMACAIAAAA`, i)
		return parts{head, `"}}]}]}`, filler}
	}
	return parts{start + fmt.Sprintf(`"%d `, i), `"}]}`, filler}
}

func fillerOf(kind string, size int) []byte {
	if kind == "image" {
		return bytes.Repeat([]byte("AAAA"), size/4)
	}
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "clause %x of the report says what it says about number %d; ", i*2654435761, i)
	}
	return b.Bytes()[:size]
}

func (o *outcome) send(ctx context.Context, client *http.Client, opts options, p parts) {
	begin := time.Now()
	status := post(ctx, client, opts, p)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.statuses[status]++
	o.took = append(o.took, time.Since(begin))
}

func post(ctx context.Context, client *http.Client, opts options, p parts) string {
	body := io.MultiReader(strings.NewReader(p.head), bytes.NewReader(p.middle), strings.NewReader(p.tail))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, opts.url+"/v1/estimate", body)
	if err != nil {
		return err.Error()
	}
	if !opts.chunked {
		r.ContentLength = p.size()
	}
	r.Header.Set("Content-Type", "application/json")
	// An answer may come before all was sent: then the service needs no more.
	if p.size() > 1<<16 {
		r.Header.Set("Expect", "100-continue")
	}
	answer, err := client.Do(r)
	if err != nil {
		return "broken"
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return "broken"
	}
	return fmt.Sprint(answer.StatusCode)
}

func (o *outcome) tell(opts options, all time.Duration) {
	slices.Sort(o.took)
	fmt.Printf("%d %ss of %d bytes, %d at once: %v in %.1f s, p50 %.1f ms, p99 %.1f ms\n", opts.n, opts.kind, opts.bytes, opts.atOnce,
		o.statuses, all.Seconds(), ms(o.took[len(o.took)/2]), ms(o.took[len(o.took)*99/100]))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (o *outcome) check(allowed []string) error {
	for status := range o.statuses {
		if !slices.Contains(allowed, status) {
			return fmt.Errorf("%d got %s, which is not one of %v", o.statuses[status], status, allowed)
		}
	}
	return nil
}
