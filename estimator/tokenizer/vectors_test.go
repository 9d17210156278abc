package tokenizer_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer/kimidata"
	"tollgate/estimator/tokenizer/pieces"
)

// vector is a line of vectors.jsonl.
type vector struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Source   string `json:"source"`
	Text     string `json:"text"`
	Hex      string `json:"hex"`
	IDs      []int  `json:"ids"`
	Special  string `json:"special"`
	Named    string `json:"named"`
	MaxRun   int    `json:"max_run"`
	MaxChars int    `json:"max_chars"`
}

// readLines calls f with each line of a file of the Kimi test data.
func readLines(t *testing.T, name string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(kimidata.File(t, name))
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if len(lines.Bytes()) > 0 {
			f(lines.Bytes())
		}
	}
	require.NoError(t, lines.Err())
}

func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	tk, _ := kimi(t)
	families := map[string]pieces.Family{"": pieces.K25, "k3": pieces.K3}
	texts, single := 0, 0
	readLines(t, "vectors.jsonl", func(line []byte) {
		var v vector
		require.NoError(t, json.Unmarshal(line, &v))
		switch v.Kind {
		case "text_ids":
			texts++
			family, ok := families[v.Named]
			require.True(t, ok, "unknown family %q", v.Named)
			limits := pieces.KimiLimits()
			if v.MaxRun > 0 {
				limits.Run = v.MaxRun
			}
			if v.MaxChars > 0 {
				limits.Chars = v.MaxChars
			}
			specials := v.Special == "all"
			require.True(t, specials || v.Special == "none", "special %q", v.Special)
			one := tk.For(family).WithLimits(limits)
			require.Equal(t, v.IDs, append([]int{}, one.Encode(v.Text, specials)...), "%s of %s: %q", v.Name, v.Source, v.Text)
			require.Equal(t, int64(len(v.IDs)), one.Count(v.Text, specials), "%s of %s: %q", v.Name, v.Source, v.Text)
		case "piece_ids":
			single++
			piece, err := hex.DecodeString(v.Hex)
			require.NoError(t, err)
			require.Equal(t, v.IDs, tk.EncodePiece(string(piece)), "%s of %s", v.Hex, v.Source)
		}
	})
	require.Equal(t, 294, texts, "vectors of texts")
	require.Equal(t, 31, single, "vectors of pieces")
	t.Logf("%d texts and %d pieces exact", texts, single)
}

func TestReferenceTexts(t *testing.T) {
	t.Parallel()
	tk, _ := kimi(t)
	lines := 0
	readLines(t, "reference.jsonl", func(line []byte) {
		var v struct {
			Text       string `json:"text"`
			IDs        []int  `json:"ids"`
			Plain      []int  `json:"ids_no_special"`
			PlainCount int64  `json:"n_no_special"`
		}
		require.NoError(t, json.Unmarshal(line, &v))
		lines++
		require.Equal(t, v.IDs, tk.Encode(v.Text, true), "%q", v.Text)
		require.Equal(t, int64(len(v.IDs)), tk.Count(v.Text, true), "%q", v.Text)
		require.Equal(t, v.PlainCount, tk.Count(v.Text, false), "%q", v.Text)
		if v.Plain != nil {
			require.Equal(t, v.Plain, tk.Encode(v.Text, false), "%q", v.Text)
		}
	})
	require.Equal(t, 24, lines)
}

func TestEveryTokenIsItsOwnEncoding(t *testing.T) {
	t.Parallel()
	tk, ref := kimi(t)
	for text, id := range ref {
		ids := tk.EncodePiece(text)
		if len(ids) != 1 || ids[0] != id {
			require.Equal(t, []int{id}, ids, "token %d", id)
		}
	}
}

func TestEveryTokenIsMadeOfOlderOnesInOrder(t *testing.T) {
	t.Parallel()
	// This is what the short cuts of the tokenizer stand on.
	tk, ref := kimi(t)
	for text, id := range ref {
		ids, halves, ordered := ref.merge(text)
		left, right := ref[halves[0]], ref[halves[1]]
		if len(ids) != 1 || !ordered || len(text) > 1 && (left >= id || right >= id || tk.Union(left, right) != id) {
			require.Failf(t, "not a merge of older tokens in order", "token %d: %v %v, halves %d %d", id, ids, ordered, left, right)
		}
	}
}

func TestTheEndOfATextReachesBackAFewHundredBytes(t *testing.T) {
	t.Parallel()
	tk, _ := kimi(t)
	require.Equal(t, 389, tk.Reach())
}
