package main

import (
	"fmt"
	"time"

	"tollgate/estimator/moonshot/fakevendor"
)

// vendorDelay is how long the fake vendor takes. A real one takes some fifty
// times as long; what is measured over it depends on it as far as the processor's
// caches forget the service meanwhile.
const vendorDelay = 2 * time.Millisecond

// row4 is an estimate that the vendor has to be asked for.
func row4() row {
	return row{
		number: 4, title: "miss, 1 KB", measure: measureMiss,
		bound: "Of the service itself, the steps around the vendor's answer: admission, scan, hash, the one call for equal requests, limits and deadlines, prices; " +
			"most of it is what the processor's caches have forgotten while the vendor took his time. " +
			"Over a network, a second HTTP exchange over loopback: the bare forwarder pays for it, too, and only what is above it is ours. " +
			"Half of it is the way over another process at all, which anybody between a caller and the vendor pays for, whether the cores sleep meanwhile or not. " +
			"Some of our own falls where the forwarder waits as well. On one core nobody waits for another to wake, and all that is worked shows.",
	}
}

func measureMiss(b *bench) ([]figure, error) {
	alone, err := b.ownCosts()
	if err != nil {
		return nil, err
	}
	vendor, err := b.floor(loadCore, "vendor", vendorDelay.String())
	if err != nil {
		return nil, err
	}
	defer vendor.stop()
	apart, err := b.askOn(serverCore, vendor)
	if err != nil {
		return nil, err
	}
	together, err := b.askOn(loadCore, vendor)
	if err != nil {
		return nil, err
	}
	busy, err := b.awake()
	if err != nil {
		return nil, err
	}
	defer busy.stop()
	awake, err := b.askOn(serverCore, vendor)
	if err != nil {
		return nil, err
	}
	own := apart.ours.minus(apart.vendor)
	figures := append(alone, []figure{{
		what:    "over a network: median time over the vendor's own, one caller",
		floor:   fmt.Sprintf("a fake vendor that takes %s, asked directly: %.0f us", vendorDelay, apart.vendor.median()),
		wanted:  "at most 60 us",
		reached: own.spread("%.0f us"),
		met:     judge(own.median() <= 60),
	}, {
		what:    "the same, the cores kept from falling asleep",
		floor:   fmt.Sprintf("the same: %.0f us", awake.vendor.median()),
		wanted:  "-",
		reached: awake.ours.minus(awake.vendor).spread("%.0f us"),
	}, {
		what:    "the same, caller, server and vendor on one core",
		floor:   fmt.Sprintf("the same: %.0f us", together.vendor.median()),
		wanted:  "-",
		reached: together.ours.minus(together.vendor).spread("%.0f us"),
	}}...)
	figures = append(figures, apart.parts("where the cores fall asleep while the vendor works")...)
	figures = append(figures, awake.parts("where they do not")...)
	return append(figures, together.parts("on one core")...), nil
}

// askOn starts those who stand before a vendor, on some cores, and asks everybody.
func (b *bench) askOn(cores string, vendor *process) (took, error) {
	forwarder, err := b.floor(cores, "forward", vendor.url)
	if err != nil {
		return took{}, err
	}
	defer forwarder.stop()
	ours, err := b.serve(cores, "MOONSHOT_API_KEY="+fakevendor.Key, "MOONSHOT_BASE_URL="+vendor.url+"/v1")
	if err != nil {
		return took{}, err
	}
	defer ours.stop()
	between, err := b.floor(cores, "relay", vendor.url)
	if err != nil {
		return took{}, err
	}
	defer between.stop()
	return b.askAll(hops{vendor: vendor, relay: between, forwarder: forwarder, ours: ours})
}

// hops are those who may be asked: the vendor, and whoever stands before it.
type hops struct{ vendor, relay, forwarder, ours *process }

// took is the median microseconds of each, and for those in between how many
// they worked, round by round.
type took struct {
	vendor, relay, forwarder, ours           sample
	relayWorked, forwarderWorked, oursWorked sample
}

// askAll asks everybody in turn.
func (b *bench) askAll(h hops) (took, error) {
	bodies := distinct(1000)
	key := "Authorization: Bearer " + fakevendor.Key + "\r\n"
	var t took
	for range b.rounds {
		for _, side := range []struct {
			p             *process
			path, headers string
			to, worked    *sample
		}{
			{h.vendor, tokenCountPath, key, &t.vendor, new(sample)},
			{h.ours, "/v1/estimate?method=vendor", "", &t.ours, &t.oursWorked},
			{h.forwarder, "/", "", &t.forwarder, &t.forwarderWorked},
			{h.relay, tokenCountPath, key, &t.relay, &t.relayWorked},
		} {
			before, err := side.p.processorTime()
			if err != nil {
				return took{}, err
			}
			o, err := load{url: side.p.url, path: side.path, headers: side.headers, callers: 1, span: b.span, body: bodies}.run()
			if err != nil {
				return took{}, err
			}
			after, err := side.p.processorTime()
			if err != nil {
				return took{}, err
			}
			*side.to = append(*side.to, o.median*1e6)
			*side.worked = append(*side.worked, (after-before)/float64(o.requests)*1e6)
		}
	}
	return t, nil
}

// parts is what the way over somebody else comes to, part by part.
func (t took) parts(where string) []figure {
	part := func(what, floor string, of, work sample) figure {
		return figure{
			what: what + ", " + where, floor: floor, wanted: "-",
			reached: of.spread("%.0f us") + "; of processor time " + work.spread("%.0f us"),
		}
	}
	return []figure{
		part("of this the way over another process", "bytes passed on and back, over the vendor", t.relay.minus(t.vendor), t.relayWorked),
		part("of this HTTP twice", "gin that hashes the body and forwards it by net/http, over that",
			t.forwarder.minus(t.relay), t.forwarderWorked.minus(t.relayWorked)),
		part("of this our own", "over the forwarder", t.ours.minus(t.forwarder), t.oursWorked.minus(t.forwarderWorked)),
	}
}

// minus is the difference of two samples, round by round.
func (s sample) minus(floor sample) sample {
	out := make(sample, len(s))
	for i := range s {
		out[i] = s[i] - floor[i]
	}
	return out
}
