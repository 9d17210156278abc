package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tollgate/estimator"
	"tollgate/estimator/chat"
	"tollgate/pricing"
)

// Estimator estimates the request of a case. *estimator.Estimator is one; so is
// a server that is asked.
type Estimator interface {
	// Estimate estimates req under q. Its errors are those of
	// [estimator.Estimator], or a *RemoteError.
	Estimate(ctx context.Context, req *chat.Request, q estimator.Query) (*estimator.Estimate, error)
}

// Outliner renders prompts on this machine, to find where they differ.
type Outliner interface {
	// Outline returns the prompt that req becomes, in order.
	Outline(ctx context.Context, req *chat.Request, model *pricing.Model) ([]estimator.Segment, error)
	// Tokens counts a stretch of text.
	Tokens(text string) int64
}

// Options is what a run of the gate needs.
type Options struct {
	Config    *Config
	Estimator Estimator
	Outline   Outliner
	Source    string                               // where counts come from, for the report
	Version   func(method estimator.Method) string // of a method; empty when it is not known
	KeepBody  bool                                 // the estimator needs the requests' bytes
	Workers   int                                  // cases measured at once; 0: 1
	Now       func() time.Time

	// UpdateBaseline writes the baseline anew instead of being held by it.
	UpdateBaseline bool
	// Progress is told, often, how many cases are done. It may be nil.
	Progress func(done int)
}

// gate is one run.
type gate struct {
	opts  Options
	at    time.Time       // whose prices apply
	basis estimator.Basis // of all that have none of their own
	old   *Baseline       // nil when there is none
}

// Run measures all cases and compares them with the baseline.
//
// Its error is a *ConfigError or a *BaselineError when there is nothing right
// to run, else the context's or that of writing the baseline. Everything else is
// in the report.
func Run(ctx context.Context, opts Options) (*Report, error) {
	g := &gate{opts: opts, at: opts.Config.At, basis: cmp.Or(opts.Config.Basis, estimator.BasisHigh)}
	if g.at.IsZero() {
		g.at = opts.Now()
	}
	var err error
	if g.old, err = g.baseline(); err != nil {
		return nil, err
	}
	cases, err := g.measureAll(ctx)
	if err != nil {
		return nil, err
	}
	if err := distinct(cases, opts.Config); err != nil {
		return nil, err
	}
	if opts.UpdateBaseline {
		if err := g.update(cases); err != nil {
			return nil, err
		}
	}
	return g.report(cases), nil
}

// baselinePath is where the baseline is.
func (g *gate) baselinePath() string {
	if g.opts.Config.Baseline != "" {
		return g.opts.Config.Baseline
	}
	return DefaultBaseline
}

// baseline reads the baseline. Without one, growth can not be held, and a gate
// that was asked to must not pass for that.
func (g *gate) baseline() (*Baseline, error) {
	if g.opts.Config.Alone {
		return nil, nil //nolint:nilnil // no baseline is an answer
	}
	b, err := LoadBaseline(g.path(g.baselinePath()))
	if g.opts.UpdateBaseline {
		if _, bad := errors.AsType[*BaselineError](err); bad {
			return nil, nil //nolint:nilnil // it is about to be written anew
		}
		return b, err
	}
	if err != nil {
		return nil, err
	}
	if b == nil && g.limitsGrowth() {
		return nil, &BaselineError{g.baselinePath(), "max_growth is set and there is no baseline to grow from"}
	}
	if b != nil && b.Currency != g.opts.Config.Currency {
		return nil, &BaselineError{g.baselinePath(), fmt.Sprintf("it is in %s, and the gate is asked for %s",
			b.Currency, g.opts.Config.Currency)}
	}
	return b, nil
}

// limitsGrowth reports whether any case may only grow so much.
func (g *gate) limitsGrowth() bool {
	return g.opts.Config.Limits.MaxGrowth != nil ||
		slices.ContainsFunc(g.opts.Config.Cases, func(c CaseSpec) bool { return c.Limits.MaxGrowth != nil })
}

// measureAll measures every case, several at once, and returns them in the
// order of the configuration.
func (g *gate) measureAll(ctx context.Context) ([]*measured, error) {
	var (
		mu    sync.Mutex
		cases []*measured
		done  atomic.Int64
	)
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(max(1, g.opts.Workers))
	n := 0
	for in, err := range g.inputs() {
		if err != nil {
			_ = group.Wait() // what is wrong with the configuration is what there is to tell
			return nil, err
		}
		if working.Err() != nil {
			break
		}
		i := n
		n++
		group.Go(func() error {
			m, err := g.measure(working, in)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if i >= len(cases) {
				cases = append(cases, make([]*measured, i+1-len(cases))...)
			}
			cases[i] = m
			if g.opts.Progress != nil {
				g.opts.Progress(int(done.Add(1)))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("measure: %w", err)
	}
	return cases, nil
}

// distinct refuses two cases of one id: the second would hide the first.
func distinct(cases []*measured, c *Config) error {
	seen := make(map[string]*measured, len(cases))
	for _, m := range cases {
		if other, ok := seen[m.ID]; ok {
			name := c.File
			if name == "" {
				name = "the command line"
			}
			return &ConfigError{name, []string{fmt.Sprintf("two cases have the id %q: %s and %s", m.ID, other.where(), m.where())}}
		}
		seen[m.ID] = m
	}
	return nil
}

// where is the place of a case for a person.
func (c *Case) where() string {
	if c.Line > 0 {
		return fmt.Sprintf("%s:%d", c.File, c.Line)
	}
	return c.File
}

// update writes the baseline. Cases that could not be measured are not in it.
func (g *gate) update(cases []*measured) error {
	b := &Baseline{Currency: g.opts.Config.Currency, cases: make(map[string]*entry, len(cases))}
	for _, m := range cases {
		if m.Now == nil {
			continue
		}
		b.cases[m.ID] = &entry{id: m.ID, file: m.File, measurement: *m.Now, prefix: m.prefix}
	}
	return b.save(g.path(g.baselinePath()))
}

// report compares and decides.
func (g *gate) report(cases []*measured) *Report {
	r := &Report{
		Currency: g.opts.Config.Currency, Basis: g.basis, Source: g.opts.Source, At: g.at,
		Updated: g.opts.UpdateBaseline, Config: g.opts.Config.File,
	}
	zero := func() Cost {
		return Cost{new(pricing.Amount(0)), new(pricing.Amount(0)), new(pricing.Amount(0))}
	}
	r.Totals.Cost = zero()
	before := matcher{used: make(map[string]bool)}
	if g.old != nil || r.Updated {
		r.Baseline = g.baselinePath()
	}
	if g.old != nil {
		before.old = g.old.cases
		r.Totals.Before = zero()
		before.index(cases)
	}
	methods := make(map[estimator.Method]bool)
	for _, m := range cases {
		g.compare(m, before.find(m))
		r.Cases = append(r.Cases, m.Case)
		r.Totals.add(&m.Case, r.Basis)
		if m.Now != nil {
			methods[m.Now.Method] = true
			r.Table = cmp.Or(m.Now.Table, r.Table)
		}
	}
	for method := range methods {
		r.Methods = append(r.Methods, method)
	}
	slices.Sort(r.Methods)
	for _, e := range before.rest() {
		r.Removed = append(r.Removed, Removed{ID: e.id, File: e.file, Before: e.measurement})
	}
	if g.old != nil {
		for _, e := range g.old.cases {
			r.Totals.Before = r.Totals.Before.plus(e.measurement.Total)
		}
	}
	g.total(r)
	r.decide()
	return r
}
