package fakevendor

import (
	"compress/gzip"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"
)

// Fault is one way in which a counting call goes wrong.
type Fault string

// The faults. The first group is what the vendor documents or was seen to do,
// the second what only a broken or hostile server does.
const (
	FaultNone Fault = ""

	Fault400           Fault = "400"
	Fault400Long       Fault = "400-too-long"
	Fault400Image      Fault = "400-image-format"
	Fault400Filter     Fault = "400-content-filter"
	Fault401           Fault = "401"
	Fault403           Fault = "403"
	Fault403Quota      Fault = "403-quota"
	Fault404           Fault = "404"
	Fault404HTML       Fault = "404-html"
	Fault429RPM        Fault = "429-rpm"
	Fault429Concurrent Fault = "429-concurrency"
	Fault429TPM        Fault = "429-tpm"
	Fault429TPD        Fault = "429-tpd"
	Fault429Quota      Fault = "429-quota"
	Fault429Overloaded Fault = "429-overloaded"
	Fault429Cooldown   Fault = "429-cooldown"    // msh-cooldown-seconds: 2
	Fault429RetryAfter Fault = "429-retry-after" // Retry-After: 2
	Fault429RetryLong  Fault = "429-retry-after-hour"
	Fault500           Fault = "500"
	Fault503           Fault = "503"
	Fault503RetryAfter Fault = "503-retry-after" // Retry-After: 2
	Fault504HTML       Fault = "504-html"

	FaultReset       Fault = "reset"           // RST before an answer
	FaultHang        Fault = "hang"            // never answers
	FaultHangBody    Fault = "hang-body"       // head at once, body never
	FaultDribble     Fault = "dribble"         // a byte every 50 ms
	FaultTruncated   Fault = "truncated"       // less body than announced
	FaultCutJSON     Fault = "cut-json"        // a whole body that is half an object
	FaultHTML        Fault = "200-html"        // success that is a page
	FaultEmpty       Fault = "200-empty"       // success without a body
	FaultEmptyObject Fault = "200-{}"          // success that says nothing
	FaultError       Fault = "200-error"       // success with an error in it
	FaultString      Fault = "count-string"    // "80"
	FaultNegative    Fault = "count-negative"  // -80
	FaultFraction    Fault = "count-fraction"  // 80.5
	FaultExponent    Fault = "count-exponent"  // 8e1
	FaultHuge        Fault = "count-huge"      // 1e18
	FaultNull        Fault = "count-null"      // null
	FaultTopLevel    Fault = "count-top-level" // not under data
	FaultDuplicate   Fault = "duplicate-keys"  // two totals
	FaultTrailing    Fault = "trailing"        // a second object after the first
	FaultNotUTF8     Fault = "not-utf8"
	FaultBomb        Fault = "gzip-bomb" // small on the wire, 256 MiB unpacked
	FaultEndless     Fault = "endless"   // never stops sending
	FaultRedirect    Fault = "307"       // to Options.RedirectTo
)

// Faults returns the name of every fault, sorted.
func Faults() []Fault { return slices.Sorted(maps.Keys(faults)) }

type fault func(*Server, http.ResponseWriter, *http.Request)

