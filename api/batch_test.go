package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

func TestABadLineIsAProblemOnItsLineAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	good := batchLine("good", "kimi-k2.6", "Hello, what will this cost?")
	for _, tt := range []struct {
		name, line, id string
		status         int
		code, pointer  string
	}{
		{"no JSON", "Hello", "", 400, "body_wrong_type", ""},
		{"cut short", good[:len(good)-3], "good", 400, "body_malformed", "/body/messages/0"},
		{"an unknown model", batchLine("a", "kimi-k25", "x"), "a", 422, "unknown_model", "/body/model"},
		{"an unknown model alone", requestLine("kimi-k25", "x"), "", 422, "unknown_model", "/model"},
		{"another method", `{"custom_id":"a","method":"GET","body":{}}`, "a", 422, "body_out_of_range", "/method"},
		{"another endpoint", `{"custom_id":"a","url":"/v1/embeddings","body":{}}`, "a", 422, "body_out_of_range", "/url"},
		{"a member more", `{"custom_id":"a","nice":1,"body":{}}`, "a", 422, "body_unexpected_member", "/nice"},
		{"no body", `{"custom_id":"a"}`, "a", 422, "body_incomplete", "/body"},
		{"no messages", `{"custom_id":"a","body":{"model":"kimi-k2.6"}}`, "a", 422, "body_incomplete", "/body/messages"},
		{"too long", batchLine("a", "kimi-k2.6", strings.Repeat("x", 5000)), "a", 413, "body_too_large", ""},
		{"more cached than there is", requestLine("kimi-k2.6", "x"), "", 422, "parameter_invalid", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := service(t, realEstimator(t), func(o *api.Options) { o.MaxBodyBytes = 5000 })
			query := ""
			if tt.code == "parameter_invalid" {
				query = "?cached_tokens=10"
			}
			a := batchOf(t, h, query, good+"\n\n"+tt.line+"\n"+batchLine("last", "kimi-k2.6", "What will this cost?")+"\n")
			require.Len(t, a.items, 3)
			require.Equal(t, []int{1, 3, 4}, []int{a.items[0].Line, a.items[1].Line, a.items[2].Line})
			require.Equal(t, []string{"good", "last"}, []string{a.items[0].CustomID, a.items[2].CustomID})
			require.Equal(t, "estimate", a.items[2].Object, a.raw[2])
			bad := a.items[1]
			require.Equal(t, "problem", bad.Object, a.raw[1])
			require.Equal(t, tt.id, bad.CustomID)
			require.Equal(t, tt.status, bad.Status, a.raw[1])
			require.Equal(t, tt.code, bad.Code)
			if tt.pointer != "" {
				require.Equal(t, tt.pointer, bad.Errors[0].Pointer)
			}
			require.True(t, a.summary.Complete)
			require.Equal(t, 1, a.summary.ProblemCodes[tt.code])
		})
	}
}

// jitter estimates by another, some lines later than others.
type jitter struct{ api.Estimator }

func (j jitter) Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond)
	return j.Estimator.Estimate(ctx, req, q)
}

func TestAnswersComeInTheOrderOfTheLines(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range 3000 {
		switch i % 7 {
		case 0:
			fmt.Fprintln(&file, requestLine("kimi-k2.6", fmt.Sprint("Hello ", i%50)))
		case 1:
			fmt.Fprintln(&file, "no JSON")
		default:
			fmt.Fprintln(&file, batchLine(fmt.Sprint("line-", i+1), "kimi-k2.6", fmt.Sprint("Hello ", i%50)))
		}
	}
	h := service(t, jitter{realEstimator(t)}, func(o *api.Options) { o.BatchWorkers = 16 })
	a := batchOf(t, h, "", file.String())
	require.Len(t, a.items, 3000)
	for i, item := range a.items {
		require.Equal(t, i+1, item.Line)
		if item.CustomID != "" {
			require.Equal(t, fmt.Sprint("line-", i+1), item.CustomID)
		}
		require.Equal(t, i%7 == 1, item.Object == "problem")
	}
	require.Equal(t, 50, *a.summary.DistinctContents)
}

