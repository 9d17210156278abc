package chat_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// textOf is a request of one message.
func textOf(text string) string {
	return `{"model":"kimi-k2.6","messages":[{"role":"user","content":"` + text + `"}]}`
}

// imageOf is a request of one image, whose data are so long.
func imageOf(data int) string {
	return `{"model":"kimi-k2.6","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` +
		strings.Repeat("A", data) + `"}}]}]}`
}

func TestWhatIsHeldIsReservedAndWhatPassesByIsNot(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	short := `{"model":"kimi-k2.6","messages":[` + strings.Repeat(`{"role":"user","content":"Hi"},`, 60000) + `{"role":"user"}]}`
	for _, tt := range []struct {
		name, body string
		hint, keep bool
		low, high  int64
	}{
		{"text", textOf(strings.Repeat("a", size)), false, false, size, 2*size + 1<<16},
		{"text of a known length", textOf(strings.Repeat("a", size)), true, false, size, size + 1<<16},
		{"escaped text", textOf(strings.Repeat(`\n`, size/2)), true, false, size / 2, size + 1<<16},
		{"an image", imageOf(size), true, false, 0, 1 << 16},
		{"an image that is kept", imageOf(size), true, true, size, size + 2<<20},
		{"text that is kept", textOf(strings.Repeat("a", size)), true, true, 2 * size, 2*size + 2<<20},
		{"text that is kept, of an unknown length", textOf(strings.Repeat("a", size)), false, true, 2 * size, 4*size + 2<<16},
		{"short messages", short, true, false, 60000 * 72, 60000 * 108},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var reserved int64
			opts := chat.Options{Keep: tt.keep, Reserve: func(n int64) error {
				require.Positive(t, n)
				reserved += n
				return nil
			}}
			if tt.hint {
				opts.SizeHint = int64(len(tt.body))
			}
			_, err := chat.Scan(strings.NewReader(tt.body), opts)
			require.NoError(t, err)
			require.GreaterOrEqual(t, reserved, tt.low-1<<10)
			require.LessOrEqual(t, reserved, tt.high)
		})
	}
}

func TestAScanEndsWhereThereIsNoRoom(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	for _, body := range []string{textOf("Hello"), textOf(strings.Repeat("a", 1<<20)), imageOf(1 << 20)} {
		for _, keep := range []bool{false, true} {
			for allowed := range int64(8) {
				var reserved, read int64
				counted := countReads(strings.NewReader(body), &read)
				_, err := chat.Scan(counted, chat.Options{Keep: keep, Reserve: func(n int64) error {
					if reserved+n > allowed*100<<10 {
						return full
					}
					reserved += n
					return nil
				}})
				if err == nil {
					continue
				}
				require.ErrorIs(t, err, full)
				noRoom, ok := errors.AsType[*chat.NoRoomError](err)
				require.True(t, ok)
				require.Contains(t, noRoom.Error(), "full")
				require.LessOrEqual(t, read, 2*reserved+256<<10, "it goes on reading what it can not hold")
			}
		}
	}
}

func TestALineWithoutRoomDoesNotEndTheFile(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	file := textOf("a") + "\n" + textOf(strings.Repeat("b", 1<<20)) + "\n" + textOf("c") + "\n"
	lines := chat.NewLines(strings.NewReader(file), chat.LineOptions{Reserve: func(n int64) error {
		if n > 256<<10 {
			return full
		}
		return nil
	}})
	var got []string
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if line.Err != nil {
			require.ErrorIs(t, line.Err, full)
			require.Nil(t, line.Request)
		}
		got = append(got, fmt.Sprint(line.Number, line.Err == nil))
	}
	require.Equal(t, []string{"1 true", "2 false", "3 true"}, got)
}

// countReads counts what is read.
func countReads(r io.Reader, n *int64) io.Reader {
	return io.TeeReader(r, writeCounter{n})
}

type writeCounter struct{ n *int64 }

func (w writeCounter) Write(p []byte) (int, error) {
	*w.n += int64(len(p))
	return len(p), nil
}
