package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// The limits of the HTTP server. A body of 100 MiB has to arrive within
// readTimeout: 14 Mbit/s.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 60 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 15 * time.Second
	maxHeaderBytes    = 16 << 10
	shutdownTimeout   = 20 * time.Second
)

// batchMargin is what is left of the time to stop, when a batch that is still
// being answered is told to end. In it the batch says that it is not complete.
const batchMargin = 5 * time.Second

// serveCmd is tollgate serve.
type serveCmd struct{}

// Run runs the service until it is told to stop.
func (serveCmd) Run(p *Process, set *settings) error {
	c, err := set.config(p)
	traces, odd, wrong := set.tracing(p)
	c.Traces, c.Warnings = traces, append(c.Warnings, odd...)
	if err := errors.Join(err, wrong); err != nil {
		return usageError(fmt.Errorf("the configuration is wrong:\n%w", err))
	}
	log := newLogger(p.Stderr, c)
	for _, w := range c.Warnings {
		log.Warn("odd configuration", "reason", w)
	}
	defer runtime.KeepAlive(limitMemory(c, p, log))
	s, err := newService(c, p, log)
	if err != nil {
		return err
	}
	defer s.close()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", c.Addr)
	if err != nil {
		return usageError(fmt.Errorf("listen on TOLLGATE_ADDR: %w", err))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	callers := newCrowd(listener, connections(log), time.Now, log)
	server := newServer(s.handler, log)
	callers.attach(server)
	log.Info("listening", "addr", listener.Addr().String(), "version", version, "prices", s.prices.book().Hash())
	err = s.serve(ctx, stop, server, func() error { return server.Serve(callers) }, c)
	log.Info("stopped", "clean", err == nil)
	return err
}

// serve answers on a listener until ctx ends. Then /readyz fails, what is in
// flight is finished, and new requests are answered for a moment longer, so
// that a load balancer has the time to look elsewhere. From when /readyz fails,
// which is after heard was called, the next signal has its usual effect.
func (s *service) serve(ctx context.Context, heard func(), server *http.Server, listen func() error, c Config) error {
	failed := make(chan error, 1)
	go func() { failed <- listen() }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	heard()
	s.draining.Store(true)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(c.DrainDelay):
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("stop: requests were still in flight after %s: %w", shutdownTimeout, err)
	}
	return nil
}

// newServer returns a server that nobody can keep busy by being slow.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
