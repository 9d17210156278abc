package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"tollgate/estimator"
	"tollgate/gate"
)

// gateCmd is tollgate gate.
type gateCmd struct {
	Paths []string `arg:"" optional:"" help:"Chat requests, JSONL files or globs to measure, instead of the cases of a configuration."`

	Config         string   `placeholder:"FILE" help:"The configuration; tollgate.yaml if not given."`
	Baseline       string   `placeholder:"FILE" help:"The baseline; tollgate.baseline.json beside the configuration if not given. With paths there is none unless it is asked for."`
	UpdateBaseline bool     `help:"Write the baseline anew from what is measured now."`
	Format         string   `default:"table" placeholder:"FORMAT" help:"Format of the report on the standard output: table, markdown, json, junit or github."`
	Output         []string `sep:"none" placeholder:"FORMAT=FILE" help:"Also write the report to a file, such as junit=report.xml. May be repeated."`
	QuietUnder     string   `placeholder:"PERCENT" help:"Print nothing when all is well and nothing changed by as much, such as 1%."`
	Server         string   `placeholder:"URL" help:"Ask a running tollgate instead of counting in this process. [$TOLLGATE_SERVER]" setting:"TOLLGATE_SERVER"`
	ServerKey      string   `placeholder:"KEY" help:"Bearer key for the server. [$TOLLGATE_SERVER_KEY]" setting:"TOLLGATE_SERVER_KEY"`
	Method         string   `placeholder:"METHOD" help:"tokenizer, approximation, vendor (asks the vendor, with his key) or auto. Without it nothing leaves this machine."`
	Currency       string   `placeholder:"CODE" help:"CNY or USD; instead of the configuration's."`
	Basis          string   `placeholder:"BASIS" help:"Cost that budgets are held against: high, expected or low."`
	At             string   `placeholder:"TIME" help:"RFC 3339 date or time whose prices apply; now if not given."`

	CompletionTokens string `group:"Cases from paths" placeholder:"N" help:"Output tokens that are expected of each."`
	CachedShare      string `group:"Cases from paths" placeholder:"SHARE" help:"Share of each prompt assumed to come from the vendor's context cache, 0 to 1."`
	Calls            string `group:"Cases from paths" placeholder:"N" help:"Calls of each, for the projected bill."`
	MaxCost          string `group:"Cases from paths" placeholder:"AMOUNT" help:"Budget for one call of each."`
	MaxPromptTokens  string `group:"Cases from paths" placeholder:"N" help:"Limit of each prompt, in tokens."`
	MinHeadroom      string `group:"Cases from paths" placeholder:"N" help:"Tokens of the window that each prompt must leave."`
	MaxGrowth        string `group:"Cases from paths" placeholder:"PERCENT" help:"Growth against the baseline, of tokens and of cost."`
	MaxTotalCost     string `group:"Cases from paths" placeholder:"AMOUNT" help:"Budget for all calls together."`
}

// Run measures, reports and decides.
func (cmd *gateCmd) Run(p *Process, set *settings) error {
	r := optionReader{}
	quiet := optional(&r, "--quiet-under", cmd.QuietUnder, gate.ParsePercent)
	outputs, err := cmd.outputs()
	if err = errors.Join(append(r.wrong, err)...); err != nil {
		return usageError(err) // before a baseline is written
	}
	c, err := set.config(p)
	if err != nil {
		return usageError(fmt.Errorf("the configuration is wrong:\n%w", err))
	}
	config, err := cmd.config(c)
	if err != nil {
		return usageError(err)
	}
	c.LogLevel = max(c.LogLevel, slog.LevelWarn)
	opts, done, err := cmd.options(p, c, config)
	if err != nil {
		return err
	}
	defer done()
	if err := createAll(outputs); err != nil {
		return usageError(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	bar := newProgress(p.Stderr)
	opts.Progress = bar.set
	found, err := gate.Run(ctx, opts)
	bar.finish()
	if err != nil {
		discardAll(outputs)
		return gateError(err)
	}
	return cmd.tell(p, found, outputs, quiet != nil && found.Quiet(*quiet))
}

// gateError gives an error of the gate its exit code.
func gateError(err error) error {
	_, config := errors.AsType[*gate.ConfigError](err)
	_, baseline := errors.AsType[*gate.BaselineError](err)
	if config || baseline || errors.Is(err, fs.ErrPermission) {
		return usageError(err)
	}
	return err
}

// options puts together what the gate needs. The second result ends it.
func (cmd *gateCmd) options(p *Process, c Config, config *gate.Config) (gate.Options, func(), error) {
	opts := gate.Options{
		Config: config, Workers: runtime.GOMAXPROCS(0), Now: time.Now, UpdateBaseline: cmd.UpdateBaseline,
		Source: "in process", Version: func(estimator.Method) string { return "" },
	}
	vendor := config.Method == estimator.MethodVendor || config.Method == estimator.MethodAuto
	if !vendor || cmd.Server != "" {
		c.VendorKey = "" // the gate asks nobody unless it is told to
	}
	e, err := newEngine(c, p, newLogger(p.Stderr, c))
	if err != nil {
		return opts, nil, err
	}
	if err := e.able(config.Method); err != nil && cmd.Server == "" {
		e.close()
		return opts, nil, usageError(err)
	}
	opts.Outline, opts.Estimator = e.local, e.estimator
	if e.vendor != nil {
		opts.KeepBody, opts.Workers = true, remoteWorkers
	}
	if cmd.Server == "" {
		opts.Version = func(m estimator.Method) string {
			if m == e.local.Method() {
				return e.local.Version()
			}
			return ""
		}
		return opts, e.close, nil
	}
	remote, err := newRemote(cmd.Server, cmd.ServerKey, e.prices.book)
	if err != nil {
		e.close()
		return opts, nil, usageError(err)
	}
	opts.Estimator, opts.KeepBody, opts.Source = remote, true, "a tollgate server"
	opts.Workers = remoteWorkers
	return opts, e.close, nil
}
