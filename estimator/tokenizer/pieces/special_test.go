package pieces_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer/pieces"
)

var allFamilies = []pieces.Family{pieces.K2, pieces.K2Thinking, pieces.K25, pieces.K3}

func TestEveryControlTokenHasOneName(t *testing.T) {
	t.Parallel()
	for _, f := range allFamilies {
		seen := map[string]int{}
		for id := pieces.FirstSpecial; id <= pieces.LastSpecial; id++ {
			name := f.Name(id)
			require.NotEmpty(t, name)
			require.NotContains(t, seen, name)
			seen[name] = id
			got, ok := f.ID(name)
			require.True(t, ok, name)
			require.Equal(t, id, got, name)
			found, ok := f.Find("a "+name+name, 0)
			require.True(t, ok, name)
			require.Equal(t, pieces.Special{Start: 2, End: 2 + len(name), ID: id}, found)
		}
		require.Len(t, seen, 256)
		for a := range seen {
			for b := range seen {
				require.False(t, a != b && strings.HasPrefix(a, b), "%s begins %s: the leftmost would not be enough", b, a)
			}
		}
	}
}

func TestNamesBelongToFamilies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		text    string
		id      int
		in, out []pieces.Family
	}{
		{"the end of a message", "<|im_end|>", 163586, []pieces.Family{pieces.K2, pieces.K2Thinking, pieces.K25}, []pieces.Family{pieces.K3}},
		{"K3's end of a message", "<|end_of_msg|>", 163586, []pieces.Family{pieces.K3}, []pieces.Family{pieces.K2, pieces.K25}},
		{"thinking", "<think>", 163606, []pieces.Family{pieces.K2Thinking, pieces.K25}, []pieces.Family{pieces.K2, pieces.K3}},
		{"media", "<|media_pad|>", 163605, []pieces.Family{pieces.K25, pieces.K3}, []pieces.Family{pieces.K2}},
		{"a reserved name of a number without a name", "<|reserved_token_163605|>", 163605, []pieces.Family{pieces.K2}, []pieces.Family{pieces.K25, pieces.K3}},
		{"the middle of a message", "<|im_middle|>", 163601, []pieces.Family{pieces.K2, pieces.K25}, []pieces.Family{pieces.K3}},
		{"a reserved number that is too small", "<|reserved_token_163583|>", 0, nil, allFamilies},
		{"a reserved number that is too large", "<|reserved_token_163840|>", 0, nil, allFamilies},
		{"a reserved number with a sign", "<|reserved_token_+16360|>", 0, nil, allFamilies},
		{"another case", "<|IM_END|>", 0, nil, allFamilies},
		{"a name cut short", "<|im_end|", 0, nil, allFamilies},
		{"only the marks", "<||>", 0, nil, allFamilies},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range tt.in {
				id, ok := f.ID(tt.text)
				require.True(t, ok)
				require.Equal(t, tt.id, id)
				_, ok = f.Find(tt.text, 0)
				require.True(t, ok)
			}
			for _, f := range tt.out {
				_, ok := f.ID(tt.text)
				require.False(t, ok)
				_, ok = f.Find(tt.text, 0)
				require.False(t, ok)
			}
		})
	}
	require.Empty(t, pieces.K25.Name(pieces.FirstSpecial-1))
	require.Empty(t, pieces.K25.Name(pieces.LastSpecial+1))
}

func TestFindTakesTheFirst(t *testing.T) {
	t.Parallel()
	// Parts of names, brackets and whole names in any order, against a search
	// for each name.
	parts := []string{"<", "[", "]", ">", "|", "<|", "|>", "EOS", "[EOS]", "<think>", "think>", "<|im_end|>", "<|im_end|", "a", " ", "<|reserved_token_", "163700|>", "你", "</think>"}
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		var b strings.Builder
		for range r.IntN(10) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		text := b.String()
		from := r.IntN(len(text) + 1)
		want, wantOK := pieces.Special{Start: len(text)}, false
		for id := pieces.FirstSpecial; id <= pieces.LastSpecial; id++ {
			name := pieces.K25.Name(id)
			if at := strings.Index(text[from:], name); at >= 0 && from+at < want.Start {
				want, wantOK = pieces.Special{Start: from + at, End: from + at + len(name), ID: id}, true
			}
		}
		got, ok := pieces.K25.Find(text, from)
		require.Equal(t, wantOK, ok, "%q from %d", text, from)
		if ok {
			require.Equal(t, want, got, "%q from %d", text, from)
		}
	}
}
