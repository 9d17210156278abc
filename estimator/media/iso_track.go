package media

import "encoding/binary"

// isoTrack is what the boxes of a track say. Times are in ticks of its scale.
type isoTrack struct {
	id            uint32
	scale         uint32
	video         bool
	width, height int

	samples int64  // by the table of sizes, and of fragments
	timed   uint64 // samples by the table of durations, and of fragments
	total   uint64 // duration of all these
	longest uint32 // duration of one

	shift int64        // by which the first sample is shown later than it is decoded
	edits int          // entries of the edit list
	cuts  [4]isoWindow // those that show something
	ncuts int
}

// isoWindow is a stretch of a track that is shown.
type isoWindow struct {
	start  int64  // in ticks of the track
	length uint64 // in ticks of the movie; 0 means to the end
}

// times takes a row of the table of durations.
func (t *isoTrack) times(n, duration uint32) {
	t.timed += uint64(n)
	t.total += uint64(n) * uint64(duration)
	if n > 0 {
		t.longest = max(t.longest, duration)
	}
}

// edit takes a row of the edit list.
func (t *isoTrack) edit(b []byte) {
	var w isoWindow
	if len(b) == 20 {
		w.length, w.start = binary.BigEndian.Uint64(b), int64(binary.BigEndian.Uint64(b[8:])) //nolint:gosec // -1 is an empty edit
	} else {
		w.length, w.start = uint64(binary.BigEndian.Uint32(b)), int64(int32(binary.BigEndian.Uint32(b[4:]))) //nolint:gosec // the same
	}
	t.edits++
	if w.start >= 0 && t.ncuts < len(t.cuts) {
		t.cuts[t.ncuts] = w
		t.ncuts++
	}
}

// found sums up the track of a movie of the given scale.
func (t *isoTrack) found(movie uint32) found {
	f := found{width: t.width, height: t.height, framesLow: t.samples, framesHigh: t.samples}
	if timed := int64(min(t.timed, maxFrames+1)); timed > 0 {
		f.framesLow, f.framesHigh = min(t.samples, timed), max(t.samples, timed)
	}
	if shown := t.shown(movie); shown < f.framesLow {
		f.framesLow = max(shown, 1)
	}
	if t.total > 0 {
		f.fpsLow = float64(t.scale) * float64(t.timed) / float64(t.total)
		f.fpsHigh = f.fpsLow
	}
	return f
}

// shown is the least number of samples that the edit list leaves. Some readers
// follow it, others show all, so it is a lower bound.
func (t *isoTrack) shown(movie uint32) int64 {
	if t.ncuts == 0 || t.longest == 0 || movie == 0 {
		return t.samples
	}
	var ticks float64
	from, to := float64(t.shift), float64(t.shift)+float64(t.total)
	for _, w := range t.cuts[:t.ncuts] {
		start := max(float64(w.start), from)
		end := to
		if w.length > 0 {
			end = min(to, float64(w.start)+float64(w.length)/float64(movie)*float64(t.scale))
		}
		ticks += max(end-start, 0)
	}
	// The length of an edit is rounded to ticks of the movie, often of 1/1000 s.
	rounding := float64(t.scale) / float64(movie)
	if t.edits > len(t.cuts) || ticks+rounding >= to-from {
		return t.samples
	}
	return int64(ticks / float64(t.longest))
}
