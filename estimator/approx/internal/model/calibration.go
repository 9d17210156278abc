package model

import "math"

// Calibration says how far the truth may lie from an estimate, as measured on
// text that was not trained on. A text of variance v has at least about
// tokens - LowRoot*sqrt(v) - LowLinear*v and at most about
// tokens + HighRoot*sqrt(v) + HighLinear*v tokens: errors of independent causes
// grow with the root, and those that one text shares grow with v itself.
type Calibration struct {
	LowRoot, LowLinear   float64
	HighRoot, HighLinear float64
}

// Slack is how much of a token a bound may be off a whole number and still be
// taken for it: a text whose every piece is known has a variance of nearly
// nothing, and its bounds are its count.
const Slack = 0.1

// Range returns the bounds of an estimate as whole tokens.
func (c Calibration) Range(tokens, variance float64) (low, high int64) {
	down := c.LowRoot*math.Sqrt(variance) + c.LowLinear*variance
	up := c.HighRoot*math.Sqrt(variance) + c.HighLinear*variance
	return int64(math.Ceil(tokens - down - 1 + Slack)), int64(math.Floor(tokens + up + 1 - Slack))
}
