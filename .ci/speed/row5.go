package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"tollgate/estimator/chat"
	"tollgate/estimator/local"
	"tollgate/estimator/tokenizer"
	"tollgate/pricing"
)

// row5 is a count that is made here, of a request that was not there before.
func row5() row {
	return row{
		number: 5, title: "local count without a cache", measure: measureLocal,
		bound: "Splitting and looking up the text in the vocabulary; around it one pass over the JSON and its hash.",
	}
}

func measureLocal(b *bench) ([]figure, error) {
	book, err := pricing.Embedded()
	if err != nil {
		return nil, err
	}
	model, err := book.Model("kimi-k2.6")
	if err != nil {
		return nil, err
	}
	counter, err := local.NewApproximation()
	if err != nil {
		return nil, err
	}
	name, text := "approximation", func(text string) { counter.Tokens(text) }
	if path := vocabulary(); path != "" {
		vocab, err := tokenizer.Open(path)
		if err != nil {
			return nil, err
		}
		counter, name = local.NewTokenizer(vocab), "vocabulary"
		text = func(text string) { vocab.Count(text, false) }
	}
	whole := func(body []byte) error {
		req, err := chat.Scan(bytes.NewReader(body), chat.Options{SizeHint: int64(len(body))})
		if err == nil {
			_, err = counter.Count(context.Background(), req, model)
		}
		return err
	}
	small, _, err := b.local(1000, whole, text)
	if err != nil {
		return nil, err
	}
	large, floor, err := b.local(100_000, whole, text)
	if err != nil {
		return nil, err
	}
	ratio := large.over(floor)
	return []figure{{
		what: "scan and count, 1 KB, " + name, floor: "-", wanted: "under 60 us",
		reached: small.spread("%.1f us"), met: judge(small.median() < 60),
	}, {
		what: "scan and count, 100 KB, " + name, floor: fmt.Sprintf("the tokenizer alone on its text: %.0f us", floor.median()),
		wanted: "at most 1.25 times", reached: ratio.spread("%.2f") + fmt.Sprintf("; %.0f us", large.median()), met: judge(ratio.median() <= 1.25),
	}}, nil
}

// local is the median microseconds of scanning and counting requests of a
// size, and of counting nothing but their text, round by round.
func (b *bench) local(size int, whole func([]byte) error, text func(string)) (all, alone sample, err error) {
	bodies := distinct(size)
	for range b.rounds {
		var x, y sample
		for end := time.Now().Add(b.span / 4); time.Now().Before(end); {
			body := bodies()
			began := time.Now()
			if err := whole(body); err != nil {
				return nil, nil, err
			}
			x = append(x, time.Since(began).Seconds()*1e6)
			body = bodies()
			words := string(body[len(bodyStart) : len(body)-len(bodyEnd)])
			began = time.Now()
			text(words)
			y = append(y, time.Since(began).Seconds()*1e6)
		}
		all, alone = append(all, x.median()), append(alone, y.median())
	}
	return all, alone, nil
}
