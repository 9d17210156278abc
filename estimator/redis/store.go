package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/sony/gobreaker/v2"

	"tollgate/estimator"
)

// operation is what a command is for.
type operation string

const (
	opHello operation = "hello"
	opGet   operation = "get"
	opClaim operation = "claim"
	opWrite operation = "write"
)

// Store is what replicas share. Make one with [New] and end it with
// [Store.Close]. It is safe for concurrent use.
type Store struct {
	opts    Options
	client  *goredis.Client
	breaker *gobreaker.CircuitBreaker[string]
	keys    keys
	codec   codec
	claim   string // what this replica's claims say
	claims  claims

	standing standing
	told     sync.Map // reasons of refusals that were logged

	queue chan job
	stop  chan struct{}
	once  sync.Once
	done  sync.WaitGroup
}

// New returns a store. It does not wait for the server, which need not be
// there: whether it is gets logged once. The error is about opts.
func New(opts Options) (*Store, error) {
	server, err := parse(string(opts.URL))
	if err != nil {
		return nil, err
	}
	logging.Disable() // the library's own log, on the standard error: it names addresses
	opts = opts.withDefaults()
	s := &Store{
		opts:   opts,
		client: goredis.NewClient(limit(server, opts.Timeout)),
		keys:   keys{salt: []byte(opts.Salt)},
		codec:  codec{salt: []byte(opts.Salt)},
		claim:  claimPrefix + rand.Text(),
		queue:  make(chan job, opts.Queue),
		stop:   make(chan struct{}),
	}
	s.standing.logger = opts.Logger
	s.breaker = gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
		Name:        "shared cache",
		MaxRequests: 1,
		Timeout:     opts.Pause,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failures },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			opts.Observer.Breaker(to != gobreaker.StateClosed)
			s.standing.turned(from, to)
		},
		IsSuccessful: wellAfter,
		IsExcluded:   saysNothing,
	})
	s.done.Go(s.work)
	return s, nil
}

// Close writes what waits to be written, for at most a second, and ends the
// store. Counts that are made later are not shared.
func (s *Store) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.done.Wait()
		_ = s.client.Close() // nothing is left that could be lost
	})
}

// wellAfter reports whether a server is well that a command ended with err.
func wellAfter(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return err == nil || ok && f.answers
}

// saysNothing reports whether err is the caller's doing.
func saysNothing(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.reason == reasonLeft
}

// ask runs a command within the limits, unless the server is left alone.
// Command returns what to call its result.
func (s *Store) ask(ctx context.Context, op operation, command func(context.Context) (string, error)) *failure {
	began := s.opts.Clock()
	ctx, span := estimator.BeginSpan(ctx, estimator.SpanShared)
	span.Word(estimator.SpanOperation, string(op))
	result, err := s.breaker.Execute(func() (string, error) {
		limited, cancel := context.WithTimeout(ctx, s.opts.Timeout)
		defer cancel()
		result, err := command(limited)
		if err != nil {
			f := failureOf(ctx, err)
			if !f.answers && f.reason != reasonLeft {
				s.standing.failed(f.reason, op == opHello) // before the breaker is told
			}
			return "", f
		}
		return result, nil
	})
	took := s.opts.Clock().Sub(began)
	if err == nil {
		s.opts.Observer.Command(string(op), result, took)
		span.Word(estimator.SpanResult, result)
		span.End("")
		s.standing.answered()
		return nil
	}
	f := failureOf(ctx, err)
	s.opts.Observer.Command(string(op), string(f.reason), took)
	span.End(string(f.reason))
	s.note(ctx, op, f)
	return f
}

// note logs that the server refuses a kind of command, once.
func (s *Store) note(ctx context.Context, op operation, f *failure) {
	if !f.answers || f.reason == reasonForeign {
		return
	}
	if _, known := s.told.LoadOrStore(f.reason, true); !known {
		s.opts.Logger.WarnContext(ctx, "the shared cache refuses a command; going on without",
			slog.String("operation", string(op)), slog.String("reason", string(f.reason)))
	}
}

// hello finds out whether the server is there.
func (s *Store) hello(ctx context.Context) {
	_ = s.ask(ctx, opHello, func(ctx context.Context) (string, error) {
		return "ok", s.client.GetRange(ctx, prefix+"hello", 0, 0).Err()
	})
}

// sleep waits, and reports whether ctx lasted that long.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
