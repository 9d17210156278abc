package main

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// point is the median seconds of a hit by the size of its body.
type point struct {
	size               int
	text, image, floor float64
}

// curves is what the picture shows.
type curves struct {
	sizes   []point
	entries []shape
}

// The picture, in its own units.
const (
	panelWidth, panelHeight = 360, 260
	left, top               = 70, 50
)

// panel is one diagram with logarithmic axes: from and to are powers of ten.
type panel struct {
	strings.Builder

	x                      float64 // of its left side
	fromX, toX, fromY, toY int
}

// draw writes the picture, if there is something to show.
func (c *curves) draw(path string) error {
	if len(c.sizes) == 0 || len(c.entries) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		2*(panelWidth+left)+130, panelHeight+top+60)
	b.WriteString(`<rect width="100%" height="100%" fill="#fff"/>` + "\n")
	b.WriteString(c.bySize())
	b.WriteString(c.byEntries())
	b.WriteString("</svg>\n")
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// bySize shows the time of a hit over the size of its body.
func (c *curves) bySize() string {
	p := &panel{x: left, fromX: 2, toX: 8, fromY: -5, toY: 0}
	p.frame("Time of a hit, one caller", "bytes of the request")
	for exp := p.fromY; exp <= p.toY; exp++ {
		p.mark(float64(exp), []string{"10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s"}[exp-p.fromY])
	}
	for i, line := range []struct {
		name, colour string
		of           func(point) float64
	}{
		{"text", "#1f77b4", func(p point) float64 { return p.text }},
		{"image", "#d62728", func(p point) float64 { return p.image }},
		{"floor: read and SHA-256", "#7f7f7f", func(p point) float64 { return p.floor }},
	} {
		var at [][2]float64
		for _, s := range c.sizes {
			at = append(at, [2]float64{math.Log10(float64(s.size)), math.Log10(line.of(s))})
		}
		p.line(line.name, line.colour, i, at)
	}
	return p.String()
}

// byEntries shows the time of a look-up, and the hit ratio, over the size of
// the cache.
func (c *curves) byEntries() string {
	p := &panel{x: 2*left + panelWidth, fromX: 3, toX: 7, fromY: 1, toY: 4}
	p.frame("A look-up in the count cache", "entries")
	for exp := p.fromY; exp <= p.toY; exp++ {
		p.mark(float64(exp), []string{"10 ns", "100 ns", "1 us", "10 us"}[exp-p.fromY])
	}
	var median, slow [][2]float64
	for _, s := range c.entries {
		x := math.Log10(float64(s.entries))
		median = append(median, [2]float64{x, math.Log10(s.hit * 1e9)})
		slow = append(slow, [2]float64{x, math.Log10(s.p99 * 1e9)})
		px, _ := p.place(x, 0)
		fmt.Fprintf(p, `<text x="%.0f" y="%d" text-anchor="middle" fill="#2ca02c">%.2f</text>`+"\n", px, top+14, s.ratio)
	}
	p.line("median", "#1f77b4", 0, median)
	p.line("99th percentile", "#d62728", 1, slow)
	p.line("hit ratio (figures)", "#2ca02c", 2, nil)
	return p.String()
}

// place is where a point of two logarithms is.
func (p *panel) place(x, y float64) (float64, float64) {
	return p.x + (x-float64(p.fromX))/float64(p.toX-p.fromX)*panelWidth,
		top + (float64(p.toY)-y)/float64(p.toY-p.fromY)*panelHeight
}

// frame draws what is around the lines.
func (p *panel) frame(title, under string) {
	fmt.Fprintf(p, `<text x="%.0f" y="%d" font-size="15">%s</text>`+"\n", p.x, top-20, title)
	fmt.Fprintf(p, `<rect x="%.0f" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>`+"\n", p.x, top, panelWidth, panelHeight)
	for exp := p.fromX; exp <= p.toX; exp++ {
		x, _ := p.place(float64(exp), 0)
		fmt.Fprintf(p, `<line x1="%.0f" x2="%.0f" y1="%d" y2="%d" stroke="#eee"/><text x="%.0f" y="%d" text-anchor="middle">10<tspan dy="-5" font-size="9">%d</tspan></text>`+"\n",
			x, x, top, top+panelHeight, x, top+panelHeight+18, exp)
	}
	fmt.Fprintf(p, `<text x="%.0f" y="%d" text-anchor="middle">%s</text>`+"\n", p.x+panelWidth/2, top+panelHeight+38, under)
}

// mark names a height.
func (p *panel) mark(y float64, name string) {
	_, at := p.place(0, y)
	fmt.Fprintf(p, `<line x1="%.0f" x2="%.0f" y1="%.0f" y2="%.0f" stroke="#eee"/><text x="%.0f" y="%.0f" text-anchor="end">%s</text>`+"\n",
		p.x, p.x+panelWidth, at, at, p.x-6, at+4, name)
}

// line draws a line and its name.
func (p *panel) line(name, colour string, number int, points [][2]float64) {
	var at strings.Builder
	for _, point := range points {
		x, y := p.place(point[0], point[1])
		fmt.Fprintf(&at, "%.1f,%.1f ", x, y)
	}
	fmt.Fprintf(p, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/><text x="%.0f" y="%d" fill="%s">%s</text>`+"\n",
		strings.TrimSpace(at.String()), colour, p.x+10, top+panelHeight-12-18*number, colour, name)
}
