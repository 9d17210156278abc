package main

import (
	"errors"
	"fmt"
	"time"

	"tollgate/estimator/moonshot/fakevendor"
)

const (
	atOnce    = 16          // bodies that come at once
	crowdSize = 100_000_000 // bytes of each
)

// row3 is bodies of 100 MB, sixteen at once.
func row3() row {
	return row{
		number: 3, title: "16 bodies of 100 MB at once", measure: measureCrowd,
		bound: "One core takes the bytes out of the sockets, hashes and scans them; the floors show what that alone comes to: not much more than 1 GB/s " +
			"with SHA-256. So throughput is judged where the server has both cores, one of which it shares with who sends. " +
			"A miss also writes them to a file and sends them on, and on loopback the core that sends does most of the receiver's work as well.",
	}
}

// crowded is one way in which a crowd can be met.
type crowded struct {
	name  string
	cores string // of the server
	asks  bool   // the vendor
	hit   bool
	below float64 // MB, resident

	floor string // what it is held against
	does  string // in words
}

func measureCrowd(b *bench) ([]figure, error) {
	vendor, err := b.floor(loadCore, "sink", "50ms")
	if err != nil {
		return nil, err
	}
	defer vendor.stop()
	sender, err := b.helper("crowd")
	if err != nil {
		return nil, err
	}
	defer sender.stop()
	const hashes, forwards = "gin that reads in chunks through SHA-256", "gin that does so into a file, which it sends on by net/http"
	var figures []figure
	for _, kind := range []crowded{
		{name: "images, hits", hit: true, below: 96, floor: "sha", does: hashes},
		{name: "images, counted here", below: 96, floor: "sha", does: hashes},
		{name: "images, misses that go to a vendor", asks: true, below: 512, floor: "spool", does: forwards},
	} {
		for _, kind.cores = range []string{bothCores, serverCore} {
			got, err := crowds{b, vendor, sender}.beside(kind)
			if err != nil {
				return nil, err
			}
			figures = append(figures, got...)
		}
	}
	return figures, nil
}

// crowds sends the bodies of row 3.
type crowds struct {
	*bench

	vendor *process
	sender *helper
}

// crowdSide is what came of a crowd, in each round.
type crowdSide struct {
	rate  sample // GB/s
	cost  sample // seconds of processor time for a GB
	small sample // milliseconds, 99th percentile of small requests meanwhile
	peak  sample // MB, resident
	load  sample // share of its core that sending took
}

// beside sends a crowd to us and to a floor in turn.
func (c crowds) beside(kind crowded) ([]figure, error) {
	var us, least crowdSide
	refused := 0
	for range c.rounds {
		n, err := c.toUs(kind, &us)
		if err != nil {
			return nil, err
		}
		refused += n
		if err := c.toFloor(kind, &least); err != nil {
			return nil, err
		}
	}
	rate, cost, worst := us.rate.over(least.rate), least.cost.over(us.cost), us.peak.at(1)
	name, wanted, enough := kind.name+", both cores", "at least 1.2 GB/s", judge(us.rate.median() >= 1.2)
	if kind.cores == serverCore {
		name, wanted, enough = kind.name+", one core", "-", ""
	}
	return []figure{{
		what: "peak of resident memory, " + name, floor: "-", wanted: fmt.Sprintf("at most %.0f MB", kind.below),
		reached: fmt.Sprintf("%.0f MB; turned away and sent again: %d", worst, refused), met: judge(worst <= kind.below),
	}, {
		what:   "throughput, " + name,
		floor:  fmt.Sprintf("%s: %.2f GB/s", kind.does, least.rate.median()),
		wanted: wanted,
		reached: us.rate.spread("%.2f") + " GB/s, which is " + rate.spread("%.2f") + " of the floor; by processor time " +
			fmt.Sprintf("(%.2f and %.2f s a GB) ", us.cost.median(), least.cost.median()) + cost.spread("%.2f") +
			fmt.Sprintf("; sending kept its core busy for %.0f %% of the time", 100*us.load.median()),
		met: enough,
	}, {
		what:   "99th percentile of small requests meanwhile",
		floor:  fmt.Sprintf("the same: %.1f ms", least.small.median()),
		wanted: "under 20 ms", reached: us.small.spread("%.1f ms"), met: judge(us.small.median() < 20),
	}}, nil
}

// toUs sends a crowd to a server that was started for it, and returns how many
// bodies were turned away at first.
func (c crowds) toUs(kind crowded, s *crowdSide) (refused int, err error) {
	var env []string
	if kind.asks {
		env = []string{"MOONSHOT_API_KEY=" + fakevendor.Key, "MOONSHOT_BASE_URL=" + c.vendor.url + "/v1"}
	}
	p, err := c.serve(kind.cores, env...)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	// The first of all learns what the vendor's counts cover and is what small
	// requests hit, or makes the count that the large ones do.
	first := load{url: p.url, path: "/v1/estimate", callers: 1, most: 1, body: same(requestOf(500))}
	if kind.hit {
		first.body = same(picture(crowdSize))
	}
	if _, err := first.run(); err != nil {
		return 0, err
	}
	return c.once(p, kind, s)
}

// toFloor sends one to a floor.
func (c crowds) toFloor(kind crowded, s *crowdSide) error {
	p, err := c.floor(kind.cores, kind.floor, c.vendor.url)
	if err != nil {
		return err
	}
	defer p.stop()
	_, err = c.once(p, kind, s)
	return err
}

// once sends one, and small requests meanwhile.
func (c crowds) once(p *process, kind crowded, s *crowdSide) (refused int, err error) {
	probe, err := c.helper("probe", p.url, fmt.Sprint(kind.asks))
	if err != nil {
		return 0, err
	}
	defer probe.stop()
	ours, err1 := p.processorTime()
	theirs, err2 := c.sender.processorTime()
	began := time.Now()
	again, err3 := c.sender.ask(fmt.Sprintf("%s %t", p.url, kind.hit))
	took := time.Since(began).Seconds()
	oursThen, err4 := p.processorTime()
	theirsThen, err5 := c.sender.processorTime()
	small, err6 := probe.ask("")
	peak, err7 := p.memory("VmHWM")
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, p.said.String())
	}
	const gb = atOnce * crowdSize / 1e9
	s.rate, s.cost = append(s.rate, gb/took), append(s.cost, (oursThen-ours)/gb)
	s.small, s.peak = append(s.small, small*1e3), append(s.peak, peak/1e6)
	s.load = append(s.load, (theirsThen-theirs)/took)
	return int(again), nil
}
