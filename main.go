// Command tollgate tells what a Kimi request will cost before it is sent: as a
// REST service, and on the command line.
package main

import (
	"os"

	"golang.org/x/term"

	"tollgate/cli"
)

func main() {
	os.Exit(cli.Main(cli.Process{
		Args:      os.Args[1:],
		LookupEnv: os.LookupEnv,
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		Terminal:  term.IsTerminal(int(os.Stdout.Fd())),

		MemoryLimit: cli.ContainerMemory,
	}))
}
