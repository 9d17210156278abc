package main

import (
	"fmt"
	"strings"
)

// row2 is hits whose bodies are large: of text, and of an image.
func row2() row {
	return row{
		number: 2, title: "cache hit, large bodies", measure: measureLarge,
		bound: "Reading from the socket, which the floors do too, BLAKE3 in place of their SHA-256, and one look at every byte of the JSON.",
	}
}

func measureLarge(b *bench) ([]figure, error) {
	ours, err := b.serve(serverCore)
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	hashes, err := b.floor(serverCore, "sha")
	if err != nil {
		return nil, err
	}
	defer hashes.stop()
	scans, err := b.floor(serverCore, "scan")
	if err != nil {
		return nil, err
	}
	defer scans.stop()

	text, err := b.besideFloor(hashes, ours, requestOf(100_000), 16)
	if err != nil {
		return nil, err
	}
	text[0].what, text[0].floor = "requests a second, 100 KB of text, 16 connections", strings.Replace(text[0].floor, "gin that reads the body and answers the same every time", "gin that reads in chunks through SHA-256", 1)

	image := picture(10_000_000)
	once := func(p *process) func() (float64, error) {
		return func() (float64, error) {
			o, err := load{url: p.url, path: "/v1/estimate", callers: 1, span: b.span, body: same(image)}.run()
			return o.median * 1e3, err
		}
	}
	a, z, err := b.inTurn(once(ours), once(scans))
	if err != nil {
		return nil, err
	}
	times := a.over(z)
	return []figure{text[0], {
		what:    "median time, an image of 10 MB in base64, one caller",
		floor:   fmt.Sprintf("gin that reads in chunks through SHA-256 and looks for quotes and backslashes: %.1f ms", z.median()),
		wanted:  "at most 1.3 times",
		reached: times.spread("%.2f") + fmt.Sprintf("; %.1f ms", a.median()),
		met:     judge(times.median() <= 1.3),
	}}, nil
}
