package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mark is put in front of a row here, lest this file be taken for one that logs
// some.
const mark = "scorecard |"

func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func TestRowsOfACommandAreFoundInWhatItPrints(t *testing.T) {
	t.Parallel()
	r := results{lines: map[int][]line{}, skipped: map[int]string{}}
	require.NoError(t, r.readRows(written(t, "building\n"+
		mark+" 35 | the image | uid 65532 | 65532\n"+
		"12:00 "+mark+" 34 memory | the manifests | no error | failed: 2 errors\n"+
		mark+" 16 | load | soon | missed: late\n")))
	require.Equal(t, map[int][]line{
		16: {{done: "load", expected: "soon", measured: "late", missed: true}},
		34: {{done: "the manifests", expected: "no error", measured: "2 errors", failed: true}},
		35: {{done: "the image", expected: "uid 65532", measured: "65532"}},
	}, r.lines)
	require.Error(t, r.readRows(written(t, mark+" 99 | a | b | c\n")))
	require.Error(t, r.readRows(filepath.Join(t.TempDir(), "none")))
}

func TestATargetHasToRunForTenMinutesSinceItLastFailed(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "api"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, "api", "fuzz_test.go"), []byte("func FuzzA(f *testing.F) {}\n"+
		"func FuzzB(f *testing.F) {}\nfunc FuzzC(f *testing.F) {}\nfunc FuzzD(f *testing.F) {}\n"), 0o600))
	targets, err := fuzzTargets(root)
	require.NoError(t, err)
	for i := range targets {
		targets[i] = "tollgate/api." + filepath.Ext(targets[i])[1:]
	}
	require.Equal(t, []string{"tollgate/api.FuzzA", "tollgate/api.FuzzB", "tollgate/api.FuzzC", "tollgate/api.FuzzD"}, targets)
	r := results{lines: map[int][]line{}, skipped: map[int]string{}}
	t.Chdir(root)
	require.NoError(t, r.readFuzz(".", written(t, "target\tdate\tcommit\tseconds\texecutions\tnew inputs\tresult\n"+
		"tollgate/api.FuzzA\t2026-11-24\tabc\t300\t1000000\t1\tok\n"+
		"tollgate/api.FuzzA\t2026-11-25\tabc\t300\t1000000\t1\tok\n"+
		"tollgate/api.FuzzB\t2026-11-25\tabc\t900\t1000000\t1\tok\n"+
		"tollgate/api.FuzzB\t2026-11-25\tabc\t1\t5\t1\tfailed: testdata/fuzz/FuzzB/x\n"+
		"tollgate/api.FuzzC\t2026-11-25\tabc\t1\t5\t1\tfailed: testdata/fuzz/FuzzC/x\n"+
		"tollgate/api.FuzzC\t2026-11-25\tabc\t600\t1000000\t1\tok\n"+
		"tollgate/api.FuzzGone\t2026-11-26\tabc\t1\t1\t1\tfailed: x\n")))
	l := r.lines[fuzzRow][0]
	require.True(t, l.missed)
	require.True(t, l.failed)
	require.Contains(t, l.measured, "2 of 4 targets")
	require.Contains(t, l.measured, "the last on 2026-11-25")
	require.Contains(t, l.measured, "not long enough: tollgate/api.FuzzD;")
	require.Contains(t, l.measured, "failed: tollgate/api.FuzzB")
}
