package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"tollgate/estimator/tokenizer"
)

// connectTimeout bounds how long a server may take to accept a connection.
const connectTimeout = 15 * time.Second

// download fetches the vocabulary into a file, and goes on where an earlier
// try broke off.
type download struct {
	url    string
	part   string // the file that is not yet whole
	stall  time.Duration
	tries  int
	client *http.Client
	p      *Process
}

// errPermanent marks what another try would not mend.
var errPermanent = errors.New("trying again will not help")

// pullTransport is a transport that does not wait for ever.
func pullTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: connectTimeout,
		DisableCompression:    true,
	}
}

// run fetches the file and checks it. What is wrong is thrown away; what is
// only not whole is kept for the next time.
func (d *download) run() error {
	var err error
	for try := range d.tries {
		if try > 0 {
			_ = d.p.note("%v; going on (%d of %d)\n", err, try, d.tries-1)
		}
		if err = d.fetch(); err == nil {
			return d.check()
		}
		if errors.Is(err, errPermanent) {
			break
		}
	}
	return fmt.Errorf("fetch the vocabulary: %w; what has arrived is kept, run the command again to go on", err)
}

// check makes sure that what was fetched is the vocabulary.
func (d *download) check() error {
	if _, err := tokenizer.Open(d.part); err != nil {
		_ = os.Remove(d.part)
		return fmt.Errorf("what the server sent is not the vocabulary, and was thrown away: %s", reasonOf(err))
	}
	return nil
}

// fetch asks for what is missing and appends it.
func (d *download) fetch() error {
	f, err := os.OpenFile(d.part, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o640) //nolint:gosec // a public file
	if err != nil {
		return fmt.Errorf("%w: open the file to write to: %s", errPermanent, reasonOf(err))
	}
	defer func() { _ = f.Close() }()
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("%w: measure what is there: %s", errPermanent, reasonOf(err))
	}
	if have >= tokenizer.FileSize {
		return nil // whole, or wrong: the check tells
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	resp, err := d.ask(ctx, have)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if have, err = d.startOf(resp, f, have); err != nil {
		return err
	}
	if err := d.copy(ctx, cancel, f, resp.Body, have); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("%w: write the file: %s", errPermanent, reasonOf(err))
	}
	return nil
}

// ask asks for the file from a byte on.
func (d *download) ask(ctx context.Context, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: the address is not one", errPermanent)
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	return resp, nil
}

// startOf returns the byte that a response starts with. A server that sends
// the whole file gets a new start.
func (d *download) startOf(resp *http.Response, f *os.File, have int64) (int64, error) {
	switch {
	case resp.StatusCode == http.StatusPartialContent &&
		resp.Header.Get("Content-Range") == fmt.Sprintf("bytes %d-%d/%d", have, tokenizer.FileSize-1, tokenizer.FileSize):
		return have, nil
	case resp.StatusCode == http.StatusOK:
		if err := f.Truncate(0); err != nil {
			return 0, fmt.Errorf("%w: start the file anew: %s", errPermanent, reasonOf(err))
		}
		return 0, nil
	case resp.StatusCode == http.StatusPartialContent, resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		_ = os.Remove(d.part) // another file than the one we have a part of
		return 0, errors.New("the server has another file than the one that was begun")
	case resp.StatusCode >= http.StatusInternalServerError, resp.StatusCode == http.StatusTooManyRequests:
		return 0, fmt.Errorf("the server answers %s", resp.Status)
	}
	return 0, fmt.Errorf("%w: the server answers %s", errPermanent, resp.Status)
}

// copy copies the body to the file, with a bar on a terminal, until it is
// whole. A connection that stalls is given up.
func (d *download) copy(ctx context.Context, cancel context.CancelCauseFunc, f io.Writer, body io.Reader, have int64) error {
	watchdog := time.AfterFunc(d.stall, func() {
		cancel(fmt.Errorf("the server sent nothing for %s", d.stall))
	})
	defer watchdog.Stop()
	bar := progressbar.NewOptions64(tokenizer.FileSize,
		progressbar.OptionSetWriter(d.p.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription("vocabulary"), progressbar.OptionSetVisibility(terminal(d.p.Stderr)))
	_ = bar.Set64(have)
	// One byte more than there should be is enough to see that it is too much.
	limited := io.LimitReader(body, tokenizer.FileSize+1-have)
	n, err := io.Copy(io.MultiWriter(f, bar), &watched{limited, func() { watchdog.Reset(d.stall) }})
	_ = bar.Finish()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return fmt.Errorf("the connection broke: %w", err)
	}
	if have+n < tokenizer.FileSize {
		return fmt.Errorf("the connection ended after %d of %d bytes", have+n, tokenizer.FileSize)
	}
	return nil
}

// watched is a reader that says when something arrives.
type watched struct {
	io.Reader

	arrived func()
}

// Read reads, and says so.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	if n > 0 {
		w.arrived()
	}
	return n, err //nolint:wrapcheck // it stays what it is
}
