package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
)

// isMedia reports whether a part is meant to be an image or a video.
func isMedia(p *chat.Part) bool {
	switch p.Type {
	case "image_url", "image", "video_url", "video":
		return true
	default:
		return p.Media != nil
	}
}

// subject is an image or a video that is looked at.
type subject struct {
	part    *chat.Part
	pointer string // of the part
	kind    media.Kind
	code    Code // of its format
	formats []string
	width   int // recommended bounds
	height  int
}

// url is the pointer of the member that holds the URL, image_url or video_url,
// which may be the URL itself or an object with it. It goes by what was sent,
// which need not be what the part's type says.
func (s *subject) url() string {
	if s.part.Media == nil {
		return s.pointer
	}
	return s.pointer + "/" + string(s.part.Media.Kind) + "_url"
}

// kindOf tells what a part is, or what it is meant to be if it has no URL.
func kindOf(p *chat.Part) media.Kind {
	switch {
	case p.Media != nil:
		return p.Media.Kind
	case strings.HasPrefix(p.Type, string(media.Video)):
		return media.Video
	default:
		return media.Image
	}
}

// media finds what is wrong with part j of message i. Of one thing it says
// only the first that stands in the way.
func (l *linter) media(i, j int, p *chat.Part) {
	kind := kindOf(p)
	if l.clean(kind, p) {
		return
	}
	s := l.subject(kind, p, fmt.Sprintf("/messages/%d/content/%d", i, j))
	switch {
	case !l.takes(kind):
		l.unsupported(&s)
	case p.Media == nil || p.Media.Source == chat.SourceOther:
		l.badURL(&s)
	case wrongFormat(&s):
		l.badFormat(&s)
	case p.Media.Info.Err != nil:
		l.unreadable(&s)
	default:
		l.mismatch(&s)
		l.tooLarge(&s)
	}
}

func (l *linter) takes(kind media.Kind) bool {
	if kind == media.Video {
		return l.model.SupportsVideoIn
	}
	return l.model.SupportsImageIn
}

// clean reports whether there is nothing to find, without allocating.
func (l *linter) clean(kind media.Kind, p *chat.Part) bool {
	if !l.takes(kind) || p.Media == nil {
		return false
	}
	if p.Media.Source == chat.SourceFile {
		return true
	}
	s := l.subject(kind, p, "")
	return p.Media.Source == chat.SourceData && p.Media.Info.Err == nil &&
		!wrongFormat(&s) && declaredRight(p.Media) && !oversized(&s)
}

func (l *linter) subject(kind media.Kind, p *chat.Part, pointer string) subject {
	params := &l.model.Params
	if kind == media.Video {
		return subject{p, pointer, kind, VideoFormat, params.VideoFormats, params.MaxVideoWidth, params.MaxVideoHeight}
	}
	return subject{p, pointer, kind, ImageFormat, params.ImageFormats, params.MaxImageWidth, params.MaxImageHeight}
}

func (l *linter) unsupported(s *subject) {
	fix := "leave the part out, or choose a model that takes it: the catalogue says which do"
	if s.kind == media.Video && l.model.SupportsImageIn {
		fix = "send single frames as images, or choose a model that takes video"
	}
	l.add(Finding{
		Code: MediaUnsupported, Severity: Error, Pointer: s.pointer,
		Message: fmt.Sprintf("%s takes no %s input", l.model.ID, s.kind),
		Fix:     fix,
	})
}

func (l *linter) badURL(s *subject) {
	message := fmt.Sprintf("the %s is neither a base64 data URL nor an ms:// file id: the vendor fetches nothing", s.kind)
	if s.part.Media == nil {
		message = fmt.Sprintf("the part has no URL of the %s", s.kind)
	}
	l.add(Finding{
		Code: MediaURL, Severity: Error, Pointer: s.url(), Message: message,
		Fix: fmt.Sprintf("send it as data:%s/...;base64,... or upload it and send ms://<file-id>", s.kind),
	})
}

