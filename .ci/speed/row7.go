package main

import (
	"fmt"
)

// row7 is how cost grows.
func row7() row {
	return row{
		number: 7, title: "scale", measure: measureScale,
		bound: "Large bodies: the socket, the hash, and of text the copy that is counted. Many entries: the processor's caches, which a look-up among millions misses. Two cores: the memory they share, and on this machine everybody else.",
	}
}

func measureScale(b *bench) ([]figure, error) {
	figures, err := b.cores()
	if err != nil {
		return nil, err
	}
	for _, entries := range []int{1_000, 100_000, 1_000_000, 5_000_000} {
		if b.quick && entries > 1_000_000 {
			continue
		}
		s, err := b.cacheShape(entries)
		if err != nil {
			return nil, err
		}
		b.curves.entries = append(b.curves.entries, s)
		figures = append(figures, figure{
			what: fmt.Sprintf("cache of %d entries", entries), floor: "Zipf's law, exponent 1.01, over ten times as many keys", wanted: "-",
			reached: fmt.Sprintf("hit ratio %.3f; a hit %.0f ns, 99th percentile %.0f ns", s.ratio, s.hit*1e9, s.p99*1e9),
		})
	}
	sizes, err := b.sizes()
	return append(figures, sizes...), err
}

// cores compares hits on one core and on two, without the network, whose load
// would need a third.
func (b *bench) cores() ([]figure, error) {
	var ratio, one sample
	for range b.rounds {
		args := []string{"test", "-run=^$", "-bench=HitOnEveryCore", "-benchtime=" + (b.span / 2).String(), "./api"}
		slow, err := tested(`HitOnEveryCore\S*\s+\d+\s+([0-9.]+) ns/op`, append(args, "-cpu=1")...)
		if err != nil {
			return nil, err
		}
		fast, err := tested(`HitOnEveryCore\S*\s+\d+\s+([0-9.]+) ns/op`, append(args, "-cpu=2")...)
		if err != nil {
			return nil, err
		}
		one, ratio = append(one, slow), append(ratio, slow/fast)
	}
	return []figure{{
		what: "hits a second on two cores, in the handler", floor: fmt.Sprintf("on one core: %.0f ns a hit", one.median()), wanted: "-",
		reached: ratio.spread("%.2f times"),
	}}, nil
}

// sizes measures hits of texts and of images by their size.
func (b *bench) sizes() ([]figure, error) {
	ours, err := b.serve(serverCore)
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	floor, err := b.floor(serverCore, "sha")
	if err != nil {
		return nil, err
	}
	defer floor.stop()
	var figures []figure
	for _, size := range []int{200, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000} {
		if b.quick && size > 10_000_000 {
			continue
		}
		at := point{size: size}
		for _, side := range []struct {
			p    *process
			body []byte
			to   *float64
		}{{ours, requestOf(size), &at.text}, {ours, picture(size), &at.image}, {floor, requestOf(size), &at.floor}} {
			o, err := load{url: side.p.url, path: "/v1/estimate", callers: 1, span: b.span, most: 20_000, body: same(side.body)}.run()
			if err != nil {
				return nil, fmt.Errorf("%d bytes: %w", size, err)
			}
			*side.to = o.median
		}
		b.curves.sizes = append(b.curves.sizes, at)
		figures = append(figures, figure{
			what: fmt.Sprintf("a hit of %d bytes, one caller", size), floor: "gin that reads in chunks through SHA-256: " + length(at.floor), wanted: "-",
			reached: "text " + length(at.text) + ", image " + length(at.image),
		})
	}
	return figures, nil
}

// length prints seconds.
func length(s float64) string {
	if s < 1e-3 {
		return fmt.Sprintf("%.0f us", s*1e6)
	}
	return fmt.Sprintf("%.2f ms", s*1e3)
}
