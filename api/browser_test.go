//go:build browser

package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/estimator"
	"tollgate/estimator/local"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

// screenshots is the directory that screenshots go to; without it none are
// taken.
const screenshots = "TOLLGATE_SCREENSHOTS"

// patience is how long a page may take for anything. It is only ever waited for
// where a test fails.
const patience = time.Minute

// page is a page in a Chromium of its own, with a profile of its own. When the
// test ends it fails for every error on the console, every exception that
// nobody caught, every broken rule of the page's policy, and every request that
// was meant for anybody but this machine.
type page struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // it is what chromedp knows a browser by
	url string          // of the service

	mu       sync.Mutex
	faults   []string
	expected []string // parts of entries of the console that are no fault
}

// browse serves h and opens a path of it. expected are parts of entries of the
// console that are no fault, such as "status of 401".
func browse(t *testing.T, h http.Handler, path string, expected ...string) *page {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	flags := append(chromedp.DefaultExecAllocatorOptions[:], //nolint:gocritic // a copy: the array has no spare room
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
		chromedp.Flag("lang", "en"), chromedp.Env("LANGUAGE=en"),
	)
	allocated, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	p := &page{t: t, url: srv.URL, expected: expected}
	ctx, leave := chromedp.NewContext(allocated, chromedp.WithListener(p.observe))
	p.ctx = ctx
	t.Cleanup(func() {
		leave()
		stop()
	})
	enable := func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		// As if its window was the one in front: only there keys move the focus.
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}
	p.do(chromedp.Func(enable), chromedp.Navigate(srv.URL+path))
	t.Cleanup(p.check)
	return p
}

// observe notes what the browser tells of.
func (p *page) observe(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		p.fault("exception: " + text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			args, _ := json.Marshal(e.Args)
			p.fault("console: " + string(args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.fault(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		to, err := url.Parse(e.Request.URL)
		if err != nil || (to.Scheme != "data" && to.Scheme != "blob" && to.Hostname() != "127.0.0.1") {
			p.fault("request to " + e.Request.URL)
		}
	}
}

func (p *page) fault(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.expected {
		if strings.Contains(what, e) {
			return
		}
	}
	p.faults = append(p.faults, what)
}

func (p *page) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.faults) > 0 {
		p.t.Errorf("the page is not clean:\n%s", strings.Join(p.faults, "\n"))
	}
}

// do runs actions.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- chromedp.Do(p.ctx, actions...) }()
	select {
	case err := <-done:
		require.NoError(p.t, err)
	case <-time.After(patience): // a deadline of the first context would end the browser with it
		p.shot("failed-" + p.t.Name())
		require.FailNow(p.t, "the page does not do it")
	}
}

// value evaluates a JavaScript expression.
func value[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err)
	return v
}

// until waits until a JavaScript expression is true.
func (p *page) until(expression string) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if value[bool](p, "Boolean("+expression+")") {
			return
		}
	}
	p.shot("failed-" + p.t.Name())
	require.FailNow(p.t, "it never comes", "%s\n%s", expression, value[string](p, "document.body.innerText"))
}

// text is what an element says.
func (p *page) text(selector string) string {
	p.t.Helper()
	return value[string](p, "document.querySelector("+quoted(selector)+").innerText")
}

// fill puts text into a field, as if it was typed at once.
func (p *page) fill(selector, text string) {
	p.t.Helper()
	value[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.value = %s;
		return e.dispatchEvent(new Event(e.id === 'model' || e.id === 'example' ? 'change' : 'input', {bubbles: true})); })()`, quoted(selector), quoted(text)))
}

// click clicks on an element as a person does: where it is seen.
func (p *page) click(selector string) {
	p.t.Helper()
	p.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// press sends keys to what has the focus.
func (p *page) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// size changes the size of the window.
func (p *page) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// shot takes a screenshot of the whole page, if there is a place for it.
func (p *page) shot(name string) {
	p.t.Helper()
	if os.Getenv(screenshots) != "" {
		p.save(name, chromedp.FullScreenshot(100))
	}
}

// snap takes a screenshot of what the window shows.
func (p *page) snap(name string) {
	p.t.Helper()
	if os.Getenv(screenshots) != "" {
		p.save(name, chromedp.CaptureScreenshot())
	}
}

// save saves what an action takes.
func (p *page) save(name string, take chromedp.Action[[]byte]) {
	p.t.Helper()
	dir := os.Getenv(screenshots)
	picture, err := chromedp.Run(p.ctx, take)
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
		return
	}
	require.NoError(p.t, os.MkdirAll(dir, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".png"), picture, 0o644))
}

// quoted is a Go string as JavaScript.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}

// running is the service as it runs without any key, and with the vocabulary if
// that is asked for.
func running(t *testing.T, vocabulary bool, edit ...func(*api.Options)) http.Handler {
	t.Helper()
	opts := realOptions(t)
	opts.Now = time.Now
	var tokens api.Tokens
	if vocabulary {
		tk, err := tokenizer.Open(kimidata.File(t, tokenizer.FileName))
		require.NoError(t, err)
		opts.Tokenizer = local.NewTokenizer(tk)
		tokens = local.NewCutter(tk)
	}
	return service(t, estimator.New(opts), append(edit, func(o *api.Options) {
		o.Now, o.Tokens = time.Now, tokens
	})...)
}

// dark makes the browser one that prefers dark pages.
func (p *page) dark() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		})
		return err
	}))
}
