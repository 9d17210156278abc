package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/client"
)

// batching is a client of a service with the clock of this machine, which a
// batch goes by when it is sent.
func batching(t *testing.T) *client.Client {
	t.Helper()
	return asking(t, serve(t, func(o *api.Options) { o.Now = time.Now }))
}

// collect is the answers of a batch and the error that ended it, which must be
// the last thing.
func collect(t *testing.T, answers iter.Seq2[*client.BatchAnswer, error]) ([]*client.BatchAnswer, error) {
	t.Helper()
	var all []*client.BatchAnswer
	var failed error
	for a, err := range answers {
		require.NoError(t, failed, "nothing follows an error")
		if failed = err; err == nil {
			all = append(all, a)
		}
	}
	return all, failed
}

func TestABatchIsAnsweredLineByLine(t *testing.T) {
	t.Parallel()
	c := batching(t)
	lines := []any{
		[]byte(hello),
		[]byte("{\n\"model\":\"kimi-k9\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]\n}"), // its line breaks are no lines
		client.BatchLine{CustomID: "half-price", Body: map[string]any{
			"model": "kimi-k2.6", "messages": []any{map[string]string{"role": "user", "content": "Hello"}},
		}},
	}
	all, err := collect(t, c.Batch(t.Context(), slices.Values(lines), client.Query{CompletionTokens: new(int64(600))}))
	require.NoError(t, err)
	require.Len(t, all, 4)
	require.Equal(t, 1, all[0].Line)
	require.Empty(t, all[0].Estimate.Price.BatchFactor)
	require.Equal(t, 2, all[1].Line)
	require.Nil(t, all[1].Estimate)
	require.Equal(t, "unknown_model", all[1].Problem.Code)
	require.Equal(t, "half-price", all[2].CustomID)
	require.NotEmpty(t, all[2].Estimate.Price.BatchFactor)
	order, err := all[2].Estimate.Cost.High.Compare(*all[0].Estimate.Cost.High)
	require.NoError(t, err)
	require.Equal(t, -1, order, "the batch price is lower")
	s := all[3].Summary
	require.True(t, s.Complete)
	require.Equal(t, 3, s.Lines)
	require.Equal(t, 2, s.Estimates)
	require.Equal(t, map[string]int{"unknown_model": 1}, s.ProblemCodes)
	require.Equal(t, client.CNY, *s.Cost.Currency)
}

// However many lines there are, they are sent while the answers are read.
func TestABatchIsSentWhileItIsAnswered(t *testing.T) {
	t.Parallel()
	c := batching(t)
	const most = 3000
	sent, read, ahead := 0, 0, 0
	taken := make(chan int, most)
	lines := func(yield func(any) bool) {
		for i := range most {
			taken <- i
			if !yield([]byte(fmt.Sprintf(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"%s"}]}`, strings.Repeat("a", 9000)))) {
				return
			}
		}
	}
	for a, err := range c.Batch(t.Context(), lines, client.Query{}) {
		require.NoError(t, err)
		for len(taken) > 0 {
			<-taken
			sent++
		}
		if a.Summary != nil {
			require.Equal(t, most, a.Summary.Lines)
			continue
		}
		read++
		require.Equal(t, read, a.Line)
		ahead = max(ahead, sent-read)
	}
	require.Equal(t, most, read)
	require.Less(t, ahead, most-1, "they were all sent before the first answer was read")
}

func TestABatchMayBeGivenUp(t *testing.T) {
	t.Parallel()
	c := batching(t)
	stopped := make(chan struct{})
	endless := func(yield func(any) bool) {
		defer close(stopped)
		for yield([]byte(hello)) {
		}
	}
	for a, err := range c.Batch(t.Context(), endless, client.Query{}) {
		require.NoError(t, err)
		require.Equal(t, 1, a.Line)
		break
	}
	<-stopped

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped = make(chan struct{})
	var failed error
	for _, err := range c.Batch(ctx, endless, client.Query{}) {
		cancel()
		failed = err
	}
	require.ErrorIs(t, failed, context.Canceled)
	<-stopped
}

func TestALineThatCanNotBeWrittenEndsTheBatch(t *testing.T) {
	t.Parallel()
	c := batching(t)
	for _, line := range []any{func() {}, []byte("{"), client.BatchLine{Body: make(chan int)}} {
		_, err := collect(t, c.Batch(t.Context(), slices.Values([]any{[]byte(hello), line}), client.Query{}))
		require.ErrorContains(t, err, "write a line")
		require.NotErrorIs(t, err, client.ErrUnavailable)
	}
	_, err := collect(t, c.Batch(t.Context(), slices.Values([]any{[]byte(hello)}), client.Query{MaxCost: "x"}))
	require.ErrorIs(t, err, client.ErrDecimal)
}

func TestAnEmptyBatchHasASummary(t *testing.T) {
	t.Parallel()
	all, err := collect(t, batching(t).Batch(t.Context(), slices.Values([]any{}), client.Query{}))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Zero(t, all[0].Summary.Lines)
}

// An answer without its end is an error, whatever was cut off.
func TestABatchThatWasCutShortIsAnError(t *testing.T) {
	t.Parallel()
	estimate := strings.Join(strings.Fields(allowed(`{"object"`, `{"line":1,"object"`)), " ") + "\n"
	summary := `{"object":"batch.summary","complete":false,"problem":` + problem(503, "draining") + "}\n"
	for _, tt := range []struct {
		name, body string
		answers    int
		is         error
		says       string
	}{
		{name: "no line", body: "", is: client.ErrUnavailable},
		{name: "no summary", body: estimate, answers: 1, is: client.ErrUnavailable},
		{name: "not complete", body: estimate + summary, answers: 2, is: client.ErrUnavailable, says: "tollgate answers 503: what to do"},
		{name: "not complete, without a word", body: `{"object":"batch.summary"}` + "\n", answers: 1, says: "does not say why"},
		{name: "half a line", body: estimate + estimate[:9], answers: 1, is: client.ErrUnavailable},
		{name: "no JSON", body: estimate + "oops\n", answers: 1, says: "a line of it is not what it should be"},
		{name: "another object", body: `{"object":"x"}` + "\n", says: "a line of it is not what it should be"},
		{name: "an estimate without a verdict", body: strings.Replace(estimate, "allow", "?", 1), says: "it has no decision"},
		{name: "a summary of another shape", body: `{"object":"batch.summary","complete":"yes"}` + "\n", says: "a line of it is not what it should be"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := wired(t, func(r *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, r.Body)
				return says(http.StatusOK, tt.body), nil
			})
			all, err := collect(t, c.BatchFile(t.Context(), strings.NewReader(hello), client.Query{}))
			require.Len(t, all, tt.answers)
			require.ErrorContains(t, err, tt.says)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
		})
	}
}

// A batch is not sent twice: what was read of it is gone.
func TestABatchIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	c := wired(t, func(*http.Request) (*http.Response, error) {
		asked++
		return says(503, problem(503, "draining"), "Retry-After", "1"), nil
	})
	_, err := collect(t, c.BatchFile(t.Context(), strings.NewReader(hello), client.Query{}))
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, time.Second, p.RetryAfter)
	require.Equal(t, 1, asked)
}
