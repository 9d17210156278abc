package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Process is the outside world of a command.
type Process struct {
	Args      []string // without the program's name
	LookupEnv func(string) (string, bool)
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	Terminal  bool // Stdout is one: reports may have colours

	// MemoryLimit is how much memory the process may use, in bytes, 0 for any
	// amount; nil says the same.
	MemoryLimit func() int64
}

func (p *Process) memoryLimit() int64 {
	if p.MemoryLimit == nil {
		return 0
	}
	return p.MemoryLimit()
}

// Exit codes, as the contract with CI pipelines has them.
const (
	exitOK         = 0
	exitDenied     = 1 // the answer is no
	exitUsage      = 2 // bad usage or configuration
	exitUnmeasured = 3 // it could not be measured
)

// commands is the command line.
type commands struct {
	settings `embed:"" group:"Settings"`

	Serve       serveCmd       `cmd:"" default:"withargs" help:"Run the REST service (the default)."`
	Estimate    estimateCmd    `cmd:"" help:"Estimate one chat request."`
	Gate        gateCmd        `cmd:"" help:"Measure the prompts of a repository and fail when they grew too expensive."`
	Vocab       vocabCmd       `cmd:"" help:"Fetch or check the vocabulary, which makes counts exact."`
	Models      modelsCmd      `cmd:"" help:"List the models with their prices."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running service whether it lives; for container probes."`
	Version     versionCmd     `cmd:"" help:"Print the version, the commit and the price table's hash."`
}

// exitError ends a command with a code. A nil cause has been told already.
type exitError struct {
	code  int
	cause error
}

// Error returns the cause.
func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.cause.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.cause }

// usageError is an error in how the program was called or configured.
func usageError(err error) error { return &exitError{code: exitUsage, cause: err} }

// helped is thrown when the parser has printed its help and wants to exit.
type helped struct{ code int }

// Main runs a command and returns its exit code.
func Main(p Process) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case helped:
			code = r.code
		default:
			panic(r)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("tollgate"),
		kong.Description("Tells what a Kimi request will cost before it is sent."),
		kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(func(code int) { panic(helped{code}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Resolvers(environment(p.LookupEnv)),
		kong.Vars{"publisher": publisher, "default_model": defaultModel},
	)
	if err != nil {
		return p.report(err)
	}
	command, err := parser.Parse(p.Args)
	if err != nil {
		return p.report(usageError(err))
	}
	return p.report(command.Run(&p, &c.settings))
}

// report tells an error on the standard error and returns its exit code.
func (p *Process) report(err error) int {
	if err == nil {
		return exitOK
	}
	exit, ok := errors.AsType[*exitError](err)
	if !ok {
		exit = &exitError{code: exitUnmeasured, cause: err}
	}
	if exit.cause != nil {
		_ = p.note("%v\n", exit.cause) // there is nowhere left to tell that it failed
	}
	return exit.code
}
