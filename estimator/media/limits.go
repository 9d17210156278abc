package media

import "math"

// Limits are the parameters by which a family of models turns pictures into
// tokens. A patch is a square of pixels; Merge times Merge patches make a
// token. The zero value is of no family: use [K25], [K3] or [KimiVL].
type Limits struct {
	Patch        int     // side of a patch, in pixels
	Merge        int     // patches on a side of a token
	SidePatches  int     // most patches on a side of a picture
	ImagePatches int     // most patches of an image, before rounding up to tokens
	FramePatches int     // the same of a frame of a video
	VideoPatches int     // most patches of all frames of a video together; 0 means no limit
	SampleFPS    float64 // most frames that are taken of a second of video
	ChunkFrames  int     // frames taken that share the tokens of one; 0 means that the family reads no video
	RefuseSide   bool    // a picture with more patches on a side is refused, where other families shrink it
}

// K25 is the limits of Kimi K2.5 and K2.6, from preprocessor_config.json and
// media_utils.py of the published weights (https://huggingface.co/moonshotai/Kimi-K2.5).
func K25() Limits {
	return Limits{
		Patch: 14, Merge: 2, SidePatches: 512, ImagePatches: 16384, FramePatches: 4096,
		SampleFPS: 2, ChunkFrames: 4,
	}
}

// K3 is the limits of Kimi K3, from its preprocessor_config.json
// (https://huggingface.co/moonshotai/Kimi-K3).
func K3() Limits {
	return Limits{
		Patch: 14, Merge: 2, SidePatches: 512, ImagePatches: 65536, FramePatches: 16384,
		VideoPatches: 655360, SampleFPS: 8, ChunkFrames: 4,
	}
}

// KimiVL is the limits of the moonshot-v1 vision models, taken to be those of
// Kimi-VL, from preprocessor_config.json and image_processing_kimi_vl.py of the
// published weights (https://huggingface.co/moonshotai/Kimi-VL-A3B-Instruct).
// That the hosted models share them is likely, not known.
func KimiVL() Limits {
	return Limits{Patch: 14, Merge: 2, SidePatches: 512, ImagePatches: 4096, FramePatches: 4096, RefuseSide: true}
}

// ImageTokens is the number of tokens of an image of w by h stored pixels,
// without the control tokens around them. It is at least 1, and at most
// [Limits.MaxImageTokens] for an image that is not [Limits.Refused].
func (l Limits) ImageTokens(w, h int) int64 { return l.tokens(w, h, l.ImagePatches) }

// FrameTokens is the same for a frame of a video, before the limit of the video
// as a whole. It is also the tokens of a chunk of frames.
func (l Limits) FrameTokens(w, h int) int64 { return l.tokens(w, h, l.FramePatches) }

// Refused reports whether the family refuses an image for its proportions.
func (l Limits) Refused(w, h int) bool {
	if !l.RefuseSide {
		return false
	}
	w, h = l.resize(w, h, l.ImagePatches)
	token := l.Patch * l.Merge
	return max(ceilDiv(w, token), ceilDiv(h, token))*l.Merge >= l.SidePatches
}

func (l Limits) tokens(w, h, patches int) int64 {
	w, h = l.resize(w, h, patches)
	token := l.Patch * l.Merge
	return int64(ceilDiv(w, token)) * int64(ceilDiv(h, token))
}

// resize is the size that a picture is scaled to, in the float64 steps of the
// published code. No picture is enlarged.
func (l Limits) resize(w, h, patches int) (width, height int) {
	w, h = max(w, 1), max(h, 1)
	across, down := float64(max(1, w/l.Patch)), float64(max(1, h/l.Patch))
	scale := math.Sqrt(float64(patches) / (across * down))
	side := math.MaxInt
	if !l.RefuseSide {
		side = l.SidePatches * l.Patch
		scale = min(scale, float64(side)/float64(w), float64(side)/float64(h))
	}
	if scale >= 1 {
		return w, h
	}
	shrink := func(n int) int { return min(max(1, int(float64(n)*scale)), side) }
	return shrink(w), shrink(h)
}

// MaxImageTokens is the most tokens that any image can cost: the bound to use
// where its size is not known.
func (l Limits) MaxImageTokens() int64 { return l.maxTokens(l.ImagePatches) }

// MaxFrameTokens is the most tokens that a chunk of frames can cost.
func (l Limits) MaxFrameTokens() int64 { return l.maxTokens(l.FramePatches) }

// maxTokens bounds the product of tokens across and down.
//
// Let u and v be the sides after scaling, in patches. A side of w pixels has
// w div 14 whole patches, a say, and w/14 <= a + 13/14. As nothing is enlarged
// a >= u - 13/14, so (w/14)/a <= grow(u) = 1 + (13/14)/max(1, u - 13/14), and
// the scale makes uv <= patches * grow(u) * grow(v). p tokens across need
// u > 2(p-1), and likewise down. u/grow(u) increases with u, so p by q tokens
// are out of reach unless they hold the inequality at u = 2(p-1), v = 2(q-1).
// The bound is the largest p*q that holds it; it walks along its edge.
func (l Limits) maxTokens(patches int) int64 {
	merge, spare := float64(l.Merge), float64(l.Patch-1)/float64(l.Patch)
	least := func(tokens int) float64 {
		u := merge * float64(tokens-1)
		return u / (1 + spare/max(1, u-spare))
	}
	budget := float64(patches) * (1 + 1e-9) // room for rounding
	side := l.SidePatches / l.Merge
	most, down := 0, side
	for across := 1; across <= side; across++ {
		for down > 1 && least(across)*least(down) > budget {
			down--
		}
		most = max(most, across*down)
	}
	return int64(most)
}

func ceilDiv(n, by int) int { return (n + by - 1) / by }
