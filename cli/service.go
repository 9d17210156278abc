package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"tollgate/api"
	"tollgate/api/metrics"
	"tollgate/cli/telemetry"
	"tollgate/estimator"
	"tollgate/estimator/countcache"
	"tollgate/estimator/local"
	"tollgate/estimator/moonshot"
)

// engine is what estimates, put together.
type engine struct {
	estimator *estimator.Estimator
	local     *local.Counter // the best counter of this machine
	prices    *priceTable
	cache     *countcache.Cache
	tokens    api.Tokens                      // nil without the vocabulary
	vendor    *moonshot.Counter               // nil without a key
	shared    *sharing                        // nil without a shared cache
	metrics   atomic.Pointer[metrics.Metrics] // nil where nobody reads them
}

// newEngine puts together what estimates, as the configuration has it.
func newEngine(c Config, p *Process, log *slog.Logger) (*engine, error) {
	e := &engine{}
	var err error
	if e.prices, err = loadPrices(c.Prices, log); err != nil {
		return nil, err
	}
	if e.shared, err = newSharing(c, log); err != nil {
		e.close()
		return nil, err
	}
	e.cache = newCache(c, e.shared, log)
	opts := estimator.Options{
		Prices:   func() estimator.Prices { return e.prices.book() },
		Cache:    e.cache,
		Currency: c.Currency,
		Now:      time.Now,

		VendorPatience: c.VendorPatience,
	}
	if err := e.addCounters(&opts, c, p, log); err != nil {
		e.close()
		return nil, err
	}
	e.estimator = estimator.New(opts)
	return e, nil
}

// close ends what the engine has running by itself.
func (e *engine) close() {
	e.prices.close()
	if e.vendor != nil {
		e.vendor.Close()
	}
	e.shared.close()
}

// able says what is missing to count by a method.
func (e *engine) able(m estimator.Method) error {
	switch {
	case m == estimator.MethodVendor && e.vendor == nil:
		return errors.New("method vendor: there is no vendor key: set MOONSHOT_API_KEY, or ask for another method")
	case m == estimator.MethodTokenizer && e.local.Method() != m:
		return errors.New("method tokenizer: the vocabulary is not there: run tollgate vocab pull, " +
			"set TOLLGATE_VOCAB, or ask for another method")
	}
	return nil
}

// addCounters adds every way to count that the configuration allows.
func (e *engine) addCounters(opts *estimator.Options, c Config, p *Process, log *slog.Logger) error {
	approximation, err := local.NewApproximation()
	if err != nil {
		return fmt.Errorf("read the embedded approximation: %w", err)
	}
	breathe := newBreather(time.Now).breathe
	approximation = approximation.Pausing(breathe)
	opts.Approximation, e.local = approximation, approximation
	vocabulary, err := openVocabulary(c.Vocab, p)
	if err != nil {
		return err
	}
	if vocabulary != nil {
		tokens := local.NewTokenizer(vocabulary).Pausing(breathe)
		opts.Tokenizer, e.local = tokens, tokens
		e.tokens = local.NewCutter(vocabulary)
	}
	if c.VendorKey != "" {
		if e.vendor, err = newVendor(c, e, log); err != nil {
			return err
		}
		opts.Vendor = e.vendor
	}
	log.Info("counting", "vendor", c.VendorKey != "", "vocabulary", vocabulary != nil)
	return nil
}

// service is an engine behind HTTP.
type service struct {
	*engine

	handler  *api.Handler
	keys     *watchedFile         // nil when the callers' keys are not in a file
	traces   *telemetry.Telemetry // nil when there are none
	log      *slog.Logger
	draining atomic.Bool
}

// newService puts the parts together as the configuration has them.
func newService(c Config, p *Process, log *slog.Logger) (*service, error) {
	e, err := newEngine(c, p, log)
	if err != nil {
		return nil, err
	}
	s := &service{engine: e, log: log}
	ring, file, err := newKeyring(c, log)
	if err != nil {
		e.close()
		return nil, err
	}
	s.keys = file
	if s.traces, err = newTraces(c, log); err != nil {
		s.close()
		return nil, err
	}
	s.handler = s.newHandler(c, ring)
	return s, nil
}

// newHandler returns the service over HTTP, and lets the metrics be told.
func (s *service) newHandler(c Config, ring *api.Keyring) *api.Handler {
	e, seen := s.engine, s.shared.collectors()
	var tracer api.Tracer
	if s.traces != nil {
		tracer, seen = s.traces, append(seen, spans(s.traces))
	}
	shown := metrics.New(metrics.Options{
		Book: e.prices.book, Now: time.Now, Version: version, Commit: builtFrom(),
		Collectors: seen, Files: s.files, State: s.state,
	})
	e.metrics.Store(shown)
	return api.New(api.Options{
		Estimator:    e.estimator,
		Book:         e.prices.book,
		Now:          time.Now,
		Logger:       s.log,
		MaxBodyBytes: c.MaxBodyBytes,
		MemoryBytes:  c.MemoryBytes,
		Tokens:       e.tokens,
		KeepBody:     e.vendor != nil,
		SpoolDir:     os.TempDir(),
		SpoolBytes:   c.SpoolBytes,
		APIKeys:      ring,
		RateLimit:    c.RateLimit,
		BatchWorkers: batchWorkers(e.vendor != nil),
		BatchGrace:   c.DrainDelay + shutdownTimeout - batchMargin,
		Draining:     s.draining.Load,
		Metrics:      shown,
		Tracer:       tracer,
	})
}

// close ends what the service has running by itself.
func (s *service) close() {
	s.keys.close()
	s.engine.close()
	endTraces(s.traces, s.log)
}

// files is what metrics tell of the files that are read again.
func (s *service) files() []metrics.File {
	var states []metrics.File
	for _, f := range []*watchedFile{s.prices.file, s.keys} {
		if f != nil {
			states = append(states, f.state())
		}
	}
	return states
}

// newVendor returns the counter over the vendor's endpoint. What that does not
// cover is counted by the engine's local counter.
func newVendor(c Config, e *engine, log *slog.Logger) (*moonshot.Counter, error) {
	quota, err := e.shared.quota(c)
	if err != nil {
		return nil, err
	}
	client, err := moonshot.New(moonshot.Options{
		BaseURL: c.VendorURL, APIKey: c.VendorKey, Proxy: http.ProxyFromEnvironment, Now: time.Now, Logger: log,
		RPM: c.VendorRPM, Concurrency: c.VendorAtOnce, Quota: quota, Observe: e.observe,
	})
	if err != nil {
		return nil, usageError(err)
	}
	counter, err := moonshot.NewCounter(moonshot.CounterOptions{
		Client: client, Local: e.local, Now: time.Now, Logger: log,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the vendor: %w", err)
	}
	return counter, nil
}

// observe shows what became of an attempt to ask the vendor.
func (e *engine) observe(a moonshot.Attempt) {
	m := e.metrics.Load()
	if m == nil {
		return
	}
	seen := metrics.VendorAttempt{
		Outcome: string(a.Kind), Held: a.Held, Retry: a.Retry, Took: a.Duration, Waited: a.Waited, BreakerOpen: a.Open,
	}
	if a.Kind == "" {
		seen.Outcome = "ok"
	}
	m.Vendor(seen)
}

// batchWorkers is how many lines of a batch are estimated at once: where the
// vendor is asked, most of the time is spent waiting; 0 is for each processor
// one.
func batchWorkers(vendor bool) int {
	if vendor {
		return 16
	}
	return 0
}
