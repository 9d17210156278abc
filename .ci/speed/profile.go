package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"syscall"
	"time"

	"tollgate/cli"
)

// serveProfiled runs the service in this process until it is told to stop, and
// writes where its processor went.
func serveProfiled(addr, path string) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	env := map[string]string{
		"TOLLGATE_ADDR": addr, "TOLLGATE_LOG_LEVEL": "warn", "TOLLGATE_DRAIN_DELAY": "0s", "XDG_DATA_HOME": os.TempDir() + "/none",
	}
	code := cli.Main(cli.Process{
		Args: []string{"serve"}, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	pprof.StopCPUProfile()
	if code != 0 {
		return errors.Join(fmt.Errorf("serve: exit code %d", code), out.Close())
	}
	return out.Close()
}

// profile writes where the server's processor goes with a mix of requests, most of
// them such as callers send most of the time.
func (b *bench) profile(path string) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	p, err := start(serverCore, "http://"+addr, nil, b.self, "floor", "profiled", addr, path)
	if err != nil {
		return err
	}
	if err := p.wait("/readyz"); err != nil {
		return err
	}
	for _, part := range []struct {
		body  func() []byte
		share time.Duration
	}{
		{same(requestOf(500)), 5}, {distinct(1000), 1}, {same(requestOf(20_000)), 1}, {same(requestOf(200)), 2}, {same(picture(200_000)), 1},
	} {
		l := load{url: p.url, path: "/v1/estimate", callers: 16, span: part.share * b.span, body: part.body}
		if _, err := l.run(); err != nil {
			return err
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}
