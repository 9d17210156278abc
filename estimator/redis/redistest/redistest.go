// Package redistest runs a real redis-server for tests, and ill-treats it.
//
// It knows how to start the server that is installed on this machine, without
// files and on loopback only, and how to stop, kill and starve it. It does not
// know what is kept in it.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// TB is the part of testing.TB that a [Server] needs.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
	TempDir() string
	Logf(format string, args ...any)
}

// Server is a redis-server of a test's own. Its process is ended with the test.
type Server struct {
	t    TB
	dir  string
	port int
	args []string
	cmd  *exec.Cmd

	password string
	tls      bool
}

// Start runs a server on a free port for the length of a test. Args are added
// to its command line. It fails the test if none is installed.
func Start(t TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), port: freePort(t), args: args}
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// URL is the server's address, for a user; without one, as anybody.
func (s *Server) URL(user, password string) string {
	scheme := "redis://"
	if s.tls {
		scheme = "rediss://"
	}
	if user == "" {
		return scheme + s.addr()
	}
	return scheme + user + ":" + password + "@" + s.addr()
}

// Restart starts the server again after [Server.Kill], with nothing in it.
func (s *Server) Restart() {
	s.t.Helper()
	args := append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no",
	}, s.args...)
	s.cmd = exec.Command("redis-server", args...) //nolint:gosec,noctx // a test's own server, ended by its Cleanup
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v; on Debian: apt-get install redis-server", err)
	}
	if err := s.answers(); err != nil {
		s.t.Fatalf("redis-server does not answer: %v", err)
	}
}

// answers waits until the server does.
func (s *Server) answers() error {
	var err error
	for range 500 {
		if err = s.try("PING"); err == nil || goredis.HasErrorPrefix(err, "NOAUTH") {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// Stop makes the server hang: it is there and does nothing.
func (s *Server) Stop() { s.signal(syscall.SIGSTOP) }

// Continue ends [Server.Stop].
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

// Kill ends the server at once.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil || s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Kill() // a stopped process dies of it, too
	_ = s.cmd.Wait()         // its status is that it was killed
}

// Do sends a command as the default user, which must be allowed to.
func (s *Server) Do(args ...any) {
	s.t.Helper()
	if err := s.try(args...); err != nil {
		s.t.Fatalf("redis: %v: %v", args[0], err)
	}
}

// Keys returns the names of all that is in the server.
func (s *Server) Keys() []string {
	s.t.Helper()
	c := s.client()
	defer closed(c)
	keys, err := c.Keys(context.Background(), "*").Result()
	if err != nil {
		s.t.Fatalf("redis: keys: %v", err)
	}
	return keys
}

// Set writes a value.
func (s *Server) Set(key, value string) { s.Do("SET", key, value) }

// SetAll writes a value under every key that is in the server.
func (s *Server) SetAll(value string) {
	s.t.Helper()
	c := s.client()
	defer closed(c)
	err := c.Eval(context.Background(),
		`for _, k in ipairs(redis.call('KEYS', '*')) do redis.call('SET', k, ARGV[1], 'KEEPTTL') end return 0`, nil, value).Err()
	if err != nil {
		s.t.Fatalf("redis: set all: %v", err)
	}
}

// Password changes the password that everybody needs, and ends all
// connections; an empty one is none.
func (s *Server) Password(password string) {
	s.t.Helper()
	s.Do("CONFIG", "SET", "requirepass", password)
	s.password = password
	s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
}

func (s *Server) try(args ...any) error {
	c := s.client()
	defer closed(c)
	err := c.Do(context.Background(), args...).Err()
	if errors.Is(err, goredis.Nil) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask redis-server: %w", err)
	}
	return nil
}

func (s *Server) client() *goredis.Client {
	logging.Disable() // of every attempt to reach a server that is about to start
	return goredis.NewClient(&goredis.Options{Addr: s.addr(), Password: s.password, TLSConfig: s.trusting(), MaxRetries: -1, DialerRetries: 1, Protocol: 2})
}

// closed closes a client, of which nothing is wanted any more.
func closed(c *goredis.Client) { _ = c.Close() }

func (s *Server) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("redis-server: %v", err)
	}
}

// freePort returns a port that nobody listens on now.
func freePort(t TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a port: %v", err)
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("find a port: %v", l.Addr())
	}
	return addr.Port
}
