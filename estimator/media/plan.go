package media

import (
	"fmt"
	"iter"
	"math"
)

// ChunkOverhead is the tokens of a chunk of frames beside those of its picture:
// 7 of the timestamp, and <|media_begin|>, "video", <|media_content|> and
// <|media_end|>. Digits before a timestamp may merge with it.
const ChunkOverhead = 11

// Plan is how a video becomes tokens: frames are taken of it at even distances,
// and a few neighbours share the tokens of one picture.
type Plan struct {
	Chunks      int64 // pictures in the prompt
	ChunkTokens int64 // tokens of each picture, without what stands around it

	frames  int64
	fps     float64
	samples int64
	group   int64
}

// Plans is what is known of how a video becomes tokens. The three are equal
// where its size, frames and rate are known.
type Plans struct {
	Low, Expected, High Plan
}

// Plan works out how a video becomes tokens. Its error is info.Err if there is
// one, [ErrUnsupported] if the family reads no video, and [ErrUnknown] if the
// size, frames or rate are not even bounded.
func (l Limits) Plan(info Info) (Plans, error) {
	switch {
	case info.Err != nil:
		return Plans{}, info.Err
	case l.ChunkFrames == 0:
		return Plans{}, fault(ErrUnsupported, "video")
	case info.Width <= 0 || info.Height <= 0:
		return Plans{}, fault(ErrUnknown, "width and height")
	case info.FramesLow <= 0 || info.FramesHigh < info.FramesLow:
		return Plans{}, fault(ErrUnknown, "frames")
	case !(info.FPSLow > 0) || !(info.FPSHigh >= info.FPSLow) || math.IsInf(info.FPSHigh, 0):
		return Plans{}, fault(ErrUnknown, "frame rate")
	}
	frames := info.FramesLow + (info.FramesHigh-info.FramesLow)/2
	plans := Plans{
		Low:      l.plan(info, info.FramesLow, info.FPSHigh),
		Expected: l.plan(info, frames, info.FPSLow+(info.FPSHigh-info.FPSLow)/2),
		High:     l.plan(info, info.FramesHigh, info.FPSLow),
	}
	// The more frames there are, the less each may cost where a limit is for all.
	plans.Low.ChunkTokens, plans.High.ChunkTokens = plans.High.ChunkTokens, plans.Low.ChunkTokens
	return plans, nil
}

// VideoTokens is the tokens of a video with the timestamps and control tokens
// between its pictures, and bounds of them. Errors are those of [Limits.Plan].
func (l Limits) VideoTokens(info Info) (low, expected, high int64, err error) {
	plans, err := l.Plan(info)
	if err != nil {
		return 0, 0, 0, err
	}
	return plans.Low.Tokens(), plans.Expected.Tokens(), plans.High.Tokens(), nil
}

// plan follows the float64 steps of the published code.
func (l Limits) plan(info Info, frames int64, fps float64) Plan {
	rate := min(l.SampleFPS, fps)
	samples := max(int64(math.RoundToEven(float64(frames)*rate/fps)), 1)
	patches := l.FramePatches
	if l.VideoPatches > 0 {
		share := int(math.RoundToEven(float64(l.VideoPatches) / float64(samples)))
		patches = max(min(patches, share), 1)
	}
	group := int64(l.ChunkFrames)
	return Plan{
		Chunks:      (samples + group - 1) / group,
		ChunkTokens: l.tokens(info.Width, info.Height, patches),
		frames:      frames, fps: fps, samples: samples, group: group,
	}
}

// Tokens is the tokens of the video, but for the newline that a template may
// put behind it.
func (p Plan) Tokens() int64 { return p.Chunks * (p.ChunkTokens + ChunkOverhead) }

// Timestamps yields the text before each chunk's picture, such as 00:00:02.034.
// A video may have many: a caller with a limit should look at Chunks first.
func (p Plan) Timestamps() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range p.Chunks {
			if !yield(timestamp(p.frame(i*p.group) / p.fps)) {
				return
			}
		}
	}
}

// frame is the index of the i-th frame that is taken, as numpy.linspace has it.
func (p Plan) frame(i int64) float64 {
	last := float64(p.frames - 1)
	switch {
	case p.samples == 1:
		return 0
	case i == p.samples-1:
		return last
	}
	return math.RoundToEven(float64(i) * (last / float64(p.samples-1)))
}

// timestamp writes a moment, in seconds, as Python's datetime does it, which
// rounds the moment to a microsecond for the seconds and begins again at each
// midnight; the milliseconds are cut off from the moment as it is.
func timestamp(at float64) string {
	whole, part := math.Modf(at)
	if math.RoundToEven(part*1e6) >= 1e6 {
		whole++
	}
	day := int64(math.Mod(whole, 86400))
	return fmt.Sprintf("%02d:%02d:%02d.%03d", day/3600, day/60%60, day%60, int(part*1000))
}
