//go:build !linux && !darwin

package cli

// fileLimit knows of no limit here.
func fileLimit() (soft, hard uint64, ok bool) { return 0, 0, false }
