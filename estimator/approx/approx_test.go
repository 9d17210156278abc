package approx_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/approx"
)

func TestTheTableIsTheOneTheVersionNames(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("table.bin")
	require.NoError(t, err)
	require.LessOrEqual(t, len(raw), 256_000)
	sum := sha256.Sum256(raw)
	require.Equal(t, fmt.Sprintf("table-%x", sum[:6]), approx.Version)
}

func TestCountingAllocatesNothing(t *testing.T) {
	c := newCounter(t)
	text := strings.Repeat("The quick brown fox; 敏捷的棕色狐狸 – <|im_end|> быстрая лиса 🦊\n", 40)
	require.Zero(t, testing.AllocsPerRun(20, func() { c.Bounds(c.Tally(text, true)) }))
}

func newCounter(t testing.TB) *approx.Counter {
	t.Helper()
	c, err := approx.New()
	require.NoError(t, err)
	return c
}
