package chat

import (
	"bytes"
	"strings"

	"tollgate/estimator/media"
)

// maxURLHead is how much of a URL is looked at to tell what it is, in bytes. A
// data URL says its media type in far less.
const maxURLHead = 256

// mediaURL reads the url of an image or a video. Of a data URL, which can be
// 100 MB long, no more is ever held than the window and what the media probe
// needs: the bytes are hashed and shown to the probe as they pass.
func (s *scanner) mediaURL(m *Media) error {
	if err := s.quote(); err != nil {
		return err
	}
	sum := s.longHash()
	u := urlReader{m: m, head: s.scratch[:0]}
	for closed := false; !closed; {
		var seg []byte
		var err error
		if seg, closed, err = s.segment(); err != nil {
			return err
		}
		_, _ = sum.Write(seg)
		m.Bytes += int64(len(seg))
		u.take(seg)
	}
	s.scratch = u.head
	sum.Sum(m.digest[:0])
	u.finish()
	return nil
}

// urlReader takes a media URL in pieces.
type urlReader struct {
	m     *Media
	head  []byte // the URL up to its first comma, or to maxURLHead
	known bool   // the head is complete and was looked at
	probe *media.Probe
}

// take takes the next piece of the URL.
func (u *urlReader) take(seg []byte) {
	if !u.known {
		seg = u.takeHead(seg)
	}
	if u.probe != nil && len(seg) > 0 && !u.probe.Done() {
		_, _ = u.probe.Write(seg)
	}
}

// takeHead takes what seg has of the head, and returns the rest.
func (u *urlReader) takeHead(seg []byte) []byte {
	end := bytes.IndexByte(seg, ',')
	u.known = end >= 0 || len(u.head)+len(seg) > maxURLHead
	if end < 0 {
		u.head = append(u.head, seg[:min(len(seg), maxURLHead)]...)
		return nil
	}
	u.head = append(u.head, seg[:min(end, maxURLHead)]...)
	if mediaType, ok := base64Type(string(u.head)); ok {
		u.m.Source, u.m.MediaType = SourceData, mediaType
		u.probe = media.NewProbe(u.m.Kind, mediaType)
	}
	return seg[end+1:]
}

// finish says what the URL was.
func (u *urlReader) finish() {
	switch {
	case u.probe != nil:
		u.m.Info = u.probe.Info()
	case bytes.HasPrefix(u.head, []byte("ms://")) && len(u.head) > len("ms://"):
		u.m.Source = SourceFile
	}
}

// base64Type returns the media type of a data URL (RFC 2397) with base64
// content, whose part before the comma is head.
func base64Type(head string) (mediaType string, ok bool) {
	head = strings.ToLower(head)
	head, ok = strings.CutPrefix(head, "data:")
	if !ok {
		return "", false
	}
	head, ok = strings.CutSuffix(head, ";base64")
	if !ok {
		return "", false
	}
	mediaType, _, _ = strings.Cut(head, ";")
	return strings.TrimSpace(mediaType), true
}
