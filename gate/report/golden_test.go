package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
	"tollgate/gate/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// formats are all formats with the ends of their golden files.
var formats = map[report.Format]string{
	report.Table: "txt", report.Markdown: "md", report.JSON: "json", report.JUnit: "xml", report.GitHub: "github",
}

// write writes a report.
func write(t *testing.T, f report.Format, r *gate.Report, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, report.Write(&b, f, r, o))
	return b.String()
}

func TestReportsLookAsTheGoldenFilesShow(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		for format, end := range formats {
			got := write(t, format, r, report.Options{ConfigDir: "ci"})
			golden := filepath.Join("testdata", name+"."+end)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got, golden)
		}
	}
}

func TestAReportOfManyCasesShowsThoseThatHaveSomethingToSay(t *testing.T) {
	t.Parallel()
	table := write(t, report.Table, many(10_000), report.Options{})
	require.Contains(t, table, "9,990 cases not shown: 9,990 passed and unchanged\n")
	require.Less(t, len(table), 40_000)
}
