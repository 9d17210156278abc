package gate

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"tollgate/estimator/chat"
)

// maxLocated bounds a file in which lines are looked for, in bytes. Beyond it
// notes have no line.
const maxLocated = 8 << 20

// place is where in the files of a case something stands.
type place struct {
	file string // empty: the case's own
	line int    // 0 when it is not known
}

// locator finds places in one case. It reads the file when it is first asked,
// which is when there is something to say.
type locator struct {
	in     *input
	loaded bool
	body   []byte // of a request; nil when it is too large or not at hand
}

// load reads the body of the request.
func (l *locator) load() []byte {
	if l.loaded || l.in.open == nil {
		return l.body
	}
	l.loaded = true
	r, err := l.in.open()
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()
	if body, err := io.ReadAll(io.LimitReader(r, maxLocated+1)); err == nil && len(body) <= maxLocated {
		l.body = body
	}
	return l.body
}

// pointer is where the value of an RFC 6901 pointer stands.
func (l *locator) pointer(p string) place {
	switch {
	case l.in.line > 0:
		return place{line: l.in.line}
	case l.in.text != nil && !l.in.text.whole:
		return l.message(p)
	}
	offset, ok := valueAt(l.load(), p)
	if !ok {
		return place{}
	}
	return l.offset(offset)
}

// offset is where a byte of the body stands.
func (l *locator) offset(offset int) place {
	switch {
	case l.in.line > 0:
		return place{line: l.in.line}
	case l.in.text != nil && l.in.text.whole:
		return place{line: l.in.text.sources[0].line(offset)}
	case l.in.text != nil || len(l.load()) == 0 || offset > len(l.body):
		return place{}
	}
	return place{line: 1 + bytes.Count(l.body[:offset], []byte("\n"))}
}

// message is where a message of a prompt comes from.
func (l *locator) message(p string) place {
	rest, ok := strings.CutPrefix(p, "/messages/")
	if !ok {
		return place{}
	}
	i, err := strconv.Atoi(strings.SplitN(rest, "/", 2)[0])
	if err != nil || i < 0 || i >= len(l.in.text.sources) {
		return place{}
	}
	return place{file: l.in.text.sources[i].file, line: 1}
}

// text is where a byte of a message's content stands. In JSON a text is one
// line, so of a request it is the line of the content.
func (l *locator) text(req *chat.Request, message int, rendered string, offset int) place {
	if message < 0 {
		return l.pointer("/tools")
	}
	if t := l.in.text; t != nil && !t.whole && message < len(t.sources) {
		content := req.Messages[message].Content.Text
		src := &t.sources[message]
		at := max(0, offset-max(0, strings.Index(rendered, content)))
		return place{file: src.file, line: src.line(at)}
	}
	return l.pointer("/messages/" + strconv.Itoa(message) + "/content")
}

// valueAt returns where in a JSON text the value of a pointer begins.
func valueAt(body []byte, pointer string) (int, bool) {
	if len(body) == 0 {
		return 0, false
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	steps := strings.Split(pointer, "/")[1:]
	if pointer == "" {
		steps = nil
	}
	for _, step := range steps {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		if !descend(dec, step) {
			return 0, false
		}
	}
	at := int(dec.InputOffset())
	for at < len(body) && strings.IndexByte(" \t\r\n:,", body[at]) >= 0 {
		at++
	}
	return at, true
}

// descend moves a decoder to the member or the element that a step names.
func descend(dec *json.Decoder, step string) bool {
	opening, err := dec.Token()
	if err != nil {
		return false
	}
	switch opening {
	case json.Delim('{'):
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return false
			}
			if key == step {
				return true
			}
			if !skip(dec) {
				return false
			}
		}
	case json.Delim('['):
		want, err := strconv.Atoi(step)
		for i := 0; err == nil && dec.More(); i++ {
			if i == want {
				return true
			}
			if !skip(dec) {
				return false
			}
		}
	}
	return false
}

// skip passes over a value.
func skip(dec *json.Decoder) bool {
	var raw json.RawMessage
	return dec.Decode(&raw) == nil
}
