package main

import (
	"fmt"
)

// row1 is the estimate that most callers get: of a short request that was
// counted before.
func row1() row {
	return row{
		number: 1, title: "cache hit, 500-byte body", measure: measureHit,
		bound: "What is left is reading HTTP, which the floor does too; then one pass over the body with its hashes, and writing an answer that is twice as long as the floor's.",
	}
}

func measureHit(b *bench) ([]figure, error) {
	body := requestOf(500)
	floor, err := b.floor(serverCore, "gin")
	if err != nil {
		return nil, err
	}
	defer floor.stop()
	ours, err := b.serve(serverCore)
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	logging, err := b.serve(serverCore, "TOLLGATE_LOG_LEVEL=info")
	if err != nil {
		return nil, err
	}
	defer logging.stop()
	var figures []figure
	for _, callers := range []int{8, 64} {
		got, err := b.besideFloor(floor, ours, body, callers)
		if err != nil {
			return nil, err
		}
		figures = append(figures, got...)
	}
	got, err := b.besideFloor(floor, logging, body, 64)
	if err != nil {
		return nil, err
	}
	got[0].what += ", a line of log a request"
	got[0].met, got[0].wanted = noted, "-"
	return append(figures, got[0]), nil
}

// side is what one server did in each round.
type side struct{ rate, slow, cost sample }

// besideFloor compares requests a second, the slowest of a hundred, and the
// processor time of a request, which is the same ratio again on a machine that
// others use, too.
func (b *bench) besideFloor(floor, ours *process, body []byte, callers int) ([]figure, error) {
	var us, least side
	for range b.rounds {
		for p, s := range map[*process]*side{ours: &us, floor: &least} {
			if err := b.floodOnce(p, s, load{path: "/v1/estimate", callers: callers, span: b.span, body: same(body)}); err != nil {
				return nil, err
			}
		}
	}
	rate, tail, cost := us.rate.over(least.rate), us.slow.over(least.slow), least.cost.over(us.cost)
	return []figure{{
		what:   fmt.Sprintf("requests a second, %d connections", callers),
		floor:  fmt.Sprintf("gin that reads the body and answers the same every time: %.0f/s", least.rate.median()),
		wanted: "at least 0.70",
		reached: rate.spread("%.2f") + fmt.Sprintf("; %.0f/s; by processor time (%.1f and %.1f us) ",
			us.rate.median(), us.cost.median(), least.cost.median()) + cost.spread("%.2f"),
		met: judge(rate.median() >= 0.70),
	}, {
		what:    fmt.Sprintf("99th percentile, %d connections", callers),
		floor:   fmt.Sprintf("the same: %.2f ms", least.slow.median()*1e3),
		wanted:  "at most 2 times",
		reached: tail.spread("%.2f") + fmt.Sprintf("; %.2f ms", us.slow.median()*1e3),
		met:     judge(tail.median() <= 2),
	}}, nil
}

// floodOnce runs a load on a server and adds what came of it.
func (b *bench) floodOnce(p *process, s *side, l load) error {
	before, err := p.processorTime()
	if err != nil {
		return err
	}
	l.url = p.url
	o, err := b.flood(l)
	if err != nil {
		return err
	}
	after, err := p.processorTime()
	s.rate, s.slow = append(s.rate, o.rps), append(s.slow, o.p99)
	s.cost = append(s.cost, (after-before)/float64(o.requests)*1e6)
	return err
}
