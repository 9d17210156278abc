package tokenizer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// The vocabulary file, named tiktoken.model where it is published: the official
// file of Kimi K2, K2.5, K2.6, K2.7 and K3, the same bytes for all. Each line is
// a token in base64 and its number.
const (
	// FileName is the name under which the publisher keeps the file.
	FileName = "tiktoken.model"
	// FileSize is its length in bytes.
	FileSize = 2_795_286
	// FileSHA256 is its SHA-256 in hexadecimal.
	FileSHA256 = "b6c497a7469b33ced9c38afb1ad6e47f03f5e5dc05f15930799210ec050c5103"
	// FileTokens is the number of its lines, and of the ordinary tokens.
	FileTokens = 163_584
)

// What can be wrong with a vocabulary file. Errors of [Load] and [Open] wrap
// one of these unless the file could not be read.
var (
	// ErrTruncated is a file that begins like a vocabulary and is too short.
	ErrTruncated = errors.New("the vocabulary file is cut short")
	// ErrForeign is a file that is no vocabulary at all.
	ErrForeign = errors.New("the file is not a vocabulary")
	// ErrOther is a vocabulary, but not the one of the Kimi models.
	ErrOther = errors.New("the file is not the Kimi vocabulary")
)

// FileError says what is wrong with a vocabulary file and what to do. It holds
// nothing of the file's content.
type FileError struct {
	Problem error  // ErrTruncated, ErrForeign or ErrOther
	Detail  string // what was found
}

// Error returns the problem, what was found, what was expected and the way out.
func (e *FileError) Error() string {
	return fmt.Sprintf("%v: %s; expected %s with %d bytes and sha256 %s: get it with `tollgate vocab pull`",
		e.Problem, e.Detail, FileName, FileSize, FileSHA256)
}

// Unwrap returns the problem.
func (e *FileError) Unwrap() error { return e.Problem }

// Open is [Load] of the file at path.
func Open(path string) (*Tokenizer, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's own setting
	if err != nil {
		return nil, fmt.Errorf("open the vocabulary: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	return Load(f)
}

// Load reads the Kimi vocabulary from r and makes a tokenizer for the control
// tokens of [pieces.K25]. It reads no more than a little beyond [FileSize]
// bytes, checks the SHA-256 of all it reads, and returns a [FileError] when r is
// anything but that file.
func Load(r io.Reader) (*Tokenizer, error) {
	sum := sha256.New()
	limited := &io.LimitedReader{R: r, N: FileSize + 1}
	list, err := readList(io.TeeReader(limited, sum))
	if err == nil || limited.N == 0 && errors.Is(err, ErrTruncated) { // cut by the limit
		err = checkFile(FileSize+1-limited.N, hex.EncodeToString(sum.Sum(nil)))
	}
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	return newTokenizer(list)
}

// checkFile compares the size and the sum of a well-formed file with those
// expected.
func checkFile(size int64, sum string) error {
	switch {
	case size > FileSize:
		return &FileError{ErrOther, fmt.Sprintf("it has more than %d bytes", FileSize)}
	case size < FileSize:
		return &FileError{ErrTruncated, fmt.Sprintf("it has %d bytes", size)}
	case sum != FileSHA256:
		return &FileError{ErrOther, "its sha256 is " + sum}
	}
	return nil
}

// readList parses lines of a token in base64, a space and its number, which
// counts from 0. A line that is not one makes a *FileError.
func readList(r io.Reader) (tokenList, error) {
	list := tokenList{starts: make([]uint32, 1, FileTokens+1)}
	text := make([]byte, 0, FileSize/2)
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 0; ; n++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			list.text = string(text)
			return list, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return tokenList{}, err
		}
		ended := !errors.Is(err, io.EOF)
		broken := err != nil
		if text, err = appendToken(text, line, n); err != nil || broken {
			return tokenList{}, badLine(n, ended)
		}
		list.starts = append(list.starts, uint32(len(text)))
	}
}

// badLine is the error for the line n, counted from 0, that is no token; ended
// is false if the file ends inside it.
func badLine(n int, ended bool) error {
	if n == 0 {
		return &FileError{ErrForeign, "its first line is not a token in base64 and the number 0"}
	}
	if !ended {
		return &FileError{ErrTruncated, fmt.Sprintf("it ends inside line %d", n+1)}
	}
	return &FileError{ErrOther, fmt.Sprintf("line %d is not a token in base64 and the number %d", n+1, n)}
}

// errLine is a line that is no token; badLine says which.
var errLine = errors.New("not a token")

// appendToken appends the bytes of the token in line, whose number must be n.
func appendToken(text, line []byte, n int) ([]byte, error) {
	encoded, number, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !ok || len(encoded) == 0 {
		return text, errLine
	}
	if got, err := strconv.Atoi(string(number)); err != nil || got != n {
		return text, errLine
	}
	before := len(text)
	text, err := base64.StdEncoding.AppendDecode(text, encoded)
	if err != nil || len(text) == before {
		return text, errLine
	}
	return text, nil
}
