package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"tollgate/api/foreign"
	"tollgate/estimator"
	"tollgate/estimator/chat"
)

const (
	// pooledHead is from how many bytes on room for what is read ahead is used
	// again.
	pooledHead = 32 << 10

	// littleHead is up to how many bytes it is a part of the admission.
	littleHead = 1 << 10
)

// admission is one body on its way through its lane: it is charged for what is
// held of it, and gives all back when it leaves. A large body of a known
// length is charged at once for all that may be held of it, the first time that
// it holds more than a little: two that each wait for what the other has would
// both be turned away late.
type admission struct {
	*server

	gin      *gin.Context
	lane     *lane
	account  *account
	first    account
	wire     countingReader
	headed   bytes.Reader // over head
	head     []byte       // what was read ahead
	in       io.Reader    // the body as it was sent, from its start
	whole    bool         // all of it was read
	decoder  *decoder     // nil when the body is not compressed
	credit   int64        // charged and not used yet
	promised bool         // all that may come is charged
	anyModel bool         // the request may name no model

	translate func([]byte) (*foreign.Request, error) // nil when the body is a chat request
	working   bool                                   // it has its lane's worker
	seat      *seat                                  // that has the worker instead, and may give it to others
	turn      *turnReader                            // of a large body; nil of a small one
	spool     *spool                                 // where the body goes as well; nil when it does not
	scanned   bool                                   // there was a request

	charge func(int64) error // reserve, once made
	little *[littleHead]byte // what was read ahead of the least bodies, where no request holds on to it
}

// admissions holds idle admissions: most of what a small request is made with
// is one, with its room for the body.
var admissions = sync.Pool{New: func() any { return freshAdmission() }}

func freshAdmission() *admission {
	a := &admission{little: new([littleHead]byte)}
	a.charge = a.reserve
	return a
}

// newAdmission returns an admission of the body of c.
func (s *server) newAdmission(c *gin.Context) *admission {
	a, ok := admissions.Get().(*admission)
	if !ok {
		a = freshAdmission() // unreachable: the pool holds nothing else
	}
	a.server, a.gin = s, c
	return a
}

// recycle lets another request have the admission, if nothing that may still be
// at work knows it.
func (a *admission) recycle() {
	if a.decoder != nil || a.turn != nil || a.spool != nil {
		return
	}
	*a = admission{charge: a.charge, little: a.little}
	admissions.Put(a)
}

// admitted scans the body of c and asks for the answer to it, once there is
// room for that. What was taken is given back before the answer is written: a
// caller who reads slowly holds nothing.
func admitted[T any](s *server, c *gin.Context, ask func(*chat.Request) (T, error)) (T, error) {
	return admittedAs(s.newAdmission(c), ask)
}

// admittedAs is admitted with an admission that says what the body may be.
func admittedAs[T any](a *admission, ask func(*chat.Request) (T, error)) (answer T, err error) {
	s := a.server
	a.lane = s.small
	a.first.budget, a.account = s.small.memory, &a.first
	defer func() {
		a.leave()
		a.recycle()
	}()
	req, err := a.scan()
	if err != nil {
		return answer, err
	}
	if err := a.work(); err != nil {
		return answer, err
	}
	a.share()
	return ask(req)
}

