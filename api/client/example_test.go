package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"time"

	"tollgate/api"
	"tollgate/api/client"
)

// exampleServer is a tollgate for the examples, on a port of this machine.
func exampleServer() *httptest.Server {
	h, err := handler(func(o *api.Options) { o.Now = time.Now }) // a batch goes by the clock
	if err != nil {
		panic(err)
	}
	return httptest.NewServer(h)
}

// What a call will use and cost.
func ExampleClient_Estimate() {
	tollgate := exampleServer()
	defer tollgate.Close()

	c, err := client.New(client.Options{BaseURL: tollgate.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := []byte(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`)
	est, err := c.Estimate(context.Background(), request, client.Query{CompletionTokens: new(int64(600))})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(est.Usage.PromptTokens, "+", est.Usage.CompletionTokens, "tokens")
	fmt.Println(est.Cost.Currency, *est.Cost.Expected)
	fmt.Println(est.Verdict.Decision)
	// Output:
	// 9 + 600 tokens
	// CNY 0.0162585
	// allow
}

// Whether a call may be made, and what it is when it may not.
func ExampleClient_Check() {
	tollgate := exampleServer()
	defer tollgate.Close()

	c, err := client.New(client.Options{BaseURL: tollgate.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	budget := client.Query{MaxCost: "0.02", Currency: client.CNY}
	for _, request := range []string{
		`{"model":"kimi-k2.6","max_completion_tokens":600,"messages":[{"role":"user","content":"Hello"}]}`,
		`{"model":"kimi-k2.6","max_completion_tokens":6000,"messages":[{"role":"user","content":"Hello"}]}`,
		`{"model":"kimi-k3.1-pro","messages":[{"role":"user","content":"Hello"}]}`,
		`{"model":"kimi-k9","messages":[{"role":"user","content":"Hello"}]}`,
	} {
		err := c.Check(context.Background(), []byte(request), budget)
		denied, isDenied := errors.AsType[*client.DeniedError](err)
		problem, isProblem := errors.AsType[*client.Problem](err)
		switch {
		case err == nil:
			fmt.Println("send it")
		case errors.Is(err, client.ErrUnavailable):
			fmt.Println("nobody can tell for now: try again later")
		case errors.Is(err, client.ErrUnknown):
			fmt.Println("nobody knows what it costs")
		case isDenied && denied.Caps() != nil:
			fmt.Println("at most", denied.Caps().MaxCompletionTokens, "tokens of output")
		case isDenied:
			fmt.Println("too much:", denied)
		case isProblem:
			fmt.Println(problem.Status, problem.Code)
		}
	}
	// Output:
	// send it
	// at most 738 tokens of output
	// nobody knows what it costs
	// 422 unknown_model
}

// What a file of requests will cost, while it is sent.
func ExampleClient_Batch() {
	tollgate := exampleServer()
	defer tollgate.Close()

	c, err := client.New(client.Options{BaseURL: tollgate.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	hello := map[string]any{
		"model": "kimi-k2.6", "max_completion_tokens": 100,
		"messages": []map[string]string{{"role": "user", "content": "Hello"}},
	}
	lines := slices.Values([]any{
		hello,
		client.BatchLine{CustomID: "at-the-batch-price", Body: hello},
		map[string]string{"model": "kimi-k2.6"},
	})
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) // whose prices apply
	for answer, err := range c.Batch(context.Background(), lines, client.Query{At: day}) {
		switch {
		case err != nil:
			fmt.Println("cut short:", err)
		case answer.Problem != nil:
			fmt.Println("line", answer.Line, answer.Problem.Detail)
		case answer.Summary != nil:
			fmt.Println("all", *answer.Summary.Cost.Expected)
		default:
			fmt.Printf("line %d %q %s\n", answer.Line, answer.CustomID, *answer.Estimate.Cost.Expected)
		}
	}
	// Output:
	// line 1 "" 0.0027585
	// line 2 "at-the-batch-price" 0.0016551
	// line 3 messages is required: an array of at least one message (at byte 0)
	// all 0.0044136
}