func TestTheSummaryIsTheSumOfTheLines(t *testing.T) {
	t.Parallel()
	models := []string{"kimi-k2.6", "kimi-k2.5", "kimi-k3", "moonshot-v1-8k", "no-such-model"}
	var file strings.Builder
	for i := range 500 {
		model, text := models[i%len(models)], strings.Repeat("How much? ", 1+i%37)
		if i%3 == 0 {
			fmt.Fprintln(&file, requestLine(model, text))
		} else {
			fmt.Fprintln(&file, batchLine(fmt.Sprint(i), model, text))
		}
	}
	for _, query := range []string{"", "?currency=USD&completion_tokens=77&cached_share=0.5", "?max_cost=0.05", "?max_cost=0.01&enforce=true"} {
		a := batchOf(t, service(t, realEstimator(t)), query, file.String())
		var usage api.Usage
		var cost [3]pricing.Amount
		decisions, problems, batch := map[string]int{}, 0, 0
		for _, item := range a.items {
			if item.Object == "problem" {
				problems++
				if item.Estimate != nil {
					decisions[item.Estimate.Verdict.Decision]++
				}
				continue
			}
			decisions[item.Verdict.Decision]++
			usage.PromptTokens += item.Usage.PromptTokens
			usage.CompletionTokens += item.Usage.CompletionTokens
			usage.TotalTokens += item.Usage.TotalTokens
			usage.CachedTokens += item.Usage.CachedTokens
			for i, part := range []*string{item.Cost.Expected, item.Cost.Low, item.Cost.High} {
				amount, err := pricing.ParseAmount(*part)
				require.NoError(t, err)
				cost[i] += amount
			}
			if item.Price.BatchFactor != "" {
				require.NotEmpty(t, item.CustomID, "only a batch line has the batch price")
				batch++
			}
		}
		usage.PromptTokensDetails.CachedTokens = usage.CachedTokens
		require.Equal(t, usage, a.summary.Usage, query)
		require.Equal(t, cost[0].String(), *a.summary.Cost.Expected, query)
		require.Equal(t, cost[1].String(), *a.summary.Cost.Low, query)
		require.Equal(t, cost[2].String(), *a.summary.Cost.High, query)
		require.Equal(t, problems, a.summary.Problems)
		require.Equal(t, decisions["allow"], a.summary.Decisions.Allow)
		require.Equal(t, decisions["allow_with_caps"], a.summary.Decisions.AllowWithCaps)
		require.Equal(t, decisions["deny"], a.summary.Decisions.Deny)
		require.Equal(t, 100, a.summary.ProblemCodes["unknown_model"])
		require.Equal(t, a.summary.Estimates, a.summary.Methods["approximation"])
		if query == "" {
			require.Positive(t, batch)
		}
	}
}

func TestASumOfWhatIsNotKnownIsNotKnown(t *testing.T) {
	t.Parallel()
	file := requestLine("kimi-k2.6", "Hello") + "\n" + requestLine("kimi-k2.6", "Hello")
	a := batchOf(t, service(t, realEstimator(t)), "?at=2020-01-01", file)
	require.Nil(t, a.summary.Cost.Expected)
	require.Nil(t, a.summary.Cost.Low)
	require.Nil(t, a.summary.Cost.High)
	require.Equal(t, api.BatchUnknown{Expected: 2, Low: 2, High: 2}, a.summary.Cost.Unknown)
	require.False(t, a.summary.Cost.Overflow)
	require.Equal(t, 2, a.summary.Decisions.Deny)

	none := batchOf(t, service(t, realEstimator(t)), "", "\n")
	require.Nil(t, none.summary.Cost.Currency)
	require.Equal(t, "0", *none.summary.Cost.Expected, "nothing costs nothing")
	require.True(t, none.summary.Complete)
}

func TestASumThatIsTooLargeSaysSo(t *testing.T) {
	t.Parallel()
	line := requestLine("kimi-k2.6", "Hello") + "\n" // 2^30 tokens at 27 a million: 28,991 and a bit
	a := batchOf(t, service(t, realEstimator(t)), "?completion_tokens=1073741824", strings.Repeat(line, 319))
	require.Nil(t, a.summary.Cost.Expected)
	require.NotNil(t, a.summary.Cost.Low)
	require.True(t, a.summary.Cost.Overflow)
	require.Zero(t, a.summary.Cost.Unknown)
}

