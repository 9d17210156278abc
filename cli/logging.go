package cli

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"tollgate/cli/telemetry"
)

// newLogger returns a logger as the configuration has it.
func newLogger(w io.Writer, c Config) *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.LogLevel}
	var handler slog.Handler = slog.NewJSONHandler(w, opts)
	if c.LogFormat == "text" || c.LogFormat == "" && terminal(w) {
		handler = slog.NewTextHandler(w, opts)
	}
	if c.Traces != nil {
		handler = telemetry.Joined(handler)
	}
	return slog.New(handler)
}

// terminal reports whether w is one.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
