package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/estimator/moonshot/fakevendor"
)

// atOnce is how many bodies of 100 MB come at once.
const atOnce = 16

// row3 is bodies of 100 MB, sixteen at once.
func row3() row {
	return row{
		number: 3, title: "16 bodies of 100 MB at once", measure: measureCrowd,
		bound: "One core reads the sockets, hashes and scans; on the other, one process makes all of the load.",
	}
}

func measureCrowd(b *bench) ([]figure, error) {
	image := picture(100_000_000)
	vendor, err := b.floor(loadCore, "vendor", "50ms")
	if err != nil {
		return nil, err
	}
	defer vendor.stop()
	asked := []string{"MOONSHOT_API_KEY=" + fakevendor.Key, "MOONSHOT_BASE_URL=" + vendor.url + "/v1"}
	var figures []figure
	for _, kind := range []struct {
		name  string
		env   []string
		below float64 // MB
		hit   bool
	}{
		{"images, hits", nil, 96, true},
		{"images, counted here", nil, 96, false},
		{"images, misses that go to a vendor", asked, 512, false},
	} {
		got, err := b.crowd(kind.name, kind.env, kind.below, image, kind.hit)
		if err != nil {
			return nil, err
		}
		figures = append(figures, got...)
	}
	return figures, nil
}

// crowd sends the bodies, and small requests meanwhile from another process.
func (b *bench) crowd(name string, env []string, below float64, image []byte, hit bool) ([]figure, error) {
	p, err := b.serve(serverCore, env...)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if hit { // the first of all makes the count
		if _, err := (load{url: p.url, path: "/v1/estimate", callers: 1, most: 1, body: same(image)}).run(); err != nil {
			return nil, err
		}
	}
	stop, err := b.probe(p.url)
	if err != nil {
		return nil, err
	}
	var refused atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range atOnce {
		wg.Go(func() {
			one := load{url: p.url, path: "/v1/estimate", callers: 1, most: 1, body: same(image)}
			for _, err := one.run(); err != nil && time.Since(began) < time.Minute; _, err = one.run() {
				refused.Add(1)
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	wg.Wait()
	gbps := float64(atOnce*len(image)) / time.Since(began).Seconds() / 1e9
	p99, err := stop()
	if err != nil {
		return nil, err
	}
	peak, err := p.memory("VmHWM")
	if err != nil {
		return nil, err
	}
	return []figure{
		{
			what: "peak of resident memory, " + name, wanted: fmt.Sprintf("at most %.0f MB", below),
			reached: fmt.Sprintf("%.0f MB; turned away and sent again: %d", peak/1e6, refused.Load()), met: judge(peak/1e6 <= below),
		},
		{what: "throughput, " + name, wanted: "at least 1.2 GB/s", reached: fmt.Sprintf("%.2f GB/s", gbps), met: judge(gbps >= 1.2)},
		{what: "99th percentile of small requests meanwhile", wanted: "under 20 ms", reached: fmt.Sprintf("%.1f ms", p99*1e3), met: judge(p99 < 0.02)},
	}, nil
}

// probe starts another process that sends a small request every few
// milliseconds. What it returns ends that, and returns the 99th percentile in
// seconds.
func (b *bench) probe(url string) (func() (float64, error), error) {
	cmd := exec.Command(b.self, "floor", "probe", url)
	end, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() (float64, error) {
		_ = end.Close()
		if err := cmd.Wait(); err != nil {
			return 0, err
		}
		return strconv.ParseFloat(said.String(), 64)
	}, nil
}

// runProbe is that process.
func runProbe(url string) error {
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	bodies := distinct(500)
	var took sample
	for {
		select {
		case <-over:
			fmt.Print(took.at(0.99))
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
