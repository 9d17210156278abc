package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime returns the time the calling thread has had on a processor.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}
