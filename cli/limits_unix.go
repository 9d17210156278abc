//go:build linux || darwin

package cli

import "syscall"

// fileLimit returns how many descriptors this process may have open, and how
// many it could allow itself. Go has raised the first to the second at start.
func fileLimit() (soft, hard uint64, ok bool) {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil {
		return 0, 0, false
	}
	return l.Cur, l.Max, true
}
