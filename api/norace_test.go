//go:build !race

package api_test

// raceDetector says that the tests were built with it.
const raceDetector = false
