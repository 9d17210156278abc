package approx_test

import (
	"cmp"
	"io/fs"
	"maps"
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
func realTokenizer(t testing.TB) *tokenizer.Tokenizer {
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
func goSource(t testing.TB, n int) []string {
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

// BenchmarkBesideTheTokenizer counts the same texts by the table and by the
// vocabulary: the texts in the directory TOLLGATE_BENCH_CORPORA, whose names end
// in .txt, or else Go's own source.
func BenchmarkBesideTheTokenizer(b *testing.B) {
	tok, c := realTokenizer(b), newCounter(b)
	texts := map[string]string{"code": strings.Join(goSource(b, 400), "")}
	files, err := filepath.Glob(filepath.Join(os.Getenv("TOLLGATE_BENCH_CORPORA"), "*.txt"))
	require.NoError(b, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(b, err)
		texts[strings.TrimSuffix(filepath.Base(file), ".txt")] = string(raw)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		counters := map[string]func(string){
			"table":      func(text string) { c.Tally(text, true) },
			"vocabulary": func(text string) { tok.Count(text, true) },
		}
		for _, by := range []string{"table", "vocabulary"} {
			b.Run(name+"/by="+by, func(b *testing.B) {
				b.SetBytes(int64(len(texts[name])))
				for b.Loop() {
					counters[by](texts[name])
				}
			})
		}
	}
}
