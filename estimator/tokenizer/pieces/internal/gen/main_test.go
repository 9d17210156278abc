package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer/kimidata"
)

func TestTheTableInThePackageIsGenerated(t *testing.T) {
	t.Parallel()
	ranges := kimidata.File(t, "unicode16_classes.json")
	out := filepath.Join(t.TempDir(), "tables.go")
	require.NoError(t, run(ranges, out))
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join("..", "..", "tables.go"))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func TestBadRangesAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.Error(t, run(filepath.Join(dir, "missing.json"), filepath.Join(dir, "out.go")))
	bad := filepath.Join(dir, "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"Han": [[1]`), 0o600))
	require.Error(t, run(bad, filepath.Join(dir, "out.go")))
	require.NoFileExists(t, filepath.Join(dir, "out.go"))
	for _, ranges := range []string{`{"Han": [[1, 1114112]]}`, `{"Han": [[-1, 5]]}`, `{}`} {
		require.NoError(t, os.WriteFile(bad, []byte(ranges), 0o600))
		require.Error(t, run(bad, filepath.Join(dir, "out.go")), ranges)
	}
}