func TestADeniedLineIsAProblemWhereThatIsEnforced(t *testing.T) {
	t.Parallel()
	file := batchLine("a", "kimi-k2.6", "Hello") + "\n" + batchLine("b", "kimi-k2.6", strings.Repeat("Hello ", 2000))
	a := batchOf(t, service(t, realEstimator(t)), "?max_prompt_tokens=100&enforce=true", file)
	require.Equal(t, []string{"estimate", "problem"}, []string{a.items[0].Object, a.items[1].Object})
	require.Equal(t, 402, a.items[1].Status)
	require.Equal(t, "denied", a.items[1].Code)
	require.Equal(t, "deny", a.items[1].Estimate.Verdict.Decision)
	require.Equal(t, "b", a.items[1].CustomID)
	require.Equal(t, a.items[0].Usage, a.summary.Usage, "what is denied will not be sent")
	require.Equal(t, api.BatchDecisions{Allow: 1, Deny: 1}, a.summary.Decisions)
}

func TestEveryLineIsEstimatedUnderTheQueryAndOneMoment(t *testing.T) {
	t.Parallel()
	var seen []estimator.Query
	f := &queries{fake: fake{estimate: contractEstimate(t)}, seen: &seen}
	var ticks atomic.Int64
	h := service(t, f, func(o *api.Options) {
		o.BatchWorkers = 1
		o.Now = func() time.Time { return now().Add(time.Duration(ticks.Add(1)) * time.Second) }
	})
	batchOf(t, h, "?completion_tokens=600&method=approximation", batchLine("a", "kimi-k2.6", "x")+"\n"+requestLine("kimi-k2.6", "x"))
	require.Len(t, seen, 2)
	require.True(t, seen[0].Batch)
	require.False(t, seen[1].Batch)
	require.Equal(t, seen[0].At, seen[1].At)
	require.False(t, seen[0].At.IsZero())
	for _, q := range seen {
		require.Equal(t, int64(600), *q.CompletionTokens)
		require.Equal(t, estimator.MethodApproximation, q.Method)
	}
}

// queries remembers the queries it is asked with, by one worker.
type queries struct {
	fake

	seen *[]estimator.Query
}

func (r *queries) Estimate(_ context.Context, _ *chat.Request, q estimator.Query) (*estimator.Estimate, error) {
	*r.seen = append(*r.seen, q)
	return r.estimate, nil
}

func TestWhatIsWrongBeforeTheFirstLineIsAnOrdinaryProblem(t *testing.T) {
	t.Parallel()
	broken := func(err error) func(*http.Request) {
		return func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(err)) }
	}
	for _, tt := range []struct {
		name, query string
		edit        func(*http.Request)
		status      int
		code        string
	}{
		{"a misspelt parameter", "?max_cots=1", lines, 400, "parameter_invalid"},
		{"a value out of range", "?completion_tokens=99999999999", lines, 422, "parameter_invalid"},
		{"text", "", header("Content-Type", "text/plain"), 415, "content_type_unsupported"},
		{"another charset", "", header("Content-Type", "application/x-ndjson; charset=gbk"), 415, "content_type_unsupported"},
		{"compressed by something unknown", "", header("Content-Encoding", "br"), 415, "content_encoding_unsupported"},
		{"not compressed at all", "", header("Content-Encoding", "gzip"), 400, "body_compression_broken"},
		{"a body that breaks off", "", broken(io.ErrUnexpectedEOF), 400, "body_cut_short"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := call(t, service(t, realEstimator(t)), http.MethodPost, batchPath+tt.query, hello, lines, tt.edit)
			p := problemOf(t, rec)
			require.Equal(t, tt.status, rec.Code)
			require.Equal(t, tt.code, p.Code)
			if tt.code == "content_type_unsupported" {
				require.Contains(t, p.Detail, "application/x-ndjson")
			}
		})
	}
	rec := call(t, service(t, realEstimator(t), func(o *api.Options) { o.APIKeys = api.NewKeyring("k") }), http.MethodPost, batchPath, hello, lines)
	require.Equal(t, 401, problemOf(t, rec).Status)
}

