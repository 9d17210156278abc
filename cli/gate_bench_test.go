package cli_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkGate measures a batch file of 100,000 lines with tollgate gate: with
// no baseline, while one is written, and against it. It tells lines a second,
// and the most memory that the program had resident:
//
//	go test ./cli -run '^$' -bench Gate -benchtime 1x
func BenchmarkGate(b *testing.B) {
	const n = 100_000
	path, err := program()
	require.NoError(b, err)
	dir := b.TempDir()
	f, err := os.Create(filepath.Join(dir, "all.jsonl"))
	require.NoError(b, err)
	w := bufio.NewWriter(f)
	for i := range n {
		writeLine(w, i)
	}
	require.NoError(b, w.Flush())
	require.NoError(b, f.Close())
	for _, bm := range []struct {
		name string
		args []string
	}{
		{"lines=100000/baseline=none", nil},
		{"lines=100000/baseline=written", []string{"--update-baseline"}},
		{"lines=100000/baseline=held", []string{"--max-growth", "10%"}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			began, rounds, peak := time.Now(), 0, int64(0)
			for b.Loop() {
				cmd := exec.Command(path, append([]string{"gate", "all.jsonl"}, bm.args...)...)
				cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir}
				var stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = io.Discard, &stderr
				require.NoError(b, cmd.Run(), "%s", &stderr)
				if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
					peak = max(peak, usage.Maxrss) // KiB on Linux
				}
				rounds++
			}
			b.ReportMetric(float64(rounds)*n/time.Since(began).Seconds(), "lines/s")
			b.ReportMetric(float64(peak>>10), "peak-MB")
		})
	}
}
