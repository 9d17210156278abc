package prompt

import "tollgate/estimator/chat"

// video renders a video whose chunks are not known one by one: all of it is one
// count of vision tokens.
func (r *im) video(i, j int, m *chat.Media) {
	v := Vision{Media: m, Message: i, Part: j, Low: 1, Tokens: 1, High: Unbounded, Reason: unread(m)}
	if v.Reason == "" {
		v.Reason = "its frames are not known"
	}
	r.block(i, "video", v)
}