// wrongFormat reports whether the bytes of a data URL are of a format that the model does
// not take. It is the bytes that the vendor goes by, not what a data URL
// claims.
func wrongFormat(s *subject) bool {
	i := &s.part.Media.Info
	switch {
	case len(s.formats) == 0:
		return false // nothing is known to be refused
	case errors.Is(i.Err, media.ErrUnrecognised), errors.Is(i.Err, media.ErrUnsupported), errors.Is(i.Err, media.ErrKind):
		return true
	case i.Format == "":
		return i.Err == nil
	default:
		return !slices.Contains(s.formats, i.Format)
	}
}

func (l *linter) badFormat(s *subject) {
	is := "of no known format"
	if f := s.part.Media.Info.Format; f != "" {
		is = f
	}
	l.add(Finding{
		Code: s.code, Severity: Error, Pointer: s.url(),
		Message: fmt.Sprintf("the bytes of the %s are %s; %s takes %s", s.kind, is, l.model.ID, strings.Join(s.formats, ", ")),
		Fix:     fmt.Sprintf("convert it to %s", s.formats[0]),
	})
}

// unreadable finds media whose header does not say how large they are. Broken
// files the vendor cannot decode either; what is merely not read here may be
// well.
func (l *linter) unreadable(s *subject) {
	err := s.part.Media.Info.Err
	f := Finding{
		Code: MediaUnreadable, Severity: Warning, Pointer: s.url(),
		Message: fmt.Sprintf("the size of the %s cannot be read, so its tokens are bounded, not counted: %v", s.kind, err),
		Fix:     "ask the vendor's counting endpoint, or write the file again with another program",
	}
	if errors.Is(err, media.ErrEncoding) || errors.Is(err, media.ErrTruncated) || errors.Is(err, media.ErrInvalid) {
		f.Severity = Error
		f.Message = fmt.Sprintf("the %s is broken: %v", s.kind, err)
		f.Fix = "encode the whole file in standard base64, with padding and without line breaks"
	}
	l.add(f)
}

// declaredRight reports whether a data URL claims the format that its bytes
// have.
func declaredRight(m *chat.Media) bool {
	family, name, _ := strings.Cut(m.MediaType, "/")
	return family == string(m.Kind) && sameFormat(name, m.Info.Format)
}

// sameFormat compares the second half of a media type with a format, whose
// names are mostly the same.
func sameFormat(declared, format string) bool {
	switch declared {
	case "jpg", "pjpeg":
		declared = "jpeg"
	case "quicktime":
		declared = "mov"
	case "x-msvideo", "msvideo":
		declared = "avi"
	case "x-ms-wmv", "x-ms-asf":
		declared = "wmv"
	case "flv":
		declared = "x-flv"
	case "mpg":
		declared = "mpeg"
	}
	if format == "mpg" {
		format = "mpeg"
	}
	return declared == format
}

func (l *linter) mismatch(s *subject) {
	if declaredRight(s.part.Media) {
		return
	}
	l.add(Finding{
		Code: s.code, Severity: Warning, Pointer: s.url(),
		Message: fmt.Sprintf("the data URL claims another format than the bytes have, which is %s", s.part.Media.Info.Format),
		Fix:     fmt.Sprintf("begin it with data:%s/%s;base64,", s.kind, s.part.Media.Info.Format),
	})
}

// oversized reports whether media are larger than the bounds, whichever way
// they are turned.
func oversized(s *subject) bool {
	if s.width == 0 || s.height == 0 {
		return false
	}
	i := &s.part.Media.Info
	return max(i.Width, i.Height) > max(s.width, s.height) || min(i.Width, i.Height) > min(s.width, s.height)
}

func (l *linter) tooLarge(s *subject) {
	if !oversized(s) {
		return
	}
	i := &s.part.Media.Info
	l.add(Finding{
		Code: MediaResolution, Severity: Warning, Pointer: s.url(),
		Message: fmt.Sprintf("the %s has %dx%d pixels: over %dx%d it costs more and gains nothing", s.kind, i.Width, i.Height, s.width, s.height),
		Fix:     fmt.Sprintf("scale it down to fit %dx%d", s.width, s.height),
	})
}
