package cli

import (
	"os"
	"strings"

	xterm "golang.org/x/term"

	"tollgate/gate/term"
)

// reportWidth is how many columns a report for a person keeps to: those of the
// smallest terminal in use.
const reportWidth = 80

// painter returns what colours reports: on a terminal that knows colours, and
// never where NO_COLOR (https://no-color.org) is set to anything.
func (p *Process) painter() term.Painter {
	noColor, _ := p.LookupEnv("NO_COLOR")
	kind, _ := p.LookupEnv("TERM")
	return term.Painter(p.Terminal && noColor == "" && kind != "dumb")
}

// words turns a name into words.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// width is how many columns the standard output has; 0 when it is no terminal.
func (p *Process) width() int {
	f, ok := p.Stdout.(*os.File)
	if !ok || !p.Terminal {
		return 0
	}
	columns, _, err := xterm.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
