package chat_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// enveloped is a line of a batch file.
func enveloped(id, body string) string {
	return `{"custom_id":"` + id + `","method":"POST","url":"/v1/chat/completions","body":` + body + `}`
}

// linesOf reads all lines of a file that can be read to its end.
func linesOf(t testing.TB, r io.Reader, opts chat.LineOptions) []*chat.Line {
	t.Helper()
	lines := chat.NewLines(r, opts)
	var all []*chat.Line
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		require.Equal(t, line.Err == nil, line.Request != nil)
		all = append(all, line)
	}
}

// oneLine reads a file that has one line.
func oneLine(t testing.TB, file string) *chat.Line {
	t.Helper()
	all := linesOf(t, strings.NewReader(file), chat.LineOptions{})
	require.Len(t, all, 1, "%.300s", file)
	return all[0]
}

func TestALineIsARequestOrABatchLine(t *testing.T) {
	t.Parallel()
	want := scan(t, hello)
	for _, tt := range []struct {
		name, file, id string
		batch          bool
	}{
		{"a request", hello, "", false},
		{"a request, ended", hello + "\n", "", false},
		{"a request, ended as on Windows", hello + "\r\n", "", false},
		{"a batch line", enveloped("a-1", hello), "a-1", true},
		{"in another order", `{"body":` + hello + `,"url":"/v1/chat/completions","custom_id":"a-1","method":"POST"}`, "a-1", true},
		{"body alone", ` { "body" : ` + hello + ` } `, "", true},
		{"another base URL", `{"url":"https://api.moonshot.cn/v1/chat/completions","body":` + hello + `}`, "", true},
		{"an escaped id", `{"custom_id":"\u4f60\n","body":` + hello + `}`, "你\n", true},
		{"the longest id", `{"custom_id":"` + strings.Repeat("i", chat.MaxCustomID) + `","body":` + hello + `}`, strings.Repeat("i", chat.MaxCustomID), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			line := oneLine(t, tt.file)
			require.NoError(t, line.Err)
			require.Equal(t, tt.id, line.CustomID)
			require.Equal(t, tt.batch, line.Batch)
			require.Equal(t, want.Hash, line.Request.Hash)
			require.Equal(t, want.Messages, line.Request.Messages)
			if tt.batch {
				require.Equal(t, want.Size, line.Request.Size, "of the body alone")
			}
		})
	}
}

func TestABadLineSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("i", chat.MaxCustomID+1)
	for _, tt := range []struct {
		name, line string
		kind       chat.ErrorKind
		pointer    string
		detail     string // part of it
		id         string
	}{
		{"no JSON", "model", chat.WrongType, "", "must be a JSON object", ""},
		{"an array", "[" + hello + "]", chat.WrongType, "", "must be a JSON object", ""},
		{"cut short", hello[:20], chat.Malformed, "/model", "must be on one line", ""},
		{"two on a line", hello + hello, chat.Malformed, "", "bytes behind", ""},
		{"two batch lines on a line", enveloped("a", hello) + enveloped("b", hello), chat.Malformed, "", "bytes behind", "a"},
		{"a byte order mark", "\xef\xbb\xbf" + hello, chat.Malformed, "", "byte order mark", ""},
		{"nothing", "{}", chat.Missing, "/model", "model is required", ""},
		{"no body", `{"custom_id":"a","method":"POST"}`, chat.Missing, "/body", "body is required", "a"},
		{"a body without messages", enveloped("a", `{"model":"kimi-k2.5"}`), chat.Missing, "/body/messages", "messages is required", "a"},
		{"a body without a model", enveloped("a", `{"messages":[{"role":"user","content":"x"}]}`), chat.Missing, "/body/model", "model is required", "a"},
		{"a message without a role", enveloped("a", withMessage(`{"content":"x"}`)), chat.Missing, "/body/messages/0/role", "role is required", "a"},
		{"a wrong type inside", enveloped("a", withMessage(`{"role":5}`)), chat.WrongType, "/body/messages/0/role", "must be a string", "a"},
		{"a body that is a string", `{"body":"{}"}`, chat.WrongType, "/body", "must be a JSON object", ""},
		{"a body that is null", `{"body":null}`, chat.WrongType, "/body", "must be a JSON object", ""},
		{"an id that is a number", `{"custom_id":5,"body":` + hello + `}`, chat.WrongType, "/custom_id", "must be a string", ""},
		{"an id that is null", `{"custom_id":null,"body":` + hello + `}`, chat.WrongType, "/custom_id", "must be a string", ""},
		{"an id that is too long", `{"custom_id":"` + long + `","body":` + hello + `}`, chat.OutOfRange, "/custom_id", "256", ""},
		{"another method", `{"custom_id":"a","method":"GET","body":` + hello + `}`, chat.OutOfRange, "/method", "POST", "a"},
		{"another endpoint", `{"custom_id":"a","url":"/v1/embeddings","body":` + hello + `}`, chat.OutOfRange, "/url", "/v1/chat/completions", "a"},
		{"a member more", `{"custom_id":"a","priority":1,"body":` + hello + `}`, chat.Unexpected, "/priority", "nothing else", "a"},
		{"a member more, behind", enveloped("a", hello+`,"priority":1`), chat.Unexpected, "/priority", "nothing else", "a"},
		{"a request with a body", `{"model":"kimi-k2.5","body":` + hello + `}`, chat.Unexpected, "/body", "not both", ""},
		{"a request with an id", `{"model":"kimi-k2.5","custom_id":"a"}`, chat.Unexpected, "/custom_id", "not both", ""},
		{"a null where a request belongs", `{"custom_id":"a","tools":null,"body":` + hello + `}`, chat.Unexpected, "/tools", "nothing else", "a"},
		{"an id twice", `{"custom_id":"a","custom_id":"b","body":` + hello + `}`, chat.Malformed, "/custom_id", "twice", "a"},
		{"a body twice", `{"body":` + hello + `,"body":` + hello + `}`, chat.Malformed, "/body", "twice", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := linesOf(t, strings.NewReader(hello+"\n"+tt.line+"\n"+hello), chat.LineOptions{})
			require.Len(t, all, 3)
			require.NoError(t, all[2].Err, "reading goes on behind it")
			require.Equal(t, 3, all[2].Number)
			wrong, ok := errors.AsType[*chat.Error](all[1].Err)
			require.True(t, ok, "%v", all[1].Err)
			require.Equal(t, tt.kind, wrong.Kind, wrong.Detail)
			require.Equal(t, tt.pointer, wrong.Pointer, wrong.Detail)
			require.Contains(t, wrong.Detail, tt.detail)
			require.Equal(t, tt.id, all[1].CustomID)
		})
	}
}