// faults is what each of them answers. It is never written to.
var faults = map[Fault]fault{
	Fault400:           envelope(400, "invalid_request_error", "Invalid request: bad content in "+account),
	Fault400Long:       envelope(400, "invalid_request_error", "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)"),
	Fault400Image:      envelope(400, "invalid_request_error", "Invalid request: unsupported image format: text/plain; charset=utf-8"),
	Fault400Filter:     envelope(400, "content_filter", "The request was rejected because it was considered high risk"),
	Fault401:           envelope(401, "invalid_authentication_error", "Invalid Authentication"),
	Fault403:           envelope(403, "permission_denied_error", "The API you are accessing is not open"),
	Fault403Quota:      envelope(403, "exceeded_current_quota_error", account+" is not active, current state: suspended"),
	Fault404:           envelope(404, "resource_not_found_error", "Not found the model or Permission denied"),
	Fault404HTML:       page(404, "404 page not found"),
	Fault429RPM:        limit("request reached organization max RPM: 3, please try again after 1 seconds"),
	Fault429Concurrent: limit("request reached max organization concurrency: 1, please try again after 1 seconds"),
	Fault429TPM:        limit("request reached organization TPM rate limit, current: 563653, limit: 500000"),
	Fault429TPD:        limit("request reached organization TPD rate limit, current: 1563653, limit: 1500000"),
	Fault429Quota: envelope(429, "exceeded_current_quota_error",
		account+" is suspended due to insufficient balance, please recharge your account"),
	Fault429Overloaded: envelope(429, "engine_overloaded_error", "The engine is currently overloaded, please try again later"),
	Fault429Cooldown:   header("Msh-Cooldown-Seconds", "2", limit("request reached organization max RPM: 3")),
	Fault429RetryAfter: header("Retry-After", "2", limit("request reached organization max RPM: 3")),
	Fault429RetryLong:  header("Retry-After", "3600", limit("request reached organization max RPM: 3")),
	Fault500:           envelope(500, "server_error", "internal error at 10.1.2.3:9000"),
	Fault503:           envelope(503, "server_unavailable", "the service is scaling"),
	Fault503RetryAfter: header("Retry-After", "2", envelope(503, "server_unavailable", "the service is scaling")),
	Fault504HTML:       page(504, "<html><body><h1>504 Gateway Time-out</h1></body></html>"),

	FaultReset:       reset,
	FaultHang:        func(s *Server, _ http.ResponseWriter, r *http.Request) { s.hang(r) },
	FaultHangBody:    hangBody,
	FaultDribble:     dribble,
	FaultTruncated:   truncated,
	FaultCutJSON:     raw(`{"data":{"total_to`),
	FaultHTML:        page(200, "<html><body>Welcome to the hotel's network</body></html>"),
	FaultEmpty:       raw(""),
	FaultEmptyObject: raw("{}"),
	FaultError:       raw(`{"error":{"message":"` + account + `","type":"server_error"},"data":{"total_tokens":80}}`),
	FaultString:      raw(`{"data":{"total_tokens":"80"}}`),
	FaultNegative:    raw(`{"data":{"total_tokens":-80}}`),
	FaultFraction:    raw(`{"data":{"total_tokens":80.5}}`),
	FaultExponent:    raw(`{"data":{"total_tokens":8e1}}`),
	FaultHuge:        raw(`{"data":{"total_tokens":1000000000000000000}}`),
	FaultNull:        raw(`{"data":{"total_tokens":null}}`),
	FaultTopLevel:    raw(`{"total_tokens":80}`),
	FaultDuplicate:   raw(`{"data":{"total_tokens":80,"total_tokens":8}}`),
	FaultTrailing:    raw(`{"data":{"total_tokens":80}}{"data":{"total_tokens":8}}`),
	FaultNotUTF8:     raw("{\"data\":{\"total_tokens\":80,\"note\":\"\xff\"}}"),
	FaultBomb:        bomb,
	FaultEndless:     endless,
	FaultRedirect:    redirect,
}

func envelope(status int, kind, message string) fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) { answerError(w, status, kind, message) }
}

func limit(detail string) fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) { answerLimit(w, detail) }
}

func header(name, value string, then fault) fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		then(s, w, r)
	}
}

func page(status int, html string) fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		write(w, []byte(html))
	}
}

func raw(body string) fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		write(w, []byte(body))
	}
}

// reset ends the connection with an RST.
func reset(_ *Server, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the nearest thing is to drop the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// hang waits until the caller or the server is gone.
func (s *Server) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.stop:
	}
}

func hangBody(s *Server, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	s.hang(r)
}

func dribble(s *Server, w http.ResponseWriter, r *http.Request) {
	const answer = `{"data":{"total_tokens":80}}`
	for i := range answer {
		write(w, []byte(answer[i:i+1]))
		_ = http.NewResponseController(w).Flush()
		if !s.pause(r, 50*time.Millisecond) {
			return
		}
	}
}

func truncated(_ *Server, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "29")
	write(w, []byte(`{"data":{"total_`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func bomb(_ *Server, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	_ = http.NewResponseController(w).Flush() // the head first, lest a slow machine look like a slow vendor
	z := gzip.NewWriter(w)
	chunk := make([]byte, 1<<20)
	for range 256 {
		if _, err := z.Write(chunk); err != nil {
			return
		}
	}
	_ = z.Close()
}

func endless(s *Server, w http.ResponseWriter, r *http.Request) {
	chunk := make([]byte, 1<<20)
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
		select {
		case <-s.stop:
			return
		default:
		}
	}
}

func redirect(s *Server, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", s.options().RedirectTo+r.URL.Path)
	w.WriteHeader(http.StatusTemporaryRedirect)
}
