package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A report names its exit code. Where a file can not be written it is another
// one, so that failure comes first and there is no report to disagree with.
func TestAReportThatCannotBeWrittenComesFirst(t *testing.T) {
	t.Parallel()
	failing := map[string]string{"tollgate.yaml": gateYAML + "limits: {max_cost: \"0.000001\"}\n", "a.json": hello}
	for _, output := range []string{"junit=no/such/r.xml", "json=.", "markdown=/dev/full"} {
		if _, err := os.Stat("/dev/full"); err != nil && output == "markdown=/dev/full" {
			continue // only Linux has it
		}
		dir := folder(t, failing)
		r := gateIn(t, dir, nil, "--output", "json=first.json", "--output", output, "--update-baseline")
		require.Equal(t, 2, r.code, output)
		require.Empty(t, r.stdout, output)
		require.Contains(t, r.stderr, "--output: write")
		if output == "markdown=/dev/full" {
			continue // it was found out only when it was full
		}
		require.NoFileExists(t, filepath.Join(dir, "tollgate.baseline.json"), "nothing is written under a wrong option")
		require.NoFileExists(t, filepath.Join(dir, "first.json"), "there is no report in it")
	}
}

// A report of a run before must not be taken for that of a run that had none.
func TestNoReportIsLeftWhereThereIsNothingToReport(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"tollgate.yaml": gateYAML, "a.json": hello})
	report := filepath.Join(dir, "r.json")
	r := gateIn(t, dir, nil, "--output", "json=r.json")
	require.Equal(t, 0, r.code, r.stderr)
	content, err := os.ReadFile(report)
	require.NoError(t, err)
	require.Equal(t, "pass", readReport(t, string(content)).Outcome)

	require.NoError(t, os.Remove(filepath.Join(dir, "a.json")))
	require.Equal(t, 2, gateIn(t, dir, nil, "--output", "json=r.json").code)
	require.NoFileExists(t, report)
}
