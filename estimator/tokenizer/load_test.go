package tokenizer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

func TestAFileThatIsNotTheVocabularyIsRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\n", tokenizer.FileSize+10)
	for _, tt := range []struct {
		name    string
		file    string
		problem error
		says    string
	}{
		{"nothing", "", tokenizer.ErrTruncated, "0 bytes"},
		{"a page about something else", "<!doctype html>\n<title>Not found</title>\n", tokenizer.ErrForeign, "first line"},
		{"a pointer to a file", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", tokenizer.ErrForeign, "first line"},
		{"binary", "PK\x03\x04\x00\x00", tokenizer.ErrForeign, "first line"},
		{"only empty lines", long, tokenizer.ErrForeign, "first line"},
		{"one endless line", strings.Repeat("A", tokenizer.FileSize+10), tokenizer.ErrForeign, "first line"},
		{"a few lines", "IQ== 0\nIg== 1\nIw== 2\n", tokenizer.ErrTruncated, "21 bytes"},
		{"an end inside a line", "IQ== 0\nIg== 1\nIw", tokenizer.ErrTruncated, "line 3"},
		{"an end inside the last line", "IQ== 0\nIg== 1", tokenizer.ErrTruncated, "line 2"},
		{"an endless line later", "IQ== 0\n" + strings.Repeat("A", 1<<20), tokenizer.ErrOther, "line 2"},
		{"a number out of order", "IQ== 0\nIg== 2\n", tokenizer.ErrOther, "line 2"},
		{"a number that is none", "IQ== 0\nIg== one\n", tokenizer.ErrOther, "line 2"},
		{"no number", "IQ== 0\nIg==\n", tokenizer.ErrOther, "line 2"},
		{"bad base64", "IQ== 0\nI*== 1\n", tokenizer.ErrOther, "line 2"},
		{"an empty token", "IQ== 0\n 1\n", tokenizer.ErrOther, "line 2"},
		{"another line end", "IQ== 0\r\nIg== 1\r\n", tokenizer.ErrForeign, "first line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tk, err := tokenizer.Load(strings.NewReader(tt.file))
			require.Nil(t, tk)
			require.ErrorIs(t, err, tt.problem)
			var bad *tokenizer.FileError
			require.ErrorAs(t, err, &bad)
			require.ErrorContains(t, err, tt.says)
			require.ErrorContains(t, err, "tollgate vocab pull", "the way out")
			require.ErrorContains(t, err, tokenizer.FileSHA256, "what was expected")
			require.NotContains(t, err.Error(), "doctype", "nothing of the file")
		})
	}
}

func TestAChangedVocabularyIsRefused(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(kimidata.File(t, tokenizer.FileName))
	require.NoError(t, err)
	for _, tt := range []struct {
		name    string
		change  func(file []byte) []byte
		problem error
	}{
		{"one byte", func(f []byte) []byte { f[strings.Index(string(f), "\n")+1] = 'K'; return f }, tokenizer.ErrOther},
		{"a line more", func(f []byte) []byte { return append(f, "IQ== 163584\n"...) }, tokenizer.ErrOther},
		{"a line less", func(f []byte) []byte { return f[:strings.LastIndex(string(f[:len(f)-1]), "\n")+1] }, tokenizer.ErrTruncated},
		{"half of it", func(f []byte) []byte { return f[:len(f)/2] }, tokenizer.ErrTruncated},
		{"the last line end", func(f []byte) []byte { return f[:len(f)-1] }, tokenizer.ErrTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tokenizer.Load(strings.NewReader(string(tt.change(append([]byte{}, file...)))))
			require.ErrorIs(t, err, tt.problem)
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		tk, err := tokenizer.Load(iotest.OneByteReader(strings.NewReader(string(file))))
		require.NoError(t, err, "bytes in any portions")
		require.Equal(t, 163_840, tk.Size())
	})
}

func TestAReaderThatFailsIsNotAWrongFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	_, err := tokenizer.Load(io.MultiReader(strings.NewReader("IQ== 0\nIg"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, tokenizer.ErrTruncated)

	_, err = tokenizer.Open(filepath.Join(t.TempDir(), tokenizer.FileName))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAnEndlessReaderIsLeft(t *testing.T) {
	t.Parallel()
	r := &counting{r: endless{}}
	_, err := tokenizer.Load(r)
	require.ErrorIs(t, err, tokenizer.ErrForeign)
	require.Less(t, r.n, int64(1<<20))
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func TestAListThatMergesCanNotMakeIsRefused(t *testing.T) {
	t.Parallel()
	bytes := train("", 256)
	for _, tt := range []struct {
		name string
		list []string
	}{
		{"a byte is missing", bytes[1:]},
		{"a byte is there twice", append(append([]string{}, bytes...), "a")},
		{"a token is there twice", append(append([]string{}, bytes...), "ab", "ab")},
		{"a token without halves", append(append([]string{}, bytes...), "abc")},
		{"a token older than its half", append(append([]string{}, bytes...), "abc", "ab")},
		{"a token that other merges prevent", append(append([]string{}, bytes...), "bc", "ab", "cd", "abcd")},
		{"a token older than its bytes", append([]string{"ab"}, bytes...)},
		{"an empty token", append(append([]string{}, bytes...), "")},
		{"a token longer than is merged at once", append(append([]string{}, bytes...), doubled("a", 11)...)},
		{"tokens that reach over more than is merged at once", append(append([]string{}, bytes...), backward(trail(46))...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tokenizer.New(tt.list)
			require.Error(t, err)
		})
	}
	_, err := tokenizer.New(append(append([]string{}, bytes...), "bc", "abc"))
	require.NoError(t, err)
}

// doubled returns s twice, four times and so on, n texts.
func doubled(s string, n int) []string {
	var out []string
	for range n {
		s += s
		out = append(out, s)
	}
	return out
}

// backward returns the pairs of bytes of text, the last first.
func backward(text string) []string {
	var out []string
	for i := len(text) - 2; i >= 0; i-- {
		out = append(out, text[i:i+2])
	}
	return out
}

func FuzzLoad(f *testing.F) {
	f.Add("IQ== 0\nIg== 1\n")
	f.Add("IQ== 0")
	f.Fuzz(func(t *testing.T, file string) {
		_, err := tokenizer.Load(strings.NewReader(file))
		var bad *tokenizer.FileError
		require.ErrorAs(t, err, &bad, "no short file is the vocabulary")
	})
}
