package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"tollgate/estimator/tokenizer"
)

// truth tells where tokens really end. It is not safe for concurrent use.
type truth struct {
	tokenizer *tokenizer.Tokenizer
	length    []int // of a token, in bytes
}

// openTruth reads the vocabulary at path.
func openTruth(path string) (*truth, error) {
	t, err := tokenizer.Open(path)
	if err != nil {
		return nil, err
	}
	length, err := tokenLengths(path)
	if err != nil {
		return nil, err
	}
	return &truth{tokenizer: t, length: length}, nil
}

// tokenLengths reads the lengths of the tokens from a vocabulary that has been
// checked.
func tokenLengths(path string) ([]int, error) {
	f, err := os.Open(path) //nolint:gosec // the vocabulary the caller names
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	length := make([]int, tokenizer.FileTokens)
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		token, number, _ := strings.Cut(sc.Text(), " ")
		raw, err1 := base64.StdEncoding.DecodeString(token)
		id, err2 := strconv.Atoi(number)
		if err1 != nil || err2 != nil || id < 0 || id >= len(length) {
			return nil, fmt.Errorf("read the vocabulary: unexpected line for token %q", number)
		}
		length[id] = len(raw)
	}
	return length, sc.Err()
}

// ends returns the byte offsets at which the tokens of piece end.
func (t *truth) ends(piece string) []uint16 {
	ids := t.tokenizer.Encode(piece, false)
	ends := make([]uint16, len(ids))
	at := 0
	for i, id := range ids {
		at += t.length[id]
		ends[i] = uint16(at)
	}
	return ends
}

// count returns the tokens of text, in which control tokens are plain text.
func (t *truth) count(text string) int {
	return int(t.tokenizer.Count(text, false))
}
