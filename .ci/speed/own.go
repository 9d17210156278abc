package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/estimator/moonshot"
	"tollgate/estimator/moonshot/fakevendor"
	"tollgate/pricing"
)

// The two that a process of its own may ask: see runOwn.
const (
	askVendor  = "vendor"
	askService = "service"
)

// runOwn asks a vendor for requests of 1 KB, each of them new. For every line,
// which says who is asked and for how long, it answers with the median time in
// seconds: of the vendor by net/http, or of the service, which is in this process
// and asks the same vendor. So the one thing that the second has more is the
// service itself.
func runOwn(vendor string) error {
	service, err := newOwn(vendor)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	bodies := distinct(1000)
	request := httptest.NewRequest(http.MethodPost, "/v1/estimate?method=vendor", nil)
	request.Header.Set("Content-Type", "application/json")
	ways := map[string]func([]byte) error{
		askVendor: func(body []byte) error { return askDirectly(client, vendor, body) },
		askService: func(body []byte) error {
			answer := &dropped{header: http.Header{}}
			request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			service.ServeHTTP(answer, request)
			if answer.status != http.StatusOK {
				return fmt.Errorf("the service answered %d", answer.status)
			}
			return nil
		},
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		who, long, _ := strings.Cut(lines.Text(), " ")
		span, err := time.ParseDuration(long)
		if err != nil {
			return err
		}
		var took sample
		for end := time.Now().Add(span); time.Now().Before(end); {
			body := bodies()
			began := time.Now()
			if err := ways[who](body); err != nil {
				return err
			}
			took = append(took, time.Since(began).Seconds())
		}
		fmt.Println(took.median())
	}
	return nil
}

// newOwn returns the service as it is where there is a vendor's key.
func newOwn(vendor string) (http.Handler, error) {
	book, err := pricing.Embedded()
	if err != nil {
		return nil, err
	}
	approximation, err := local.NewApproximation()
	if err != nil {
		return nil, err
	}
	client, err := moonshot.New(moonshot.Options{BaseURL: vendor + "/v1", APIKey: fakevendor.Key, Now: time.Now})
	if err != nil {
		return nil, err
	}
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{Client: client, Local: approximation, Now: time.Now})
	if err != nil {
		return nil, err
	}
	prices := func() *pricing.Book { return book }
	return api.New(api.Options{
		Estimator: estimator.New(estimator.Options{
			Prices: func() estimator.Prices { return book }, Cache: countcache.New(countcache.Options{Entries: 100_000}),
			Approximation: approximation, Vendor: counter, Currency: pricing.CNY, Now: time.Now,
		}),
		Book: prices, Now: time.Now, Logger: slog.New(slog.DiscardHandler), KeepBody: true,
		Metrics: metrics.New(metrics.Options{Book: prices, Now: time.Now}),
	}), nil
}

// askDirectly asks a vendor as anybody does, and reads his answer.
func askDirectly(client *http.Client, vendor string, body []byte) error {
	r, err := http.NewRequest(http.MethodPost, vendor+tokenCountPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+fakevendor.Key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the vendor answered %s", answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

// dropped is an answer that is not read.
type dropped struct {
	header http.Header
	status int
}

func (d *dropped) Header() http.Header         { return d.header }
func (d *dropped) Write(p []byte) (int, error) { return len(p), nil }
func (d *dropped) WriteHeader(status int)      { d.status = status }

// ownCost is what the service takes by itself of a miss, where a vendor takes so
// long.
func (b *bench) ownCost(delay time.Duration) (own, direct sample, err error) {
	vendor, err := b.floor(loadCore, "vendor", delay.String())
	if err != nil {
		return nil, nil, err
	}
	defer vendor.stop()
	asking, err := b.helperOn(serverCore, "own", vendor.url)
	if err != nil {
		return nil, nil, err
	}
	defer asking.stop()
	var service sample
	for range b.rounds {
		for who, s := range map[string]*sample{askVendor: &direct, askService: &service} {
			seconds, err := asking.ask(fmt.Sprintf("%s %s", who, b.span))
			if err != nil {
				return nil, nil, err
			}
			*s = append(*s, seconds*1e6)
		}
	}
	return service.minus(direct), direct, nil
}

// ownCosts are figures of what the service takes by itself.
func (b *bench) ownCosts() ([]figure, error) {
	own, direct, err := b.ownCost(vendorDelay)
	if err != nil {
		return nil, err
	}
	warm, directly, err := b.ownCost(0)
	if err != nil {
		return nil, err
	}
	return []figure{{
		what:    "own cost: median time in the service over the vendor's, both asked from within one process",
		floor:   fmt.Sprintf("a fake vendor that takes %s, asked by net/http: %.0f us", vendorDelay, direct.median()),
		wanted:  "at most 60 us",
		reached: own.spread("%.0f us"),
		met:     judge(own.median() <= 60),
	}, {
		what:    "the same of a vendor who answers at once, so that what the processor's caches hold of the service stays there",
		floor:   fmt.Sprintf("the same: %.0f us", directly.median()),
		wanted:  "-",
		reached: warm.spread("%.0f us"),
	}}, nil
}
