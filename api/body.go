package api

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"tollgate/estimator/chat"
)

// scan reads the chat request of c's body, as a stream of at most MaxBodyBytes.
func (s *server) scan(c *gin.Context) (*chat.Request, error) {
	r := c.Request
	if err := checkBodyHeaders(c, isJSON,
		"send the chat request as JSON in UTF-8, with Content-Type: application/json"); err != nil {
		return nil, err
	}
	if r.ContentLength > s.MaxBodyBytes {
		return nil, bodyTooLarge(s.MaxBodyBytes)
	}
	body := &countingReader{r: http.MaxBytesReader(c.Writer, r.Body, s.MaxBodyBytes)}
	defer func() { callOf(c).bodyBytes = body.n }()
	req, err := chat.Scan(body, chat.Options{SizeHint: max(r.ContentLength, 0), Keep: s.KeepBody})
	if err != nil {
		return nil, fmt.Errorf("scan the body: %w", err)
	}
	return req, nil
}

// checkBodyHeaders refuses a body that is compressed, or that does not call
// itself what is accepted; want says what that is. One that says nothing is
// taken for it.
func checkBodyHeaders(c *gin.Context, accepted func(mediaType string) bool, want string) error {
	h := c.Request.Header
	if e := strings.TrimSpace(h.Get("Content-Encoding")); e != "" && !strings.EqualFold(e, "identity") {
		c.Header("Accept-Encoding", "identity")
		return &Error{
			Status: http.StatusUnsupportedMediaType,
			Code:   "content_encoding_unsupported",
			Detail: "send the body uncompressed, without Content-Encoding",
		}
	}
	if ct := h.Get("Content-Type"); ct != "" && !inUTF8(ct, accepted) {
		return &Error{
			Status: http.StatusUnsupportedMediaType,
			Code:   "content_type_unsupported",
			Detail: want,
		}
	}
	return nil
}

// inUTF8 reports whether a Content-Type is an accepted one and in UTF-8.
func inUTF8(contentType string, accepted func(mediaType string) bool) bool {
	mt, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if cs, ok := params["charset"]; ok && !strings.EqualFold(cs, "utf-8") {
		return false
	}
	return accepted(mt)
}

func isJSON(mediaType string) bool {
	return mediaType == mediaTypeJSON ||
		(strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json"))
}

// countingReader counts what was read of a body and marks failures to read, so
// that they are told apart from what is wrong with the bytes.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		err = &readError{err: err}
	}
	return n, err
}
