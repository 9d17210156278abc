package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
)

// BatchLine is a line of a batch file, which is priced by the model's batch
// price where it has one.
type BatchLine struct {
	CustomID string `json:"custom_id,omitempty"`
	Method   string `json:"method,omitempty"` // POST, if anything
	URL      string `json:"url,omitempty"`    // /v1/chat/completions, if anything
	Body     any    `json:"body"`             // the chat request; raw JSON as [json.RawMessage]
}

// BatchAnswer is the answer to one line, or the last one with the summary. One
// of Estimate, Problem and Summary is set.
type BatchAnswer struct {
	Line     int    // of the request, from 1; 0 of a summary
	CustomID string // of a line of a batch file
	Estimate *Estimate
	Problem  *Problem
	Summary  *BatchSummary
}

// Batch estimates many requests under one query. Each value of lines is a
// request, or a [BatchLine] to have the batch price. The answers come in the
// same order while the lines are sent, however many there are; a line that
// can not be estimated has a problem, and the rest goes on. The last answer is
// the summary. When the sequence ends with an error the answer is not
// complete.
//
// The lines are taken by another goroutine, and for a little longer if the
// answers are no longer. A sequence that blocks should end with ctx.
func (c *Client) Batch(ctx context.Context, lines iter.Seq[any], q Query) iter.Seq2[*BatchAnswer, error] {
	return func(yield func(*BatchAnswer, error) bool) {
		r, w := io.Pipe()
		go func() { _ = w.CloseWithError(writeLines(w, lines)) }()
		defer func() { _ = r.Close() }()
		c.BatchFile(ctx, r, q)(yield)
	}
}

// lineError says that a line can not be sent.
type lineError struct{ err error }

func (e *lineError) Error() string { return "write a line: " + e.err.Error() }
func (e *lineError) Unwrap() error { return e.err }

// writeLines writes each value on a line.
func writeLines(w io.Writer, lines iter.Seq[any]) error {
	for request := range lines {
		body, err := bodyOf(request)
		if err != nil {
			return &lineError{err}
		}
		var line bytes.Buffer
		if err := json.Compact(&line, body); err != nil {
			return &lineError{errors.New("it is no JSON")}
		}
		line.WriteByte('\n')
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// BatchFile is [Client.Batch] for lines that are written already: NDJSON, with a
// request or a line of a batch file on each. It reads them once.
func (c *Client) BatchFile(ctx context.Context, lines io.Reader, q Query) iter.Seq2[*BatchAnswer, error] {
	return func(yield func(*BatchAnswer, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if err := c.batch(ctx, lines, q, yield); err != nil {
			yield(nil, fmt.Errorf("estimate a batch: %w", err))
		}
	}
}

// batch asks and yields the answers. Its error is one to yield.
func (c *Client) batch(ctx context.Context, lines io.Reader, q Query, yield func(*BatchAnswer, error) bool) error {
	values, err := q.values()
	if err != nil {
		return err
	}
	response, err := c.send(ctx, question{
		method: http.MethodPost, path: "/v1/estimate/batch", values: values, media: "application/x-ndjson",
	}, io.NopCloser(lines))
	if err != nil {
		return why(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // without it the status has to do
		return problemOf(response.StatusCode, response.Header, answer)
	}
	scanner := bufio.NewScanner(response.Body)
	scanner.Buffer(nil, maxAnswer)
	scanner.Split(wholeLines)
	for scanner.Scan() {
		answer, err := readBatchAnswer(scanner.Bytes())
		if err != nil {
			return err
		}
		if !yield(answer, nil) {
			return nil
		}
		if answer.Summary != nil {
			return answer.Summary.whole()
		}
	}
	return why(ended(ctx, scanner.Err()))
}

// wholeLines is [bufio.ScanLines] for an answer that may break off: a line
// without its end is none.
func wholeLines(data []byte, atEOF bool) (advance int, line []byte, err error) {
	end := bytes.IndexByte(data, '\n')
	switch {
	case end >= 0:
		return end + 1, data[:end], nil
	case atEOF && len(data) > 0:
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

// ended is the error for an answer that ended before its summary.
func ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		return &AnswerError{Detail: "a line of it is too long"}
	case err == nil:
		err = io.ErrUnexpectedEOF
	}
	return unanswered(ctx, err)
}

// why is err, or the failure to write a line if that is behind it.
func why(err error) error {
	if failed, ok := errors.AsType[*lineError](err); ok {
		return failed
	}
	return err
}

// whole returns an error for a batch that was cut short.
func (s *BatchSummary) whole() error {
	switch {
	case s.Complete:
		return nil
	case s.Problem != nil:
		return s.Problem
	}
	return &AnswerError{Detail: "it is not complete and does not say why"}
}

// readBatchAnswer reads a line of an answer.
func readBatchAnswer(line []byte) (*BatchAnswer, error) {
	var head struct {
		Object   string
		Line     int
		CustomID string `json:"custom_id"`
	}
	bad := &AnswerError{Detail: "a line of it is not what it should be"}
	if json.Unmarshal(line, &head) != nil {
		return nil, bad
	}
	answer := &BatchAnswer{Line: head.Line, CustomID: head.CustomID}
	var into any
	switch head.Object {
	case "estimate":
		answer.Estimate = &Estimate{}
		into = answer.Estimate
	case "problem":
		answer.Problem = &Problem{}
		into = answer.Problem
	case "batch.summary":
		answer.Summary = &BatchSummary{}
		into = answer.Summary
	}
	if into == nil || json.Unmarshal(line, into) != nil {
		return nil, bad
	}
	if answer.Estimate != nil {
		return answer, answer.Estimate.check()
	}
	return answer, nil
}
