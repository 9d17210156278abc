// Command cmd runs the stand-in for the vendor by hand, on loopback. It knows
// its flags and nothing else; see package fakevendor.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"tollgate/estimator/moonshot/fakevendor"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fakevendor:", err)
		os.Exit(2) //nolint:gocritic // nothing is left to stop
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, stderr io.Writer) error {
	addr, o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	o.Now = time.Now //nolint:forbidigo // this is the command; the package takes a clock
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	_, _ = fmt.Fprintf(stderr, "MOONSHOT_BASE_URL=http://%s/v1 MOONSHOT_API_KEY=%s\n", ln.Addr(), fakevendor.Key)
	s := fakevendor.New(o)
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err = <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.Close()
	_, _ = fmt.Fprintf(stderr, "%d counting calls, %d different bodies\n", s.Estimates(), len(s.PerContent()))
	return srv.Close() //nolint:wrapcheck // the last word of the program
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (addr string, o fakevendor.Options, err error) {
	f := flag.NewFlagSet("fakevendor", flag.ContinueOnError)
	f.SetOutput(stderr)
	fault := f.String("fault", "", "what goes wrong with counting calls: "+names())
	f.StringVar(&addr, "addr", "127.0.0.1:8099", "where to listen; loopback only")
	f.IntVar(&o.FaultEvery, "fault-every", 1, "the fault meets every n-th call")
	f.DurationVar(&o.Delay, "delay", 0, "before every answer")
	f.IntVar(&o.RPM, "rpm", 0, "calls a minute of the account; 0 means no limit")
	f.IntVar(&o.Concurrency, "concurrency", 0, "calls at once of the account; 0 means no limit")
	f.Int64Var(&o.MaxBody, "max-body", fakevendor.DefaultMaxBody, "bytes of a request body")
	f.StringVar(&o.RedirectTo, "redirect-to", "http://127.0.0.1:9", "where the fault 307 points to")
	f.BoolVar(&o.Covers.GenerationPrompt, "covers-generation-prompt", false, "the total includes it")
	f.BoolVar(&o.Covers.Tools, "covers-tools", false, "the total includes tools")
	f.BoolVar(&o.Covers.NoToolRole, "no-tool-role", false, "messages of role tool count nothing")
	f.BoolVar(&o.Covers.NoToolCalls, "no-tool-calls", false, "tool calls count nothing")
	f.BoolVar(&o.Covers.NoReasoning, "no-reasoning", false, "reasoning counts nothing")
	f.BoolVar(&o.Covers.RefuseTools, "refuse-tools", false, "tools are a 400")
	f.BoolVar(&o.Covers.RefuseToolRole, "refuse-tool-role", false, "messages of role tool are a 400")
	if err := f.Parse(args); err != nil {
		return "", o, err //nolint:wrapcheck // flag says it well
	}
	o.Fault = fakevendor.Fault(*fault)
	if *fault != "" && !strings.Contains(" "+names()+" ", " "+*fault+" ") {
		return "", o, fmt.Errorf("no fault is called %q; there are: %s", *fault, names())
	}
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return "", o, errors.New("the address must be loopback: a stand-in is no server for others")
	}
	return addr, o, nil
}

func names() string {
	all := make([]string, 0, 64)
	for _, f := range fakevendor.Faults() {
		all = append(all, string(f))
	}
	return strings.Join(all, " ")
}