func TestBlankLinesCountAndAreNoLines(t *testing.T) {
	t.Parallel()
	file := "\n" + hello + "\n\r\n \t\n" + hello + "\n\n\n" + hello
	var numbers []int
	for _, line := range linesOf(t, strings.NewReader(file), chat.LineOptions{}) {
		require.NoError(t, line.Err)
		numbers = append(numbers, line.Number)
	}
	require.Equal(t, []int{2, 5, 8}, numbers)
	require.Empty(t, linesOf(t, strings.NewReader(""), chat.LineOptions{}))
	require.Empty(t, linesOf(t, strings.NewReader("\n \n"), chat.LineOptions{}))
}

func TestALineOverTheLimitIsPassedOver(t *testing.T) {
	t.Parallel()
	limit := int64(len(hello))
	long := withMessage(`{"role":"user","content":"` + strings.Repeat("x", 300<<10) + `"}`)
	file := hello + "\n" + hello + " \n" + long + "\n" + strings.Repeat(" ", 200) + "\n" + hello
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(file), "byte by byte": iotest.OneByteReader(strings.NewReader(file)),
	} {
		all := linesOf(t, r, chat.LineOptions{MaxBytes: limit, Keep: true})
		require.Len(t, all, 5, name)
		for i, line := range all {
			if i == 0 || i == 4 {
				require.NoError(t, line.Err, name)
				continue
			}
			wrong, ok := errors.AsType[*chat.Error](line.Err)
			require.True(t, ok, name)
			require.Equal(t, chat.TooLarge, wrong.Kind)
			require.Equal(t, limit, wrong.Offset)
		}
	}
}

func TestALineOverTheLimitIsNamedIfItsNameCameFirst(t *testing.T) {
	t.Parallel()
	file := enveloped("long-1", withMessage(`{"role":"user","content":"`+strings.Repeat("x", 1000)+`"}`)) + "\n" + hello
	all := linesOf(t, strings.NewReader(file), chat.LineOptions{MaxBytes: 500})
	require.Len(t, all, 2)
	require.Error(t, all[0].Err)
	require.Equal(t, "long-1", all[0].CustomID)
	require.NoError(t, all[1].Err)
}

func TestAFileThatBreaksOffIsAnErrorAndNotAnEnd(t *testing.T) {
	t.Parallel()
	for _, file := range []string{hello + "\n" + hello[:30], hello + "\nnonsense", hello + "\n   ", hello + "\n"} {
		lines := chat.NewLines(io.MultiReader(strings.NewReader(file), iotest.ErrReader(io.ErrUnexpectedEOF)), chat.LineOptions{})
		line, err := lines.Next()
		require.NoError(t, err)
		require.NoError(t, line.Err)
		for err == nil {
			line, err = lines.Next()
			if err == nil {
				require.Error(t, line.Err)
			}
		}
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, file)
		_, again := lines.Next()
		require.Equal(t, err, again)
	}
}

