package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
)

// Whatever a case is called and a message says, every format stays what it is.
func FuzzNamesBreakNoFormat(f *testing.F) {
	f.Add("support-triage", "prompts/triage.json", "the high cost is too high", 100)
	f.Add("a|b`c\n::error::x\x00\xff]]>", "##[group]<script>", "@all #1 ]]> \u202e %0A", 40)
	f.Add("", "", "", 0)
	f.Fuzz(func(t *testing.T, id, file, message string, width int) {
		c := grown()
		c.ID, c.File, c.Reasons[0].Message, c.Notes[0].Pointer, c.Break.Detail = id, file, message, message, message
		c.Reasons[1].File = id
		r := with(base(gate.Fail), c, steady(id))
		r.Removed = []gate.Removed{{ID: id, File: file}}
		o := report.Options{Width: width % 300, ConfigDir: file}

		table := write(t, report.Table, r, o)
		require.True(t, utf8.ValidString(table))
		require.NotContains(t, table, "\x1b")
		for line := range strings.SplitSeq(table, "\n") {
			require.False(t, strings.HasPrefix(strings.TrimSpace(line), "::"), line)
		}
		require.True(t, json.Valid([]byte(write(t, report.JSON, r, o))))
		require.Equal(t, 3, readJUnit(t, write(t, report.JUnit, r, o)).Tests)
		list, rest := annotations(t, write(t, report.GitHub, r, o))
		require.Len(t, list, 4)
		require.Len(t, rest, 1)
		md := write(t, report.Markdown, r, o)
		require.True(t, utf8.ValidString(md))
		require.LessOrEqual(t, len(md), 60_000)
		for line := range bytes.SplitSeq([]byte(md), []byte("\n")) {
			if bytes.HasPrefix(line, []byte("|")) {
				require.Equal(t, 10, bytes.Count(line, []byte("|")), "%s", line)
			}
		}
	})
}
