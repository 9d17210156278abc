package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"

	"tollgate/estimator/chat"
)

const mediaTypeLines = "application/x-ndjson"

// mediaTypesOfLines is what a file of one request a line may call itself. JSON
// is among them for clients that call everything so: what is no line is told.
var mediaTypesOfLines = []string{
	mediaTypeLines, "application/ndjson", "application/jsonl", "application/x-jsonlines", mediaTypeJSON,
}

// createBatch handles POST /v1/estimate/batch.
//
//	@ID				createBatch
//	@Summary		Estimate a file of chat requests, one a line
//	@Description	The body is NDJSON: on each line a chat request (`ChatRequest`), or a line of a batch file with `custom_id`, `method`, `url` and the request as `body` (`BatchLine`). A line of a batch file is priced by the model's batch factor where it has one, and `price.batch_factor` says so.
//	@Description	The answer is NDJSON in the order of the lines while they come in: for each an estimate (`BatchEstimate`) or a problem (`BatchProblem`) with its `line` and `custom_id`, and as the last line a `BatchSummary`. An answer whose last line is no summary, or whose summary is not `complete`, was cut short. A bad line is a problem and the rest goes on. Blank lines are passed over.
//	@Description	The body may be compressed, with `Content-Encoding: gzip` or `zstd`. A line that there is no memory for in time is a problem with status 503, and the rest goes on.
//	@Description	Both ways are streamed, with no limit to the number of lines, so a client has to read while it sends: one that does not take its answers is not read from, and after a minute without any movement it is cut off. curl, Go and browsers read while they send; clients that send everything first should send a few thousand lines at a time.
//	@Description	Where the service limits how often a caller may call, a batch is one request, and its lines are answered at that rate: it is slowed down and not refused.
//	@Description	With `enforce=true` a line whose verdict is deny is a problem with status 402 that carries the estimate; it is in no sum of the summary.
//	@Tags			estimate
//	@Accept			application/x-ndjson
//	@Produce		application/x-ndjson
//	@Produce		application/problem+json
//	@Param			body				body		string	true	"one chat request or batch line a line; the largest body of a single request is the longest line"
//	@Param			completion_tokens	query		integer	false	"output tokens the caller expects of each line; default: the request's max_completion_tokens or max_tokens, else the model's default maximum. In tokens, such as 600"	minimum(0)	format(int64)
//	@Param			cached_tokens		query		integer	false	"input tokens of each line assumed to be served from the vendor's context cache; not together with cached_share. In tokens, such as 1500"	minimum(0)	format(int64)
//	@Param			cached_share		query		number	false	"the same as a share of the prompt, a decimal between 0 and 1 with at most 9 places, such as 0.8"	minimum(0)	maximum(1)
//	@Param			currency			query		string	false	"currency of the cost; default: that of the configured platform"	Enums(CNY, USD)
//	@Param			at					query		string	false	"RFC 3339 date or time whose prices apply; default: when the batch began. Such as 2026-11-01 or 2026-11-01T12:00:00Z"
//	@Param			method				query		string	false	"how to count"	Enums(auto, vendor, tokenizer, approximation)	default(auto)
//	@Param			max_cost			query		string	false	"budget for each line, a decimal amount in the currency, such as 0.02"
//	@Param			max_prompt_tokens	query		integer	false	"limit of each prompt, in tokens, such as 8000"	minimum(0)	format(int64)
//	@Param			min_headroom		query		integer	false	"tokens of the window that each prompt must leave, such as 200000"	minimum(0)	format(int64)
//	@Param			basis				query		string	false	"which cost the budget is held against"	Enums(high, expected, low)	default(high)
//	@Param			breakdown			query		string	false	"also answer the tokens of each message, counted locally"	Enums(messages)
//	@Param			enforce				query		boolean	false	"make a line whose verdict is deny a problem"	default(false)
//	@Success		200					{object}	BatchAnswer
//	@Failure		400					{object}	Problem	"a parameter is unknown, repeated or of a wrong type, or the body broke off before its first line"
//	@Failure		401					{object}	Problem	"no key"
//	@Failure		403					{object}	Problem	"a wrong key"
//	@Failure		408					{object}	Problem	"no line arrived in time"
//	@Failure		415					{object}	Problem	"the body is not NDJSON, or compressed by something else than gzip or zstd"
//	@Failure		422					{object}	Problem	"a parameter is out of range, or parameters contradict each other"
//	@Failure		429					{object}	Problem	"the caller's rate limit is reached"
//	@Failure		500					{object}	Problem	"the service failed before the first line"
//	@Failure		503					{object}	Problem	"the service is overloaded, or about to stop"
//	@Security		BearerKey
//	@Router			/v1/estimate/batch [post]
func (s *server) createBatch(c *gin.Context) error {
	q, err := parseEstimateQuery(c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	if err := q.Check(); err != nil {
		return fmt.Errorf("estimate a batch: %w", err)
	}
	isLines := func(mediaType string) bool { return slices.Contains(mediaTypesOfLines, mediaType) }
	encoding, err := checkBodyHeaders(c, isLines,
		"send one chat request a line in UTF-8, with Content-Type: "+mediaTypeLines)
	if err != nil {
		return err
	}
	memory := &account{budget: s.large.memory}
	defer memory.close()
	if err := memory.add(c.Request.Context(), batchEntry, s.large.patience); err != nil {
		return s.large.full(err, true)
	}
	b, body := s.newBatch(c, q, memory)
	err = b.start(c.Request.Context(), encoding, body)
	b.body.linger()
	info := callOf(c)
	info.bodyBytes, info.Batch, info.err = body.n, &b.tally.BatchTally, b.tally.failure
	if stack := b.stack.Load(); stack != nil {
		info.stack, info.Panicked = *stack, true
	}
	if err != nil && !b.out.begun {
		return err
	}
	return b.finish(info, err)
}

// newBatch returns a batch that answers c, and what counts its body.
func (s *server) newBatch(c *gin.Context, q estimateQuery, memory *account) (*batchRun, *countingReader) {
	rc := http.NewResponseController(c.Writer)
	_ = rc.EnableFullDuplex() // what can not do it never needed to
	h := c.Writer.Header()
	h.Set("Content-Type", mediaTypeLines)
	h.Set("Cache-Control", "no-store")
	// A body that was not read to its end must not be taken for the next
	// request. The server looks out for that, but not where it is full duplex.
	h.Set("Connection", "close")
	if q.At.IsZero() {
		q.At = s.Now() // one moment for all lines
	}
	timed := &batchBody{pace: pace{set: rc.SetReadDeadline, now: s.Now}, body: c.Request.Body}
	body := &countingReader{r: timed}
	return &batchRun{
		server:   s,
		query:    q,
		instance: callOf(c).id,
		caller:   callOf(c).caller,
		body:     timed,
		memory:   memory,
		out:      s.newBatchOutput(c, rc),
		tally:    newBatchTally(),
		ordered:  make(chan *batchSlot, batchWindow),
		todo:     make(chan *batchSlot, batchWindow+1),
		room:     semaphore.NewWeighted(batchRoom),
	}, body
}

// start reads the lines of a body, which may be compressed, and answers them.
func (b *batchRun) start(ctx context.Context, encoding string, body *countingReader) error {
	reserve := func(n int64) error { return b.reserve(ctx, n) }
	var in io.Reader = body
	if encoding != "" {
		dec, err := newDecoder(encoding, body, body, reserve)
		if err != nil {
			return fmt.Errorf("decode the lines: %w", err)
		}
		defer dec.close()
		in = dec
	}
	b.lines = chat.NewLines(in, chat.LineOptions{Keep: b.KeepBody, MaxBytes: b.MaxBodyBytes, Reserve: reserve})
	return b.run(ctx)
}

// finish writes the last line of an answer that has begun, and says why there
// are no more lines before it, if that is not because there were none. An
// error that it returns is one to log.
func (b *batchRun) finish(info *call, stop error) error {
	if gone, ok := errors.AsType[*goneError](stop); ok {
		return gone
	}
	var why *Problem
	if stop != nil {
		e := asError(stop)
		p := b.newProblem(e, b.instance)
		why, info.err, info.code = &p, stop, e.Code
	}
	last := encode(newSummary(b.tally, why))
	defer recycle(last)
	err := b.out.line(last.Bytes())
	if err == nil {
		err = b.out.send()
	}
	if err != nil {
		return &goneError{err: err}
	}
	return nil
}
