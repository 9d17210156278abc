package cli

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long a count may take before a person at a terminal is told
// that it goes on.
const patience = time.Second

// progress tells a person at a terminal how many cases are measured, once that
// takes a while. Elsewhere it is silent.
type progress struct {
	out   io.Writer
	start time.Time
	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil while there is nothing to see
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, start: time.Now()}
}

// set tells how many cases are done.
func (p *progress) set(done int) {
	if !terminal(p.out) || time.Since(p.start) < patience {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		p.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription("counting"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("cases"),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set(done) // a terminal that can not show it is no reason to stop
}

// finish clears the terminal.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