func TestAFileOfLinesMayCallItselfByAnyOfItsNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"application/x-ndjson", "application/ndjson", "application/jsonl; charset=utf-8", "application/x-jsonlines", "application/json", ""} {
		rec := call(t, service(t, realEstimator(t)), http.MethodPost, batchPath, hello, func(r *http.Request) {
			r.Header.Del("Content-Type")
			if name != "" {
				r.Header.Set("Content-Type", name)
			}
		})
		require.Equal(t, 200, rec.Code, name)
		require.Equal(t, 1, readBatch(t, rec.Body).summary.Estimates)
	}
}

func TestAnAnswerThatWasCutShortSaysSo(t *testing.T) {
	t.Parallel()
	body := io.MultiReader(strings.NewReader(hello+"\n"+hello+"\n"+hello[:20]), iotest.ErrReader(io.ErrUnexpectedEOF))
	rec := call(t, service(t, realEstimator(t)), http.MethodPost, batchPath, hello, lines, func(r *http.Request) {
		r.Body = io.NopCloser(body)
	})
	a := readBatch(t, rec.Body)
	require.False(t, a.summary.Complete)
	require.Equal(t, "body_cut_short", a.summary.Problem.Code)
	require.Equal(t, 2, a.summary.Estimates)
	require.Equal(t, "test-1", a.summary.Problem.Instance)
}

func TestAPanicOnALineIsAProblemOnThatLineOnly(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	f := &fake{estimate: contractEstimate(t)}
	h := service(t, panicky{f}, func(o *api.Options) { o.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	a := batchOf(t, h, "", requestLine("kimi-k2.6", "x")+"\n"+requestLine("boom", "secret text")+"\n"+requestLine("kimi-k2.6", "x"))
	require.Equal(t, []string{"estimate", "problem", "estimate"}, []string{a.items[0].Object, a.items[1].Object, a.items[2].Object})
	require.Equal(t, 500, a.items[1].Status)
	require.Equal(t, "internal", a.items[1].Code)
	require.True(t, a.summary.Complete)
	require.Contains(t, log.String(), "panic")
	require.Contains(t, log.String(), "batch_run.go")
	require.NotContains(t, log.String()+a.raw[1], "secret")
}

// panicky panics for a model.
type panicky struct{ *fake }

func (p panicky) Estimate(_ context.Context, req *chat.Request, _ estimator.Query) (*estimator.Estimate, error) {
	if req.Model == "boom" {
		panic("secret " + req.Messages[0].Content.Text)
	}
	return p.estimate, nil
}

func TestABatchIsOneEventInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := service(t, &fake{err: errors.New("dial 10.1.2.3:6379")}, func(o *api.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		o.BatchWorkers = 1
	})
	a := batchOf(t, h, "", batchLine("customer-77", "kimi-k2.6", "secret text")+"\nsecret")
	require.Equal(t, 2, a.summary.Problems)
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), `"lines":2,"problems":2`)
	for _, never := range []string{"customer-77", "secret", "10.1.2.3"} {
		require.NotContains(t, log.String(), never)
	}
	require.NotContains(t, strings.Join(a.raw, ""), "10.1.2.3")
	require.Contains(t, log.String(), `"error":`, "that lines failed for no fault of the caller is said once")
}

// FuzzBatch checks that every line of any file has its answer, and that every
// answer ends with a summary that agrees.
func FuzzBatch(f *testing.F) {
	for _, file := range []string{"", "\n\n", hello, hello + "\nx\n" + hello, "\xff\n\n{}", batchLine("a", "kimi-k2.6", "x") + "\r\n" + hello} {
		f.Add([]byte(file))
	}
	h := service(f, realEstimator(f), func(o *api.Options) { o.MaxBodyBytes = 300 })
	f.Fuzz(func(t *testing.T, file []byte) {
		want := 0
		for line := range bytes.SplitSeq(file, []byte("\n")) {
			if len(bytes.Trim(line, " \t\r")) > 0 || len(line) > 300 {
				want++
			}
		}
		rec := call(t, h, http.MethodPost, batchPath, string(file), lines)
		require.Equal(t, 200, rec.Code)
		a := readBatch(t, rec.Body)
		require.True(t, a.summary.Complete)
		require.Equal(t, want, a.summary.Lines, "%q", file)
		last := 0
		for _, item := range a.items {
			require.Greater(t, item.Line, last)
			last = item.Line
		}
	})
}
