package cli

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/estimator/moonshot"
)

// service is the parts, put together.
type service struct {
	handler  http.Handler
	prices   *priceTable
	draining atomic.Bool
	vendor   *moonshot.Counter // nil without a key
}

// newService puts the parts together as the configuration has them.
func newService(c Config, p *Process, log *slog.Logger) (*service, error) {
	s := &service{}
	var err error
	if s.prices, err = loadPrices(c.Prices, log); err != nil {
		return nil, err
	}
	opts := estimator.Options{
		Prices:   func() estimator.Prices { return s.prices.book() },
		Cache:    countcache.New(countcache.Options{Entries: c.CacheEntries, TTL: c.CacheTTL, Logger: log}),
		Currency: c.Currency,
		Now:      time.Now,
	}
	if err := s.addCounters(&opts, c, p, log); err != nil {
		return nil, err
	}
	s.handler = api.New(api.Options{
		Estimator:    estimator.New(opts),
		Book:         s.prices.book,
		Now:          time.Now,
		Logger:       log,
		MaxBodyBytes: c.MaxBodyBytes,
		KeepBody:     opts.Vendor != nil,
		APIKeys:      c.APIKeys,
		Draining:     s.draining.Load,
		Metrics: metrics.New(metrics.Options{
			Book: s.prices.book, Now: time.Now, Version: version, Commit: builtFrom(),
		}),
	})
	return s, nil
}

// close ends what the service has running by itself.
func (s *service) close() {
	s.prices.close()
	if s.vendor != nil {
		s.vendor.Close()
	}
}

// addCounters adds every way to count that the configuration allows.
func (s *service) addCounters(opts *estimator.Options, c Config, p *Process, log *slog.Logger) error {
	approximation, err := local.NewApproximation()
	if err != nil {
		return fmt.Errorf("read the embedded approximation: %w", err)
	}
	opts.Approximation = approximation
	var best estimator.Counter = approximation
	vocabulary, err := openVocabulary(c.Vocab, p)
	if err != nil {
		return err
	}
	if vocabulary != nil {
		tokens := local.NewTokenizer(vocabulary)
		opts.Tokenizer, best = tokens, tokens
	}
	if c.VendorKey != "" {
		if s.vendor, err = newVendor(c, best, log); err != nil {
			return err
		}
		opts.Vendor = s.vendor
	}
	log.Info("counting", "vendor", c.VendorKey != "", "vocabulary", vocabulary != nil)
	return nil
}

// newVendor returns the counter over the vendor's endpoint. What that does not
// cover is counted by completion.
func newVendor(c Config, completion estimator.Counter, log *slog.Logger) (*moonshot.Counter, error) {
	client, err := moonshot.New(moonshot.Options{
		BaseURL: c.VendorURL, APIKey: c.VendorKey, Proxy: http.ProxyFromEnvironment, Now: time.Now, Logger: log,
	})
	if err != nil {
		return nil, usageError(err)
	}
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{
		Client: client, Local: completion, Now: time.Now, Logger: log,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the vendor: %w", err)
	}
	return counter, nil
}
