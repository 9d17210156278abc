package fakevendor

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// The keys that a server with no keys of its own knows.
const (
	Key           = "sk-fake-right-platform"
	OtherPlatform = "sk-fake-other-platform" // a key of the vendor's other shop
)

// DefaultMaxBody is the vendor's documented limit of a request body, in bytes.
const DefaultMaxBody = 100 << 20

// Options is how a server behaves. The zero value is a healthy vendor.
type Options struct {
	Keys    []string // accepted keys; empty means Key
	Models  []string // known models; empty means those of DefaultModels
	MaxBody int64    // bytes; 0 means DefaultMaxBody

	Delay time.Duration // before every answer

	// Limits of the account; 0 means none. What exceeds them is answered as the
	// vendor does, with 429 and the seconds to wait in the message.
	RPM         int
	Concurrency int

	// Covers is what the counting endpoint's total includes.
	Covers Covers

	// Count replaces the count of a request that passed all checks. Model is
	// its model, body the whole of it. Nil means a made-up count by Covers.
	Count func(model string, body []byte) int64

	// Fault is what goes wrong with every counting call; empty means nothing.
	Fault Fault
	// FaultEvery is which counting calls have the fault: 0 or 1 all, 3 every
	// third.
	FaultEvery int
	// RedirectTo is where [FaultRedirect] points to.
	RedirectTo string

	Now func() time.Time // the clock of RPM; required when RPM is set
}

// Covers is what a counting endpoint's total includes beside the messages of
// system, user and assistant. The zero value is what the vendor's documented
// example shows, and that of tool messages what its schema suggests.
type Covers struct {
	GenerationPrompt bool
	Tools            bool
	NoToolRole       bool // messages of role tool count nothing
	NoToolCalls      bool // calls in assistant messages count nothing
	NoReasoning      bool // reasoning_content counts nothing
	RefuseTools      bool // tools in the body are a 400
	RefuseToolRole   bool // messages of role tool are a 400
}

// Call is one request that reached the server.
type Call struct {
	Path       string
	Model      string
	BodySHA256 string // hexadecimal
	Bytes      int64
	Authorised bool
	Fault      Fault // what it met; empty if nothing
}

// Server is the vendor's API as an [http.Handler]. It is safe for concurrent
// use.
type Server struct {
	mux *http.ServeMux

	mu      sync.Mutex
	opts    Options
	queue   []Fault
	calls   []Call
	counted int // counting calls, for FaultEvery
	busy    int
	minute  []time.Time // counting calls of the last minute

	stop chan struct{}
	once sync.Once
}

// New returns a server.
func New(o Options) *Server {
	s := &Server{opts: o, mux: http.NewServeMux(), stop: make(chan struct{})}
	s.mux.HandleFunc("POST /v1/tokenizers/estimate-token-count", s.estimate)
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("GET /v1/users/me/balance", s.balance)
	s.mux.HandleFunc("/v1/chat/completions", s.chat)
	s.mux.HandleFunc("/", s.nowhere)
	return s
}

// Close lets go of requests that a fault keeps waiting.
func (s *Server) Close() { s.once.Do(func() { close(s.stop) }) }

// ServeHTTP answers as the vendor does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// TB is the part of testing.TB that [Start] needs.
type TB interface {
	Helper()
	Cleanup(func())
}

// Running is a server that listens on loopback.
type Running struct {
	*Server

	URL string // base URL, with /v1
}

// Start runs a server for the length of a test.
func Start(t TB, o Options) *Running {
	t.Helper()
	s := New(o)
	hs := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		hs.CloseClientConnections()
		hs.Close()
	})
	return &Running{Server: s, URL: hs.URL + "/v1"}
}

// Set changes the server's behaviour from the next call on.
func (s *Server) Set(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.opts)
}

// Queue makes the next counting calls meet these faults, one each, before
// Options.Fault has its turn. [FaultNone] lets a call through.
func (s *Server) Queue(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, faults...)
}

// Calls returns every request so far, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Estimates returns how many counting calls there were.
func (s *Server) Estimates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted
}

// PerContent returns how many counting calls each body had, by its SHA-256.
func (s *Server) PerContent() map[string]int {
	m := map[string]int{}
	for _, c := range s.Calls() {
		if c.Path == estimatePath {
			m[c.BodySHA256]++
		}
	}
	return m
}

// Forget drops the record of calls.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.counted = nil, 0
}

func (s *Server) options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

// read takes in a body up to the limit. It reports whether it may go on.
func (s *Server) read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, bool) {
	var b bytes.Buffer
	_, err := io.Copy(&b, http.MaxBytesReader(w, r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		answerError(w, http.StatusRequestEntityTooLarge, "invalid_request_error",
			"Invalid request: the request body is too large")
		return nil, false
	}
	if err != nil {
		answerError(w, http.StatusBadRequest, "invalid_request_error", "Invalid request: unreadable body")
		return nil, false
	}
	return b.Bytes(), true
}