// scan reads the chat request.
func (a *admission) scan() (*chat.Request, error) {
	r := a.gin.Request
	encoding, err := checkBodyHeaders(a.gin, isJSON,
		"send the chat request as JSON in UTF-8, with Content-Type: application/json")
	if err != nil {
		return nil, err
	}
	if r.ContentLength > a.MaxBodyBytes {
		return nil, bodyTooLarge(a.MaxBodyBytes)
	}
	a.openWire(a.gin, &a.wire)
	defer func() { callOf(a.gin).bodyBytes = a.wire.n }()
	if err := a.enter(encoding); err != nil {
		return nil, err
	}
	opts := chat.Options{SizeHint: max(r.ContentLength, 0), Keep: a.KeepBody, Reserve: a.charge, AnyModel: a.anyModel}
	if a.spool != nil {
		opts.Keep, opts.Backing = false, a.spool
	}
	if encoding != "" {
		opts.SizeHint = 0
		if a.decoder, err = newDecoder(encoding, a.in, &a.wire, a.charge); err != nil {
			return nil, fmt.Errorf("decode the body: %w", err)
		}
		a.in = http.MaxBytesReader(a.gin.Writer, io.NopCloser(a.decoder), a.MaxBodyBytes)
	}
	if a.translate != nil {
		if err := a.readForeign(); err != nil {
			return nil, err
		}
	}
	span := a.begin(estimator.SpanScan)
	req, err := a.read(opts)
	span.Number(estimator.SpanBytes, a.wire.n)
	endSpan(span, err)
	if err != nil {
		return nil, fmt.Errorf("scan the body: %w", err)
	}
	a.settle()
	a.scanned = true
	return req, nil
}

// read scans the body: where it was read ahead to its end, in place.
func (a *admission) read(opts chat.Options) (*chat.Request, error) {
	defer func() { a.turn.rest() }()
	if !a.whole || a.decoder != nil || a.translate != nil {
		return chat.Scan(a.in, opts)
	}
	req, err := chat.ScanBytes(a.head, opts)
	if err == nil && opts.Keep {
		a.head = nil // the request holds it, and it stays charged
	}
	return req, err
}

// enter chooses the lane. A body that says that it is large is not read before
// there is room for it; any other is read as far as the small lane goes.
func (a *admission) enter(encoding string) error {
	length := a.gin.Request.ContentLength
	if encoding == "" && length > smallBody {
		a.in = &a.wire
		return a.enterLarge(length)
	}
	if a.lane.work.hopeless() || a.lane.waiting.Load() >= waitingAtOnce {
		// The server reads and drops what there is of it: it is small, and a new
		// connection would cost more.
		a.wire.watch()
		return a.lane.shed(shedConcurrency, false)
	}
	span := a.begin(estimator.SpanReceive)
	err := a.readHead(length)
	span.Number(estimator.SpanBytes, a.wire.n)
	endSpan(span, err)
	if err != nil {
		return err
	}
	if !a.whole {
		a.in = io.MultiReader(bytes.NewReader(a.head), &a.wire)
		return a.enterLarge(0)
	}
	a.headed.Reset(a.head)
	a.in = &a.headed
	return a.work()
}

// enterLarge moves the body to the large lane. length is 0 when nothing is
// known of it.
func (a *admission) enterLarge(length int64) error {
	entry := int64(largeEntry)
	if a.KeepBody && a.translate == nil && length >= spoolFrom {
		a.spool = a.spools.open(length)
	}
	a.turn = &turnReader{ctx: a.ctx(), turns: a.turns, r: a.in}
	a.in = a.turn
	if a.spool != nil {
		a.in = io.TeeReader(a.in, &spoolWriter{spool: a.spool, lane: a.large})
	} else if a.KeepBody {
		entry += length
	}
	a.promised = length == 0
	return a.move(entry)
}

// move changes to the large lane, with all that is held and n more.
func (a *admission) move(n int64) error {
	if a.working {
		a.lane.work.release()
		a.working = false
	}
	to := &account{budget: a.large.memory}
	a.lane = a.large
	span := a.admit("memory")
	err := to.add(a.ctx(), a.account.held.Load()+n, a.lane.patience)
	endSpan(span, err)
	if err != nil {
		return a.lane.full(err, !a.whole)
	}
	a.account.close()
	a.account, a.credit = to, n
	return nil
}

