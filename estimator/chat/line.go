package chat

import (
	"bytes"
	"cmp"
	"io"
	"strings"
)

// MaxCustomID is the longest custom_id of a batch line, in bytes. It is
// repeated in every answer.
const MaxCustomID = 256

// Line is a line of a file of requests: a chat request by itself, or a line of
// a batch file, {"custom_id", "method", "url", "body"}, whose body is one.
//
// Source of the second: https://platform.openai.com/docs/guides/batch, which
// the Kimi API follows.
type Line struct {
	Number   int      // from 1; blank lines count
	CustomID string   // of a batch line; empty when it has none, or Err struck before it
	Batch    bool     // it is a line of a batch file
	Request  *Request // nil exactly when Err is set
	Err      error    // why there is no request: an [*Error], or a [*NoRoomError]
}

// lineShape is a line on its way through the scanner.
type lineShape struct {
	*Line

	req  Request
	bare bool // it has a member of a chat request
	body bool // it has a body
}

// lineTable is a line: what a batch line may have, and what a request may.
// Which of the two it is shows with the first member, and any order will do.
var lineTable = &table[lineShape]{
	fields: append([]field[lineShape]{
		{name: "custom_id", nullable: true, read: enveloped((*scanner).customID)},
		{name: "method", nullable: true, read: enveloped((*scanner).method)},
		{name: "url", nullable: true, read: enveloped((*scanner).url)},
		{name: "body", nullable: true, read: enveloped((*scanner).body)},
	}, bareFields()...),
	other: func(s *scanner, l *lineShape, name string) error {
		return bare(func(s *scanner, r *Request) error { return otherOfRequest(s, r, name) })(s, l)
	},
}

// bareFields is the members of a request where the line is one.
func bareFields() []field[lineShape] {
	fields := make([]field[lineShape], 0, len(requestTable.fields))
	for _, f := range requestTable.fields {
		fields = append(fields, field[lineShape]{name: f.name, nullable: f.nullable, read: bare(f.read)})
	}
	return fields
}

// bare returns a read function for a member of a request that is the line.
func bare(read func(*scanner, *Request) error) func(*scanner, *lineShape) error {
	return func(s *scanner, l *lineShape) error {
		if l.Batch {
			return s.fail(Unexpected, "a batch line has custom_id, method, url and body and nothing else; "+
				"the request belongs into body")
		}
		l.bare = true
		return read(s, &l.req)
	}
}

// enveloped returns a read function for a member of a batch line.
func enveloped(read func(*scanner, *lineShape) error) func(*scanner, *lineShape) error {
	return func(s *scanner, l *lineShape) error {
		if l.bare {
			return s.fail(Unexpected, "a line is a chat request or a batch line with the request in body, not both")
		}
		l.Batch = true
		return read(s, l)
	}
}

// customID reads the caller's name of a line. It is copied, so that a line
// that is refused does not hold on to all its text.
func (s *scanner) customID(l *lineShape) error {
	id, err := s.stringValue()
	if err == nil && len(id) > MaxCustomID {
		return s.fail(OutOfRange, "must have at most 256 bytes")
	}
	l.CustomID = strings.Clone(id)
	return err
}

// method reads the HTTP method of a batch line.
func (s *scanner) method(*lineShape) error {
	v, err := s.stringValue()
	if err == nil && v != "POST" {
		return s.fail(OutOfRange, "must be POST")
	}
	return err
}

// url reads the path that a batch line is for.
func (s *scanner) url(*lineShape) error {
	v, err := s.stringValue()
	if err == nil && !strings.HasSuffix(v, "/chat/completions") {
		return s.fail(OutOfRange, "must be /v1/chat/completions: nothing else can be estimated")
	}
	return err
}

// body reads the request of a batch line.
func (s *scanner) body(l *lineShape) error {
	if _, err := s.peek(); err != nil {
		return err
	}
	l.body = true
	from := s.offset()
	s.outside = len(s.path)
	err := object(s, &l.req, requestTable)
	s.outside = 0
	l.req.whole = span{from: from, to: s.offset()}
	return err
}

// byteOrderMark is what some editors put before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// scanLine reads one line from r, up to the end of r. It reports false for one
// that is blank. What is wrong with a line stands in it; the error is what r
// returned, wrapped.
func scanLine(r io.Reader, opts Options, line *Line) (bool, error) {
	s, ok := scanners.Get().(*scanner)
	if !ok {
		return false, io.ErrUnexpectedEOF // unreachable: the pool holds nothing else
	}
	defer s.release()
	s.open(r, opts)
	s.lined = true
	if err := s.space(); err != nil {
		return false, err
	}
	if s.pos == s.end {
		return false, nil
	}
	l := &lineShape{Line: line}
	err := s.line(l)
	if err = cmp.Or(s.refused, err); err != nil {
		return true, err
	}
	if !l.Batch {
		l.req.whole = span{to: s.offset()}
	}
	line.Request = s.seal(&l.req)
	return true, nil
}

// line scans a line that is not blank.
func (s *scanner) line(l *lineShape) error {
	if s.have(len(byteOrderMark)) && bytes.HasPrefix(s.buf[s.pos:s.end], byteOrderMark) {
		return s.fail(Malformed, "there is a byte order mark before the JSON; save the file as UTF-8 without one")
	}
	if s.buf[s.pos] != '{' {
		return s.fail(WrongType, "each line must be a JSON object: a chat completion request or a batch line")
	}
	if err := object(s, l, lineTable); err != nil {
		return err
	}
	if !l.Batch {
		return s.finish(&l.req, "")
	}
	if !l.body {
		return &Error{Kind: Missing, Pointer: "/body", Detail: "body is required in a batch line: the chat completion request"}
	}
	return s.finish(&l.req, "/body")
}
