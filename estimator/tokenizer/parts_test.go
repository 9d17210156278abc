package tokenizer_test

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestCommonHanNextToAnyHan(t *testing.T) {
	t.Parallel()
	// Tokens that hold a part of a character are where cutting Han could go wrong:
	// put each character of such a token next to many others.
	tk, ref := kimi(t)
	r := rand.New(rand.NewPCG(17, 18))
	for token := range ref {
		if len(token) < 3 || utf8.ValidString(token) {
			continue
		}
		for range 3 {
			text := fill(r, token)
			requireSame(t, tk, ref, text)
			requireSame(t, tk, ref, string(rune(0x4E00+r.IntN(0x5200)))+text+string(rune(0x4E00+r.IntN(0x5200))))
		}
	}
}

// fill completes the characters cut by the edges of a token with Han bytes.
func fill(r *rand.Rand, token string) string {
	for len(token) > 0 && token[0]&0xC0 == 0x80 {
		if c, size := utf8.DecodeRuneInString("\xe4" + token); size > 1 && c >= 0x4E00 {
			token = "\xe4" + token
		} else {
			token = string([]byte{byte(0xE4 + r.IntN(6)), byte(0x80 + r.IntN(64))}) + token
		}
		if utf8.RuneStart(token[0]) {
			break
		}
	}
	for n := 0; n < 3 && !utf8.ValidString(token); n++ {
		token += string([]byte{byte(0x80 + r.IntN(64))})
	}
	return token
}

func TestCharactersOfWhichTokensHoldAPart(t *testing.T) {
	t.Parallel()
	tk, ref := kimi(t)
	r := rand.New(rand.NewPCG(25, 26))
	for token := range ref {
		if utf8.ValidString(token) {
			continue
		}
		for range 20 {
			piece := neighbour(r) + complete(r, token) + neighbour(r)
			want, _, _ := ref.merge(piece)
			if got := tk.EncodePiece(piece); !equal(got, want) {
				require.Equal(t, want, got, "%q", piece)
			}
		}
	}
}

// complete adds the bytes that the characters cut by the edges of token may lack.
func complete(r *rand.Rand, token string) string {
	tail := func() string { return string([]byte{byte(0x80 + r.IntN(64))}) }
	switch {
	case utf8.RuneStart(token[0]):
	case r.IntN(2) == 0:
		token = string([]byte{byte(0xC2 + r.IntN(30))}) + token
	default:
		token = string([]byte{byte(0xE0 + r.IntN(17))}) + token
		if len(token) < 3 || utf8.RuneStart(token[2]) {
			token = token[:1] + tail() + token[1:]
		}
	}
	for n := 0; n < 3 && !utf8.ValidString(token); n++ {
		token += tail()
	}
	return token
}

// neighbour is a character or a byte, or nothing.
func neighbour(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return ""
	case 1:
		return string(rune(r.IntN(0x80)))
	case 2:
		return string([]byte{byte(r.IntN(256))})
	case 3:
		return string(rune(0x80 + r.IntN(0x780)))
	case 4:
		return string(rune(0x10000 + r.IntN(0x10000)))
	}
	return string(rune(0x800 + r.IntN(0xD000)))
}