// readHead reads a body that may be a small one, as it comes: one that is
// promised and not sent holds nothing.
func (a *admission) readHead(length int64) error {
	for len(a.head) < smallBody {
		if len(a.head) == cap(a.head) {
			if err := a.growHead(length); err != nil {
				return err
			}
		}
		n, err := a.wire.Read(a.head[len(a.head):cap(a.head)])
		a.head = a.head[:len(a.head)+n]
		if errors.Is(err, io.EOF) {
			a.whole = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the body: %w", err)
		}
	}
	return nil
}

// growHead makes room for four times of what was read, or for as much as the
// body is said to have: once some of it is there, for all of that.
func (a *admission) growHead(length int64) error {
	const first = 4 << 10
	had := int64(cap(a.head))
	size := min(max(4*had, first), smallBody)
	if had <= length { // one more, so that the end is seen without growing
		if had > first {
			size = smallBody
		}
		size = min(size, length+1)
	}
	if err := a.reserve(size - had); err != nil {
		return err
	}
	larger := a.newHead(size)
	a.head = append(larger, a.head...)
	return nil
}

// newHead returns an empty buffer for what is read ahead. Large ones that no
// request holds on to are used again: to have one cleared takes as long as to
// hash a part of it.
func (a *admission) newHead(size int64) []byte {
	if size <= littleHead && !a.KeepBody {
		return a.little[:0:size]
	}
	if size < pooledHead || a.KeepBody {
		return make([]byte, 0, size)
	}
	if b, ok := a.heads.Get().(*[]byte); ok && int64(cap(*b)) >= size {
		return (*b)[:0:size]
	}
	return make([]byte, 0, size)
}

// dropHead gives up what was read ahead.
func (a *admission) dropHead() {
	if cap(a.head) >= pooledHead && !a.KeepBody {
		b := a.head[:0]
		a.heads.Put(&b)
	}
	a.head, a.in = nil, nil
}

// reserve charges for n bytes that are going to be held.
func (a *admission) reserve(n int64) error {
	if n <= a.credit {
		a.credit -= n
		return nil
	}
	more := n - a.credit
	if a.lane == a.small && a.account.held.Load()+more > smallHeld {
		a.promised = true // what is compressed has no known length
		if err := a.move(more + largeEntry); err != nil {
			return err
		}
		a.credit -= n
		return nil
	}
	if !a.promised && a.lane == a.large {
		a.promised = true
		more += max(0, a.gin.Request.ContentLength-a.wire.n)
	}
	a.turn.rest() // others may have to get on before there is room
	if err := a.account.add(a.ctx(), more, a.lane.patience); err != nil {
		return a.lane.full(err, !a.whole)
	}
	a.credit += more - n
	return nil
}

// settle gives back what was charged and is not held once the body is scanned.
func (a *admission) settle() {
	if a.decoder != nil {
		a.decoder.close()
	}
	a.account.drop(a.credit + int64(cap(a.head)))
	a.credit = 0
	a.dropHead()
}

// work waits until the lane has time for the request.
func (a *admission) work() error {
	if a.working {
		return nil
	}
	span := a.admit("turn")
	err := a.lane.work.acquire(a.ctx(), turnPatience)
	endSpan(span, err)
	if err != nil {
		if errors.Is(err, errFull) {
			return a.lane.shed(shedConcurrency, false)
		}
		return fmt.Errorf("wait for a turn: %w", err)
	}
	a.working = true
	return nil
}

// leave gives back all that was taken.
func (a *admission) leave() {
	if a.decoder != nil {
		a.decoder.close()
	}
	if a.working {
		a.lane.work.release()
	}
	if a.seat != nil {
		a.seat.end()
	}
	a.turn.rest() // what was not scanned at all may have it
	a.dropHead()
	if a.spool != nil && (!a.scanned || a.ctx().Err() == nil) {
		// Who left may have been the first of several who ask for the same.
		a.spool.drop()
	}
	a.account.close()
}

func (a *admission) ctx() context.Context { return a.gin.Request.Context() }
