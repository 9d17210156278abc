package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"tollgate/gate"
	"tollgate/gate/term"
)

// mostAnnotations is how many annotations of one kind GitHub shows of a step:
// docs.github.com, usage limits of workflow commands.
const mostAnnotations = 10

// annotation is a workflow command.
type annotation struct {
	command string // error, warning or notice
	remark
	id string // of the case; empty for the whole
}

// writeGitHub writes the heaviest remarks as annotations, and closes with the
// verdict as a plain line. The writer keeps its first error.
func writeGitHub(w io.Writer, r *gate.Report, o Options) {
	kept := make(map[string][]annotation)
	left := make(map[string]int64)
	keep := func(id string, m remark) {
		command := m.weight.command()
		list := kept[command]
		at, _ := slices.BinarySearchFunc(list, m.weight+1, func(a annotation, w weight) int { return int(a.weight - w) })
		list = slices.Insert(list, at, annotation{command, m, id})
		if len(list) > mostAnnotations {
			list = list[:mostAnnotations]
			left[command]++
		}
		kept[command] = list
	}
	for _, m := range reasons(r.Reasons) {
		keep("", m)
	}
	for i := range r.Cases {
		for _, m := range remarks(r, &r.Cases[i]) {
			keep(r.Cases[i].ID, m)
		}
	}
	for _, command := range []string{"error", "warning", "notice"} {
		for i := range kept[command] {
			_, _ = fmt.Fprintln(w, kept[command][i].text(o.ConfigDir))
		}
		if n := left[command]; n > 0 {
			_, _ = fmt.Fprintf(w, "%s not annotated: GitHub shows %d of a kind\n", count(n, "more "+command), mostAnnotations)
		}
	}
	_, _ = fmt.Fprintln(w, defuse(term.Clean(verdict(r))))
}

// command is the workflow command of a remark.
func (w weight) command() string {
	switch w {
	case breaking, warning:
		return "warning"
	case notice:
		return "notice"
	case failing, unmeasured, wrong:
	}
	return "error"
}

// text writes the command.
func (a *annotation) text(dir string) string {
	title := "tollgate: " + a.title
	if a.id != "" {
		title += inBrackets(a.id)
	}
	var at string
	if a.file != "" {
		at = "file=" + property(term.Clean(rooted(dir, a.file))) + ","
		if a.line > 0 {
			at += fmt.Sprintf("line=%d,", a.line)
		}
	}
	return fmt.Sprintf("::%s %stitle=%s::%s", a.command, at, property(term.Clean(title)), data(strings.Join(a.lines(), "\n")))
}

// rooted is a path from the root of the repository.
func rooted(dir, file string) string {
	if dir == "" || path.IsAbs(file) {
		return path.Clean(file)
	}
	return path.Join(dir, file)
}

// data escapes the message of a workflow command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
