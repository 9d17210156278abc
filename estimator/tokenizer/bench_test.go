package tokenizer_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/estimator/tokenizer/pieces"
)

// corpusBytes is the least size of a corpus: more than any cache holds of it.
const corpusBytes = 4 << 20

// corpus returns the text of a kind, such as english. It is the file of that name,
// ending in .txt, in the directory TOLLGATE_BENCH_CORPORA. Without that code is
// Go's own source and english its prose; the others are then missing.
func corpus(b *testing.B, kind string) string {
	b.Helper()
	if dir := os.Getenv("TOLLGATE_BENCH_CORPORA"); dir != "" {
		text, err := os.ReadFile(filepath.Join(dir, kind+".txt"))
		if errors.Is(err, fs.ErrNotExist) {
			b.Skip("no corpus of that kind")
		}
		require.NoError(b, err)
		return string(text)
	}
	endings := map[string][]string{"code": {".go"}, "english": {"README", ".html", ".md", ".txt"}}[kind]
	var text bytes.Buffer
	goroot, err := exec.CommandContext(b.Context(), "go", "env", "GOROOT").Output()
	require.NoError(b, err)
	_ = filepath.WalkDir(strings.TrimSpace(string(goroot)), func(path string, _ os.DirEntry, err error) error {
		for _, ending := range endings {
			if err == nil && strings.HasSuffix(path, ending) && text.Len() < corpusBytes {
				file, _ := os.ReadFile(path)
				if utf8.Valid(file) && len(file) < 1<<20 {
					text.Write(file)
				}
			}
		}
		return nil
	})
	if text.Len() == 0 {
		b.Skip("no corpus: set TOLLGATE_BENCH_CORPORA")
	}
	return text.String()
}

// BenchmarkCount counts whole corpora. Nothing is remembered from one text to
// the next, so every round is like the first.
func BenchmarkCount(b *testing.B) {
	tk, _ := kimi(b)
	for _, kind := range []string{"english", "code", "chinese", "japanese", "russian"} {
		b.Run(kind, func(b *testing.B) {
			text := corpus(b, kind)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var n int64
			for b.Loop() {
				n = tk.Count(text, true)
			}
			b.ReportMetric(float64(len(text))/float64(n), "B/token")
		})
	}
}

// BenchmarkPieces cuts only.
func BenchmarkPieces(b *testing.B) {
	for _, kind := range []string{"english", "code", "chinese"} {
		b.Run(kind, func(b *testing.B) {
			text := corpus(b, kind)
			b.SetBytes(int64(len(text)))
			n := 0
			for b.Loop() {
				n = 0
				for i := 0; i < len(text); n++ {
					i = pieces.Next(text, i)
				}
			}
			b.ReportMetric(float64(len(text))/float64(n), "B/piece")
		})
	}
}

// BenchmarkOpen loads the vocabulary.
func BenchmarkOpen(b *testing.B) {
	path := kimidata.File(b, tokenizer.FileName)
	b.ReportAllocs()
	for b.Loop() {
		_, err := tokenizer.Open(path)
		require.NoError(b, err)
	}
}
