package chat_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// goldenHash is the hash of hello.
const goldenHash = "64460cdc1e7867548797f6681b740f35d74866c75ac8209078a23bd6f57beeee"

func hexOf(h [32]byte) string { return hex.EncodeToString(h[:]) }

// FuzzScan holds the scanner against encoding/json: what it accepts is valid
// JSON and valid UTF-8, it is the same request however the bytes arrive, and
// what would be forwarded is again the same request.
func FuzzScan(f *testing.F) {
	for _, body := range []string{
		hello, withMessage(`{"role":"user","content":[{"type":"image_url","image_url":{"url":"` + png1x1 + `"}}]}`),
		with(`"tools":[{"type":"function","function":{"name":"fun","parameters":{"a":[1,1.0,1e5,true,null,"\ud83d\ude00"]}}}]`),
		withMessage(`{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"b","arguments":{"x":1}}}]}`),
		with(`"thinking":{"type":"disabled"},"stop":["a"],"max_tokens":5`), "{\"\xff\":1}", `{"a":1,"a":1}`, `{`, hello + "x",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := chat.Scan(bytes.NewReader(body), chat.Options{Keep: true, SizeHint: int64(len(body))})
		slow, slowErr := chat.Scan(iotest.OneByteReader(bytes.NewReader(body)), chat.Options{})
		inPlace, inPlaceErr := chat.ScanBytes(bytes.Clone(body), chat.Options{Keep: true})
		require.Equal(t, err, inPlaceErr)
		if err != nil {
			_, ok := errors.AsType[*chat.Error](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, err, slowErr)
			return
		}
		require.NoError(t, slowErr)
		require.Equal(t, req, inPlace)
		require.Equal(t, req.Hash, slow.Hash)
		require.Equal(t, req.Messages, slow.Messages)
		require.Equal(t, req.Tools, slow.Tools)
		require.True(t, json.Valid(body))
		require.True(t, utf8.Valid(body))

		for _, req := range []*chat.Request{req, inPlace, spooled(t, body)} {
			forwardedIsTheSame(t, req)
		}
	})
}

// spooled scans a body that is not kept, and can be read again.
func spooled(t *testing.T, body []byte) *chat.Request {
	t.Helper()
	read := &readAgain{}
	req, err := chat.Scan(io.TeeReader(bytes.NewReader(body), read), chat.Options{Backing: read})
	require.NoError(t, err)
	return req
}

// readAgain is what was read of a body.
type readAgain struct{ bytes.Buffer }

func (r *readAgain) Hold() bool { return true }

func (r *readAgain) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(r.Bytes()).ReadAt(p, off)
}

// forwardedIsTheSame holds what would be forwarded of a request against it: it
// reads as the same, and is the same bytes however the body was held.
func forwardedIsTheSame(t *testing.T, req *chat.Request) {
	t.Helper()
	forwarded, ok := req.VendorBody(req.Model, true)
	require.True(t, ok)
	sent, err := io.ReadAll(forwarded.NewReader())
	require.NoError(t, err)
	require.EqualValues(t, len(sent), forwarded.Len())
	again, err := chat.Scan(bytes.NewReader(sent), chat.Options{})
	require.NoError(t, err)
	require.Equal(t, req.Model, again.Model)
	require.Equal(t, req.Messages, again.Messages)
	if len(req.Tools) > 0 { // an empty list is not forwarded, and means the same
		require.Equal(t, req.Tools, again.Tools)
	}
}
