package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"tollgate/api/client"
)

// An HTTP client that sends to the vendor only what the budget allows. SDKs of
// OpenAI's API take such a client as an option.
func ExampleTransport() {
	tollgate := exampleServer()
	defer tollgate.Close()
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println("the vendor got", string(body))
	}))
	defer vendor.Close()

	c, err := client.New(client.Options{BaseURL: tollgate.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	transport := &client.Transport{Client: c, Budget: client.Query{MaxCost: "0.02", Currency: client.CNY}}
	calls := &http.Client{Transport: transport}
	send := func(body string) {
		response, err := calls.Post(vendor.URL+"/v1/chat/completions", "application/json", strings.NewReader(body))
		if denied, ok := errors.AsType[*client.DeniedError](err); ok {
			fmt.Println("not sent:", denied.Estimate.Verdict.Reasons[0].Message)
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = response.Body.Close()
	}
	send(`{"model":"kimi-k2.6","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}`)
	send(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`)

	transport.LowerOutput, transport.LeastOutput = true, 500
	send(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`)
	// Output:
	// the vendor got {"model":"kimi-k2.6","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}
	// not sent: the call may cost CNY 0.8847945; the budget is CNY 0.02
	// the vendor got {"max_completion_tokens":738,"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}
}
