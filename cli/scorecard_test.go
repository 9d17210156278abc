package cli_test

import "testing"

// scorecard logs one line of the scorecard, for a command to collect.
func scorecard(t testing.TB, row, done, expected, measured string) {
	t.Helper()
	t.Logf("scorecard | %s | %s | %s | %s", row, done, expected, measured)
}
