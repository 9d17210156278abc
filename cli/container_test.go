package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/cli"
)

// inContainer starts the service in a container of so many bytes, lets it fail
// by its address, and returns what it said before.
func inContainer(t *testing.T, limit int64, env map[string]string) (memory map[string]any, warnings []string) {
	t.Helper()
	env["TOLLGATE_ADDR"], env["TOLLGATE_ALLOW_ANONYMOUS"] = "192.0.2.1:1", "true" // an address of no machine
	var stderr strings.Builder
	code := cli.Main(cli.Process{
		Args:        []string{"serve"},
		LookupEnv:   func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Stdin:       strings.NewReader(""),
		Stdout:      &strings.Builder{},
		Stderr:      &stderr,
		MemoryLimit: func() int64 { return limit },
	})
	require.Equal(t, 2, code, stderr.String())
	for line := range strings.Lines(stderr.String()) {
		var e map[string]any
		if json.Unmarshal([]byte(line), &e) != nil {
			continue
		}
		switch e["msg"] {
		case "memory":
			memory = e
		case "odd configuration":
			reason, _ := e["reason"].(string)
			warnings = append(warnings, reason)
		}
	}
	return memory, warnings
}

// Not in parallel: each sets the memory limit of this process.
func TestASmallContainerIsDividedAndNeverFilled(t *testing.T) { //nolint:paralleltest // see above
	const mib = 1 << 20
	for _, size := range []float64{48, 64, 96, 128, 256, 512, 640, 1024, 65536} {
		memory, warnings := inContainer(t, int64(size*mib), map[string]string{})
		bodies, counts := memory["bodies"].(float64), memory["counts"].(float64)
		limit, largest := memory["limit"].(float64), memory["largest"].(float64)
		t.Logf("%6.0f MiB: bodies %4.0f MiB, largest %3.0f MiB, %7.0f counts, limit %4.0f MiB", size, bodies/mib, largest/mib, counts, limit/mib)
		require.GreaterOrEqual(t, bodies, 16.0*mib)
		require.LessOrEqual(t, limit, size*mib*7/8)
		require.LessOrEqual(t, largest, bodies/2, "the largest body fits into the lane of large ones, with what is made of it")
		if size >= 64 {
			require.Less(t, bodies+counts*150, limit)
			require.Empty(t, warnings)
		} else {
			require.Len(t, warnings, 1, "it is too small")
		}
		if size >= 640 {
			require.Equal(t, []float64{256 * mib, 100 * mib, 1_000_000}, []float64{bodies, largest, counts}, "as without a limit")
		}
	}
}

func TestWhatIsSetByHandIsTakenAndWarnedOf(t *testing.T) { //nolint:paralleltest // see above
	for _, tt := range []struct {
		name, value, warned string
		limit               int64
	}{
		{"TOLLGATE_MEMORY_BYTES", "268435456", "TOLLGATE_MEMORY_BYTES", 64 << 20},
		{"TOLLGATE_CACHE_ENTRIES", "1000000", "TOLLGATE_CACHE_ENTRIES", 64 << 20},
		{"TOLLGATE_CACHE_ENTRIES", "1000000000", "TOLLGATE_CACHE_ENTRIES", 64 << 20},
		{"TOLLGATE_MAX_BODY_BYTES", "104857600", "TOLLGATE_MAX_BODY_BYTES", 64 << 20},
		{"TOLLGATE_MEMORY_BYTES", "268435456", "", 0},
		{"TOLLGATE_MEMORY_BYTES", "268435456", "", 1 << 30},
		{"TOLLGATE_MAX_BODY_BYTES", "1000000", "", 64 << 20},
	} {
		memory, warnings := inContainer(t, tt.limit, map[string]string{tt.name: tt.value})
		require.NotNil(t, memory)
		if tt.warned == "" {
			require.Empty(t, warnings, tt)
			continue
		}
		require.Len(t, warnings, 1, tt)
		require.Contains(t, warnings[0], tt.warned)
	}
}

func TestWithoutALimitTheDefaultsAreThoseOfTheContract(t *testing.T) { //nolint:paralleltest // see above
	memory, warnings := inContainer(t, 0, map[string]string{})
	require.Empty(t, warnings)
	require.EqualValues(t, 256<<20, memory["bodies"])
	require.EqualValues(t, 100<<20, memory["largest"])
	require.EqualValues(t, 1_000_000, memory["counts"])
}
