package api

import (
	"log/slog"
	"net/http"
	"runtime"
	"sync"

	"github.com/gin-gonic/gin"
)

// tokenCountPath is the vendor's path. Everything under it, errors included,
// has the vendor's shape.
const tokenCountPath = "/v1/tokenizers/estimate-token-count" //nolint:gosec // a path, no credential

// server is what the handlers share. It is not changed after newServer.
type server struct {
	Options

	limits       *callerLimits
	small, large *lane
	heads        sync.Pool // of *[]byte, for bodies that are read ahead
	spools       *spools   // nil: none
	turns        *turns    // of large bodies
}

func newServer(opts Options) *server {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.MaxBodyBytes <= 0 {
		opts.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if opts.Draining == nil {
		opts.Draining = func() bool { return false }
	}
	if opts.MemoryBytes <= 0 {
		opts.MemoryBytes = DefaultMemoryBytes
	}
	small, large := newLanes(opts)
	if opts.BatchWorkers <= 0 {
		opts.BatchWorkers = runtime.GOMAXPROCS(0)
	}
	if opts.BatchGrace <= 0 {
		opts.BatchGrace = DefaultBatchGrace
	}
	turns := newTurns()
	return &server{
		Options: opts, limits: newCallerLimits(opts.RateLimit, opts.Now), small: small, large: large,
		spools: newSpools(opts.SpoolDir, opts.SpoolBytes, turns.network), turns: turns,
	}
}

// engine builds the router.
func (s *server) engine() *gin.Engine {
	if gin.Mode() != gin.ReleaseMode {
		// Process-wide, but the only way to keep gin from printing its routes
		// and warnings to the standard output.
		gin.SetMode(gin.ReleaseMode)
	}
	r := gin.New()
	r.HandleMethodNotAllowed = true
	// With no trusted proxy nobody can choose the address he is seen under. Nil
	// never fails.
	_ = r.SetTrustedProxies(nil)
	r.Use(s.observe, s.recoverPanic, secure)
	r.NoRoute(s.handle(s.noRoute))
	r.NoMethod(s.handle(s.noMethod))

	v1 := r.Group("/v1", s.handle(s.admit))
	v1.POST("/estimate", s.handle(s.createEstimate))
	v1.POST("/estimate/batch", s.handle(s.createBatch))
	v1.POST("/estimate/compare", s.handle(s.createComparison))
	v1.POST("/lint", s.handle(s.createLint))
	v1.POST("/tokenizers/estimate-token-count", s.handle(s.countTokens))
	v1.POST("/messages/count_tokens", s.handle(s.countAnthropic))
	v1.POST("/responses/input_tokens", s.handle(s.countOpenAI))
	getAndHead(v1, "/models", s.handle(s.listModels))
	getAndHead(v1, "/models/*id", s.handle(s.getModel)) // some aliases have a slash
	getAndHead(v1, "/prices", s.handle(s.getPrices))

	getAndHead(r, "/healthz", s.handle(s.getHealth))
	getAndHead(r, "/readyz", s.handle(s.getReady))
	if s.Metrics != nil {
		getAndHead(r, "/metrics", s.getMetrics)
	}
	s.mountDocs(r)
	return r
}

// getAndHead mounts h for both methods: net/http drops the body of an answer
// to HEAD by itself.
func getAndHead(r gin.IRoutes, path string, h gin.HandlerFunc) {
	r.GET(path, h)
	r.HEAD(path, h)
}

// handle turns a handler that returns its error into one of gin's. It is the
// only caller of fail beside the panic guard.
func (s *server) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

func (s *server) noRoute(*gin.Context) error {
	return &Error{
		Status: http.StatusNotFound,
		Code:   "route_not_found",
		Detail: "there is no such route; GET /openapi.json lists them all",
	}
}

func (s *server) noMethod(c *gin.Context) error {
	return &Error{
		Status: http.StatusMethodNotAllowed,
		Code:   "method_not_allowed",
		Detail: "this route answers to " + c.Writer.Header().Get("Allow") + " only",
	}
}
