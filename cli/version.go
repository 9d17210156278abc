package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"runtime/debug"

	"tollgate/pricing"
)

// Set by the linker when a release is built.
var (
	version = "dev"
	commit  = ""
)

// versionCmd is tollgate version.
type versionCmd struct{}

// Run prints what this program is.
func (versionCmd) Run(p *Process) error {
	book, err := pricing.Embedded()
	if err != nil {
		return fmt.Errorf("read the embedded price table: %w", err)
	}
	_, err = fmt.Fprintf(p.Stdout, "tollgate %s\ncommit %s\nprices %s (checked %s)\n%s %s/%s\n",
		version, builtFrom(), book.Hash(), book.Checked().Format("2006-01-02"),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return fmt.Errorf("print the version: %w", err)
	}
	return nil
}

// builtFrom is the commit the program was built from.
func builtFrom() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}

// reasonOf is why a file could not be used, without its path: a path may name
// what is nobody's business.
func reasonOf(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err.Error()
	}
	return err.Error()
}
