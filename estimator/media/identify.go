package media

import "bytes"

// IdentifyBytes is how many first bytes of a file [Identify] looks at.
const IdentifyBytes = 64

// matroskaType is the element by which a file says that it is Matroska and not
// WebM: its id, its length, its text (RFC 9559).
const matroskaType = "\x42\x82\x88matroska"

// Identify says by the first bytes of a file what a data URL of it has to
// claim: "image/png" is [Image] and [PNG]. The whole file, if it is shorter,
// will do. What is neither an image nor a video that is read here has no kind,
// an error that wraps [ErrUnrecognised] or [ErrUnsupported], and a format if it
// is known what it is instead. A file that begins well may still be broken: that
// a [Probe] finds.
func Identify(head []byte) (Kind, string, error) {
	head = head[:min(len(head), IdentifyBytes)]
	f := sniff(head[:min(len(head), maxHead)])
	if err := f.check(f.kind); err != nil {
		return "", f.name, err
	}
	if f.name == WebM && bytes.Contains(head, []byte(matroskaType)) {
		return f.kind, MKV, nil
	}
	return f.kind, f.name, nil
}
