package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// healthcheckTimeout is how long a service may take to say that it lives.
const healthcheckTimeout = 3 * time.Second

// healthcheckCmd is tollgate healthcheck.
type healthcheckCmd struct {
	Ready bool `help:"Ask whether it can answer, not only whether it lives."`
}

// Run asks the service at TOLLGATE_ADDR.
func (cmd healthcheckCmd) Run(_ *Process, set *settings) error {
	r := reader{}
	host, port, err := net.SplitHostPort(r.addr("TOLLGATE_ADDR", set.Addr))
	if err = errors.Join(append(r.wrong, err)...); err != nil {
		return usageError(err)
	}
	// Who listens everywhere answers here.
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	path := "/healthz"
	if cmd.Ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(context.Background(), healthcheckTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return usageError(fmt.Errorf("healthcheck: %w", err))
	}
	// Straight to the service, whatever proxy the environment names.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return &exitError{code: exitDenied, cause: fmt.Errorf("healthcheck: %w", err)}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return &exitError{code: exitDenied, cause: fmt.Errorf("healthcheck: %s answers %s", path, resp.Status)}
	}
	return nil
}
