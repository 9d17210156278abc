package prompt

import (
	"tollgate/estimator/chat"
	"tollgate/estimator/media"
)

// Unbounded is the High of vision tokens that nothing bounds.
const Unbounded int64 = -1

// imageVision is the vision tokens of an image.
func imageVision(l media.Limits, m *chat.Media, message, part int) Vision {
	v := Vision{Media: m, Message: message, Part: part}
	if reason := unread(m); reason != "" {
		v.Reason = reason
		v.Low, v.High = 1, l.MaxImageTokens()
		v.Tokens = (v.Low + v.High) / 2
		return v
	}
	v.Tokens = l.ImageTokens(m.Info.Width, m.Info.Height)
	v.Low, v.High = v.Tokens, v.Tokens
	return v
}

// unread says why the size of a picture is not known; it is empty if it is.
func unread(m *chat.Media) string {
	switch {
	case m == nil:
		return "the part carries no url"
	case m.Source == chat.SourceFile:
		return "the file lies with the vendor, and its size is not in the request"
	case m.Source != chat.SourceData:
		return "only data URLs can be looked into"
	case m.Info.Err != nil:
		return "its header could not be read"
	case m.Info.Width <= 0 || m.Info.Height <= 0:
		return "its header does not say its size"
	}
	return ""
}
