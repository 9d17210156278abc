package api

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// bodyTime is how long a body may take to arrive, in all. One of 100 MiB
	// has to come at 14 Mbit/s.
	bodyTime = 60 * time.Second

	// bodyStart is how long it may take before anything has arrived, and
	// bodyRate how many bytes a second have to arrive from then on, on average:
	// what is held for a body must not be held for one that does not come.
	bodyStart = 10 * time.Second
	bodyRate  = 512 << 10

	// promptBody is the largest body that is not watched: it holds less than its
	// connection does.
	promptBody = 4 << 10
)

// checkBodyHeaders refuses a body that is compressed in a way that is not
// known, or that does not call itself what is accepted; want says what that is.
// One that says nothing is taken for it. It returns how the body is compressed.
func checkBodyHeaders(c *gin.Context, accepted func(mediaType string) bool, want string) (encoding string, err error) {
	if encoding, err = encodingOf(c.Request.Header); err != nil {
		c.Header("Accept-Encoding", acceptedEncodings)
		return "", err
	}
	if ct := headerOf(c.Request, "Content-Type"); ct != "" && !inUTF8(ct, accepted) {
		return "", &Error{
			Status: http.StatusUnsupportedMediaType,
			Code:   "content_type_unsupported",
			Detail: want,
		}
	}
	return encoding, nil
}

// inUTF8 reports whether a Content-Type is an accepted one and in UTF-8.
func inUTF8(contentType string, accepted func(mediaType string) bool) bool {
	if contentType == mediaTypeJSON { // as nearly all have it
		return accepted(contentType)
	}
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

// openWire makes wire read the body of c as it is sent, up to the limit.
func (s *server) openWire(c *gin.Context, wire *countingReader) {
	r := c.Request
	wire.r, wire.most = r.Body, s.MaxBodyBytes
	if r.ContentLength < 0 || r.ContentLength > promptBody {
		wire.deadline = http.NewResponseController(c.Writer).SetReadDeadline
		wire.now, wire.began = s.Now, s.Now()
	}
}

// partWith gives a caller who was turned away while he is sending the time to
// see the answer: a connection that is closed before all that arrived was read
// is reset, and the answer can be lost with it. It reads next to nothing, just
// enough to see when he has left. One who waits for leave to send is not given
// it.
func (s *server) partWith(c *gin.Context) {
	const patience, step = time.Second, 10 * time.Millisecond
	rc := http.NewResponseController(c.Writer)
	waits := c.Request.Header.Get("Expect") != "" && callOf(c).bodyBytes == 0
	if waits || rc.Flush() != nil || rc.SetReadDeadline(s.Now().Add(patience)) != nil {
		return
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	buf := make([]byte, 4<<10)
	for range patience / step {
		if _, err := c.Request.Body.Read(buf); err != nil {
			return
		}
		<-tick.C
	}
}

// countingReader counts what was read of a body and marks failures to read, so
// that they are told apart from what is wrong with the bytes.
type countingReader struct {
	r      io.Reader
	n      int64
	most   int64 // that may come; 0: any number
	failed error // a *readError, once reading failed

	deadline func(time.Time) error // of the connection; nil when nobody watches
	now      func() time.Time
	began    time.Time
}

// Read reads from the body.
func (c *countingReader) Read(p []byte) (int, error) {
	if c.failed != nil {
		return 0, c.failed
	}
	c.watch()
	n, err := c.r.Read(p)
	c.n += int64(n)
	if over := c.n - c.most; c.most > 0 && over > 0 {
		n, err = n-int(over), &http.MaxBytesError{Limit: c.most}
	}
	switch {
	case err == io.EOF:
		c.rest()
	case err != nil:
		err = &readError{err: err}
		c.failed = err
	}
	return n, err
}

// watch gives the next bytes their time.
func (c *countingReader) watch() {
	if c.deadline == nil {
		return
	}
	earned := bodyStart + time.Duration(c.n)*time.Second/bodyRate
	if c.deadline(c.began.Add(min(earned, bodyTime))) != nil {
		c.deadline = nil // a connection that has none
	}
}

// rest ends the watch: what waits for an answer may take its time.
func (c *countingReader) rest() {
	if c.deadline != nil {
		_ = c.deadline(time.Time{})
		c.deadline = nil
	}
}
