package main

import (
	"fmt"
	"time"

	"tollgate/estimator/moonshot/fakevendor"
)

// vendorDelay is how long the fake vendor takes. A real one takes some fifty
// times as long; the difference does not depend on it.
const vendorDelay = 2 * time.Millisecond

// row4 is an estimate that the vendor has to be asked for.
func row4() row {
	return row{
		number: 4, title: "miss, 1 KB", measure: measureMiss,
		bound: "A second HTTP exchange over loopback: the bare forwarder pays for it, too, and only what is above it is ours.",
	}
}

func measureMiss(b *bench) ([]figure, error) {
	vendor, err := b.floor(loadCore, "vendor", vendorDelay.String())
	if err != nil {
		return nil, err
	}
	defer vendor.stop()
	forwarder, err := b.floor(serverCore, "forward", vendor.url)
	if err != nil {
		return nil, err
	}
	defer forwarder.stop()
	ours, err := b.serve(serverCore, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.url+"/v1")
	if err != nil {
		return nil, err
	}
	defer ours.stop()

	bodies := distinct(1000)
	median := func(p *process, path, headers string) (float64, error) {
		o, err := load{url: p.url, path: path, headers: headers, callers: 1, span: b.span, body: bodies}.run()
		return o.median * 1e6, err
	}
	var direct, bare, whole sample
	for range b.rounds {
		for _, side := range []struct {
			p       *process
			path    string
			headers string
			to      *sample
		}{
			{vendor, tokenCountPath, "Authorization: Bearer " + fakevendor.Key + "\r\n", &direct},
			{ours, "/v1/estimate?method=vendor", "", &whole},
			{forwarder, "/", "", &bare},
		} {
			us, err := median(side.p, side.path, side.headers)
			if err != nil {
				return nil, err
			}
			*side.to = append(*side.to, us)
		}
	}
	own, hop, above := whole.minus(direct), bare.minus(direct), whole.minus(bare)
	return []figure{{
		what:    "median time over the vendor's own, one caller",
		floor:   fmt.Sprintf("a fake vendor that takes %s, asked directly: %.0f us", vendorDelay, direct.median()),
		wanted:  "at most 60 us",
		reached: own.spread("%.0f us"),
		met:     judge(own.median() <= 60),
	}, {
		what:    "the same, over a bare forwarder",
		floor:   "gin that hashes the body and forwards it by net/http: " + hop.spread("%.0f us") + " over the vendor",
		wanted:  "-",
		reached: above.spread("%.0f us"),
	}}, nil
}

// minus is the difference of two samples, round by round.
func (s sample) minus(floor sample) sample {
	out := make(sample, len(s))
	for i := range s {
		out[i] = s[i] - floor[i]
	}
	return out
}
