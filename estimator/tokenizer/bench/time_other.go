//go:build !linux

package main

import "time"

// processorTime stands in with the time on the wall.
func processorTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
