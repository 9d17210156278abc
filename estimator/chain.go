package estimator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// sendRate is how fast a body is taken to travel to the vendor at least, in
// bytes a second.
const sendRate = 4 << 20

// counted is a count and how it was come by.
type counted struct {
	Count
	cache  CacheState
	vendor *VendorError // why the vendor was passed over; nil if it was not
}

// count counts req by the method that was asked for. With auto the vendor
// comes first, and when it fails or takes too long the count is made here and
// says so.
func (e *Estimator) count(
	ctx context.Context, req *chat.Request, model *pricing.Model, method Method,
) (counted, error) {
	counter, err := e.counter(method)
	if err != nil {
		return counted{}, err
	}
	if counter.Method() != MethodVendor || method == MethodVendor {
		if method == MethodVendor {
			stepAside(ctx)
		}
		count, cache, err := e.cached(byDeadline(ctx), counter, req, model)
		return counted{Count: count, cache: cache}, err
	}
	stepAside(ctx)
	count, cache, err := e.patiently(ctx, req, model)
	failure, failed := errors.AsType[*VendorError](err)
	if failed {
		if err := comeBack(ctx); err != nil {
			return counted{}, err
		}
		count, cache, err = e.cached(ctx, e.local(), req, model)
	}
	return counted{Count: count, cache: cache, vendor: failure}, err
}

// patiently asks the vendor, and gives up waiting after a while, or as soon as
// the vendor has fallen silent. The vendor's answer is not lost then: it is
// remembered when it comes, for the next one who asks.
func (e *Estimator) patiently(ctx context.Context, req *chat.Request, model *pricing.Model) (Count, CacheState, error) {
	patience := e.opts.VendorPatience + time.Duration(req.Size/sendRate)*time.Second
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	until, _ := waiting.Deadline()
	waiting = WithWaiting(waiting, Waiting{Until: until, Spare: true})
	silence := e.silence()
	if silence.Err() != nil {
		return e.inPassing(waiting, req, model)
	}
	heard := context.AfterFunc(silence, cancel)
	defer heard()
	count, cache, err := e.cached(waiting, e.opts.Vendor, req, model)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, context.DeadlineExceeded):
		err = &VendorError{Kind: VendorTimedOut, Detail: fmt.Sprintf("it did not answer within %s", patience)}
	case errors.Is(err, context.Canceled) && silence.Err() != nil:
		err = silent()
	}
	return count, cache, err
}

// silence is the context that the vendor's silence ends.
func (e *Estimator) silence() context.Context {
	if l, ok := e.opts.Vendor.(Listener); ok {
		return l.Silence()
	}
	return context.Background()
}

// silent is the error of a call that nobody waits for, since the vendor answers
// nobody.
func silent() error {
	return &VendorError{Kind: VendorTimedOut, Detail: "it has answered nobody for much longer than it usually takes"}
}

// inPassing returns the vendor's count if it is remembered. If not, a vendor
// that is silent is asked all the same, as far as its limits allow: how else
// would it be noticed that it answers again? Nobody waits for that.
func (e *Estimator) inPassing(waiting context.Context, req *chat.Request, model *pricing.Model) (Count, CacheState, error) {
	over, cancel := context.WithCancel(waiting)
	cancel()
	if count, cache, err := e.cached(over, e.opts.Vendor, req, model); err == nil {
		return count, cache, nil
	}
	alone := context.WithoutCancel(waiting)
	go func() { _, _, _ = e.cached(alone, e.opts.Vendor, req, model) }()
	return Count{}, "", silent()
}

// byDeadline says of a caller that it waits until its deadline, if it has one.
func byDeadline(ctx context.Context) context.Context {
	if until, ok := ctx.Deadline(); ok {
		return WithWaiting(ctx, Waiting{Until: until})
	}
	return ctx
}

// counter returns the counter that a method starts with.
func (e *Estimator) counter(method Method) (Counter, error) {
	switch method {
	case MethodVendor:
		if e.opts.Vendor == nil {
			return nil, &OptionError{Option: "method", Detail: "there is no vendor key: set MOONSHOT_API_KEY, " +
				"or ask for another method"}
		}
		return e.opts.Vendor, nil
	case MethodTokenizer:
		if e.opts.Tokenizer == nil {
			return nil, &OptionError{Option: "method", Detail: "the vocabulary is not there: set TOLLGATE_VOCAB " +
				"to the path of tiktoken.model, or ask for another method"}
		}
		return e.opts.Tokenizer, nil
	case MethodApproximation:
		return e.opts.Approximation, nil
	case MethodAuto, "":
		if e.opts.Vendor != nil {
			return e.opts.Vendor, nil
		}
		return e.local(), nil
	case MethodMixed:
	}
	return nil, &OptionError{Option: "method", Detail: "must be auto, vendor, tokenizer or approximation"}
}

// local returns the best counter that needs nobody else.
func (e *Estimator) local() MessageCounter {
	if e.opts.Tokenizer != nil {
		return e.opts.Tokenizer
	}
	return e.opts.Approximation
}

// cached counts with one counter, through the cache. A count is remembered
// under its method and version, so that one method's number never poses as
// another's.
func (e *Estimator) cached(
	ctx context.Context, counter Counter, req *chat.Request, model *pricing.Model,
) (Count, CacheState, error) {
	key := CacheKey{Hash: req.Hash, Method: counter.Method(), Scope: counter.Version()}
	ctx, span := BeginSpan(ctx, SpanLookup)
	span.Word(SpanMethod, string(key.Method))
	count, state, err := e.opts.Cache.Count(ctx, key, func(ctx context.Context) (Count, error) {
		return counter.Count(ctx, req, model)
	})
	span.Word(SpanCache, string(state))
	span.EndWith(err)
	return count, state, err
}

// breakDown adds the tokens of each message, if the query asks for them.
func (e *Estimator) breakDown(ctx context.Context, est *Estimate, req *chat.Request, q *Query) error {
	if !q.Breakdown {
		return nil
	}
	counter := e.local()
	if q.Method == MethodApproximation {
		counter = e.opts.Approximation
	}
	var err error
	if est.Messages, err = counter.Messages(ctx, req, est.Model); err != nil {
		return fmt.Errorf("break down: %w", err)
	}
	est.MessagesMethod = counter.Method()
	return nil
}