func TestABodyMayNestAsDeepInABatchLineAsAlone(t *testing.T) {
	t.Parallel()
	deep := func(n int) string {
		return with(`"x":` + strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	require.Equal(t, scan(t, deep(chat.MaxDepth-1)).Hash, oneLine(t, enveloped("a", deep(chat.MaxDepth-1))).Request.Hash)
	require.Error(t, oneLine(t, enveloped("a", deep(chat.MaxDepth))).Err)
	require.Error(t, oneLine(t, deep(chat.MaxDepth)).Err)
}

func TestAKeptLineForwardsItsMessages(t *testing.T) {
	t.Parallel()
	file := hello + "\n" + enveloped("a", hello) + "\n"
	for _, line := range linesOf(t, iotest.HalfReader(strings.NewReader(file)), chat.LineOptions{Keep: true}) {
		require.NoError(t, line.Err)
		body, ok := line.Request.VendorBody("m", true)
		require.True(t, ok)
		sent, err := io.ReadAll(body.NewReader())
		require.NoError(t, err)
		require.JSONEq(t, `{"model":"m","messages":[{"role":"user","content":"Hello"}]}`, string(sent))
		whole, ok := line.Request.Sent()
		require.True(t, ok)
		require.Equal(t, hello, string(whole), "without what was around it")
	}
}

// Not parallel: it measures what the whole process allocates.
func TestLinesHoldNoCopyOfAHugeImage(t *testing.T) {
	const size = 100 << 20
	image, length := endless(size)
	file := io.MultiReader(strings.NewReader(hello+"\n"+`{"custom_id":"a","body":`), image, strings.NewReader("}\n"+hello))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	all := linesOf(t, file, chat.LineOptions{})
	runtime.ReadMemStats(&after)
	require.Len(t, all, 3)
	require.NoError(t, all[1].Err)
	require.Equal(t, length, all[1].Request.Size)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2<<20), "bytes allocated for a line of 100 MiB")
}

// FuzzLines holds lines against bodies: a line that is a request scans as the
// body does, with the same error if it has one, and in a batch line it is the
// same request.
func FuzzLines(f *testing.F) {
	for _, body := range []string{
		hello, "", "{}", hello + hello, `{"body":` + hello + `}`, `{"custom_id":"a","model":"b"}`, "\xef\xbb\xbf" + hello,
		with(`"tools":[{"type":"function","function":{"name":"fun","parameters":{"a":[1,1.0]}}}],"x":null,"max_tokens":0`),
		withMessage(`{"role":"user","content":[{"type":"image_url","image_url":{"url":"` + png1x1 + `"}}]}`), "{\"\xff\":1}", `{"a":1,"a":1}`, `[`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		body = bytes.ReplaceAll(body, []byte("\n"), []byte("\t")) // a line has no other end
		want, wantErr := chat.Scan(bytes.NewReader(body), chat.Options{})
		file := bytes.Join([][]byte{body, []byte(enveloped("a", string(body))), []byte(hello)}, []byte("\n"))
		all := linesOf(t, iotest.HalfReader(bytes.NewReader(file)), chat.LineOptions{Keep: true})
		require.Equal(t, 3, all[len(all)-1].Number)
		require.NoError(t, all[len(all)-1].Err)
		if wrapped := all[len(all)-2]; wantErr == nil {
			require.NoError(t, wrapped.Err)
			require.Equal(t, want.Hash, wrapped.Request.Hash)
			require.Equal(t, want.Messages, wrapped.Request.Messages)
		}
		if len(bytes.Trim(body, " \t\r")) == 0 {
			require.Len(t, all, 2)
			return
		}
		require.Len(t, all, 3)
		sameAsAlone(t, want, wantErr, all[0])
	})
}

// sameAsAlone checks that a line is what its bytes are as a body. Only a member
// of a batch line makes a difference.
func sameAsAlone(t *testing.T, want *chat.Request, wantErr error, line *chat.Line) {
	t.Helper()
	if line.Batch || line.Err != nil && wantErr == nil {
		wrong, ok := errors.AsType[*chat.Error](line.Err)
		require.True(t, line.Batch && line.Err == nil || ok)
		require.True(t, line.Batch || wrong.Kind == chat.Unexpected, "%v", line.Err)
		return
	}
	if wantErr == nil {
		require.Equal(t, want.Hash, line.Request.Hash)
		require.Equal(t, want.Size, line.Request.Size)
		require.Equal(t, want.Messages, line.Request.Messages)
		return
	}
	require.Error(t, line.Err)
}

// BenchmarkLines reads files of equal lines.
func BenchmarkLines(b *testing.B) {
	for _, bb := range []struct{ name, line string }{
		{"line=request-500B", strings.Replace(hello, "Hello", strings.Repeat("How much will it cost? ", 19), 1)},
		{"line=batch-500B", enveloped("request-00001", strings.Replace(hello, "Hello", strings.Repeat("How much will it cost? ", 16), 1))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			file := strings.Repeat(bb.line+"\n", 1000)
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				require.Len(b, linesOf(b, strings.NewReader(file), chat.LineOptions{}), 1000)
			}
		})
	}
}
