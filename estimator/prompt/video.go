package prompt

import (
	"errors"
	"slices"

	"tollgate/estimator/chat"
	"tollgate/estimator/media"
)

const (
	// maxChunks is how many chunks of a video are rendered one by one. A header
	// can claim any number; a context window of 262,144 tokens holds fewer.
	maxChunks = 1 << 15

	// blockTokens is what a block costs beside its vision tokens.
	blockTokens = 4

	// stampTokens is what a timestamp costs: four groups of digits and three
	// marks.
	stampTokens = media.ChunkOverhead - blockTokens
)

// planVideo is the vision tokens of each chunk of a video, and the timestamps of
// the chunks. Without timestamps it is those of the whole video, with all that
// stands between its chunks.
func planVideo(l media.Limits, m *chat.Media, message, part int) (Vision, []string) {
	v := Vision{Media: m, Message: message, Part: part, Reason: unread(m)}
	if v.Reason != "" {
		v.Low, v.High = stampTokens+1, Unbounded
		v.Tokens = v.Low
		return v, nil
	}
	plans, err := l.Plan(m.Info)
	switch {
	case err != nil:
		v.Reason = "its header does not say how many frames it has, or how fast they run"
		if errors.Is(err, media.ErrUnsupported) {
			v.Reason = "the model is not known to read video"
		}
		v.Low, v.High = stampTokens+1, Unbounded
		v.Tokens = v.Low
	case plans.Low != plans.High:
		v.Reason = "its header does not say exactly how many frames it has, or how fast they run"
		// One more or less: the first timestamp may merge with what stands before it.
		v.Low, v.High = plans.Low.Tokens()-blockTokens-1, plans.High.Tokens()-blockTokens+1
		v.Tokens = plans.Expected.Tokens() - blockTokens
	case plans.Low.Chunks > maxChunks:
		v.Tokens = plans.Low.Tokens() - blockTokens
		v.Low, v.High = v.Tokens, v.Tokens
	default:
		v.Tokens = plans.Low.ChunkTokens
		v.Low, v.High = v.Tokens, v.Tokens
		return v, slices.Collect(plans.Low.Timestamps())
	}
	return v, nil
}
