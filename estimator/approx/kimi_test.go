package approx_test

import (
	"cmp"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

// realTokenizer opens the vocabulary, or skips: it is not part of the project.
func realTokenizer(t *testing.T) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Open(kimidata.File(t, tokenizer.FileName))
	require.NoError(t, err)
	return tok
}

func TestKnownTextsHaveTheirTrueCounts(t *testing.T) {
	t.Parallel()
	tok := realTokenizer(t)
	for _, k := range knownTexts(t) {
		require.Equal(t, tok.Count(k.Text, true), k.Tokens, k.Name)
	}
}

// TestSourceOfTheGoReleaseIsEstimatedWell measures the kind of text that every
// machine with a Go release has. A part of it was trained on, so the limits are
// below those that doc.go states.
func TestSourceOfTheGoReleaseIsEstimatedWell(t *testing.T) {
	t.Parallel()
	tok, c := realTokenizer(t), newCounter(t)
	var errs []float64
	held := 0
	for _, text := range goSource(t, 400) {
		truth := tok.Count(text, false)
		low, tokens, high := c.Bounds(c.Tally(text, false))
		errs = append(errs, math.Abs(float64(tokens-truth))/float64(truth))
		if low <= truth && truth <= high {
			held++
		}
	}
	slices.SortFunc(errs, cmp.Compare[float64])
	sum := 0.0
	for _, e := range errs {
		sum += e
	}
	require.Less(t, sum/float64(len(errs)), 0.009, "mean error")
	require.Less(t, errs[len(errs)*95/100], 0.03, "95th percentile of the error")
	require.GreaterOrEqual(t, float64(held), 0.99*float64(len(errs)), "texts within their bounds")
}

// goSource returns up to n texts of 1.5 to 12 KB from the Go release.
func goSource(t *testing.T, n int) []string {
	t.Helper()
	root := filepath.Join(runtime.GOROOT(), "src") //nolint:staticcheck // tests run where they were built
	var texts []string
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || len(texts) == n {
			return err
		}
		if seen++; seen%17 != 0 {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) >= 1500 {
			texts = append(texts, string(raw[:min(len(raw), 12_000)]))
		}
		return err
	})
	if err != nil || len(texts) == 0 {
		t.Skipf("no Go source in %s", root)
	}
	return texts
}
