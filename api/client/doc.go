// Package client asks a running tollgate what a Kimi chat request will cost,
// before it is sent.
//
//	c, err := client.New(client.Options{BaseURL: "http://127.0.0.1:8080"})
//	...
//	err = c.Check(ctx, request, client.Query{MaxCost: "0.02", Currency: client.CNY})
//	if denied, ok := errors.AsType[*client.DeniedError](err); ok {
//		// over budget: denied.Estimate says by how much
//	}
//
// [Client] has a method for each question. [Client.Check] holds a request
// against a budget, and [Transport] does so for every chat completion that an
// HTTP client is about to send to the vendor.
//
// A request is the body of a chat completion as it would go to the vendor: as
// []byte or [encoding/json.RawMessage] it is sent as it is, byte for byte;
// anything else, such as the parameters of an SDK, as encoding/json writes it.
//
// # Units
//
// Every number is of tokens. Money is a [Decimal], in the currency that stands
// beside it, for one call; rates are for a million tokens. Nothing is a float
// and nothing is rounded. A nil stands for what is not known, which is never
// zero.
//
// # Errors
//
// Nothing that is not known passes for a yes. The errors are told apart with
// errors.As and errors.Is:
//
//   - [*DeniedError]: the verdict of [Client.Check] is not "allow". It is
//     [ErrOverBudget], [ErrUnknown] or [ErrInvalid], or several of them.
//   - [*Problem]: the service refused the question, by RFC 9457. It is
//     [ErrUnavailable] where the service is overloaded or failed.
//   - [*UnavailableError], which is [ErrUnavailable]: nobody answered.
//   - [*AnswerError]: what answered is no tollgate of this version.
//
// No text of an error has an address, a key or anything of a request in it.
//
// The package knows the wire and nothing of counting or prices, and imports
// only the standard library.
package client
