package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
)

// intro is what stands before the table.
//
//go:embed intro.md
var intro string

// report is the table as it grows.
type report struct {
	about string
	table bytes.Buffer
	notes bytes.Buffer
}

// add adds a row.
func (r *report) add(row row, figures []figure) {
	r.table.WriteString(r.lines(row, figures))
	fmt.Fprintf(&r.notes, "%d. **%s**: %s `go run ./.ci/speed -rows %d`\n", row.number, row.title, row.bound, row.number)
}

// lines is a row of the table, a line for each figure.
func (*report) lines(row row, figures []figure) string {
	var b strings.Builder
	for i, f := range figures {
		title := ""
		if i == 0 {
			title = row.title
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s | %s |\n", row.number, title, f.what, f.floor, f.wanted, f.reached, f.met)
	}
	return b.String()
}

// markdown is the whole document.
func (r *report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Speed\n\n%s\n\n%s\n\n", r.about, strings.TrimSpace(intro))
	b.WriteString("| # | what | measured | floor | wanted | reached, median (least to most) | |\n|---|---|---|---|---|---|---|\n")
	b.Write(r.table.Bytes())
	b.WriteString("\n## What bounds each row, and the command that measures it alone\n\n")
	b.Write(r.notes.Bytes())
	b.WriteString("\n## How cost grows\n\n![Time over the size of a request, and time and hit ratio over the entries of the cache](speed.svg)\n")
	return b.Bytes()
}
