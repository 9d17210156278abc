//go:build race

package tokenizer_test

// raceDetector is set when pools throw away at random what they are given.
const raceDetector = true
