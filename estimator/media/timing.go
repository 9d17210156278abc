package media

import "math"

const (
	// maxFrames is the most frames that a video is believed to have: 19 hours at
	// 60 a second. It bounds what a lying header can make others count.
	maxFrames = 1 << 22
	// maxRate is the most frames a second that are believed.
	maxRate = 1e5
	// estimate is how far readers may be off that measure a rate by the first
	// frames, where the container does not tell it.
	estimate = 0.02
)

// span is the time that frames cover, by their timestamps in any order.
type span struct {
	n         int64 // timestamps
	low, high int64
}

func (s *span) add(at int64) {
	if s.n == 0 || at < s.low {
		s.low = at
	}
	if s.n == 0 || at > s.high {
		s.high = at
	}
	s.n++
}

// rate bounds the average rate of the frames, in frames a second, given what
// the container declares, or 0, and the ticks a second of the timestamps. Where
// the two agree to half a frame the declared rate is the rate.
func (s *span) rate(declared, ticks float64) (low, high float64) {
	return boundRate(declared, float64(s.n-1), (float64(s.high)-float64(s.low))/ticks, 1/ticks)
}

// boundRate is rate for a number of frames in so many seconds, known to tick.
func boundRate(declared, frames, seconds, tick float64) (low, high float64) {
	if !(declared > 0) || declared > maxRate {
		declared = 0
	}
	if frames < 1 || !(seconds > tick) {
		return declared, declared
	}
	if declared > 0 && math.Abs(frames/declared-seconds) <= max(0.5/declared, 2*tick) {
		return declared, declared
	}
	low = frames / (seconds + tick) * (1 - estimate)
	high = frames / (seconds - tick) * (1 + estimate)
	if declared > 0 {
		low, high = min(low, declared), max(high, declared)
	}
	return low, high
}

// periodRate is the rate of frames that are so many parts of a second apart,
// parts being so fine that a rate is one a person would choose.
func periodRate(period uint64, parts float64) float64 {
	if period == 0 {
		return 0
	}
	for _, known := range [...]float64{24000. / 1001, 30000. / 1001, 48000. / 1001, 60000. / 1001, 120000. / 1001} {
		if math.Abs(parts/known-float64(period)) <= 1 {
			return known
		}
	}
	rate := parts / float64(period)
	if whole := math.Round(rate); whole > 0 && math.Abs(parts/whole-float64(period)) <= 1 {
		return whole
	}
	return rate
}

// found is what a parser has learned of a video.
type found struct {
	width, height         int
	framesLow, framesHigh int64
	fpsLow, fpsHigh       float64
}

// settle writes f to info, and says what is missing or beyond belief.
func (f found) settle(info *Info) error {
	info.Width, info.Height = f.width, f.height
	info.FramesLow, info.FramesHigh = min(max(f.framesLow, 1), f.framesHigh), f.framesHigh
	info.FPSLow, info.FPSHigh = f.fpsLow, f.fpsHigh
	if f.framesHigh == 1 && f.fpsLow == 0 {
		info.FPSLow, info.FPSHigh = 1, 1 // the one frame is taken at any rate
	}
	switch {
	case f.framesHigh == 0:
		return fault(ErrUnknown, "no frames of video")
	case f.width <= 0 || f.height <= 0:
		return fault(ErrUnknown, "width and height of the video")
	case f.framesHigh > maxFrames:
		return fault(ErrLimit, "more frames than can be believed")
	case info.FPSLow <= 0:
		return fault(ErrUnknown, "frame rate of the video")
	case info.FPSHigh > maxRate:
		return fault(ErrInvalid, "frame rate of the video")
	}
	return nil
}
