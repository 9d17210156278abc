package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"
)

// maxPooledBuffer is the largest buffer that is kept for the next answer, in
// bytes: the catalogue is tens of kilobytes, everything else a few.
const maxPooledBuffer = 128 << 10

// countedByHTTP is from how many bytes on an answer is sent with chunks for its
// length unless that is set. Of smaller ones net/http sets it by itself, which
// takes less.
const countedByHTTP = 2 << 10

// buffers holds the buffers answers are encoded into.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// respond answers 200 with v as JSON.
func (s *server) respond(c *gin.Context, v any) error {
	s.write(c, http.StatusOK, mediaTypeJSON, v)
	return nil
}

// write encodes v before it sends the status, so that no answer is ever half
// an object. Wire types always encode; if one does not, that is a bug and the
// panic guard answers.
func (s *server) write(c *gin.Context, status int, mediaType string, v any) {
	buf := encode(v)
	defer recycle(buf)
	s.send(c, status, mediaType, buf.Bytes())
}

// send answers with a body that is complete.
func (s *server) send(c *gin.Context, status int, mediaType string, body []byte) {
	info, h := callOf(c), c.Writer.Header()
	info.set(h, "Content-Type", valueType, mediaType)
	if len(body) >= countedByHTTP {
		info.set(h, "Content-Length", valueLength, strconv.Itoa(len(body)))
	}
	c.Status(status)
	if _, err := c.Writer.Write(body); err != nil {
		info.err = fmt.Errorf("write the answer: %w", err)
	}
}

// newBuffer is an empty buffer, for recycle to take back.
func newBuffer() *bytes.Buffer {
	buf, ok := buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	buf.Reset()
	return buf
}

// encode returns v as JSON and a new line.
func encode(v any) *bytes.Buffer {
	buf := newBuffer()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Errorf("encode %T: %w", v, err))
	}
	return buf
}

// recycle gives a buffer of encode back.
func recycle(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooledBuffer {
		buffers.Put(buf)
	}
}
