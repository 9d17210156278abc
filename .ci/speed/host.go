package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// about says what was measured where.
func (b *bench) about() string {
	commit := strings.TrimSpace(output("git", "rev-parse", "--short=12", "HEAD"))
	if output("git", "status", "--porcelain", "--untracked-files=no", "--", ":!api/SPEED.md", ":!api/speed.svg") != "" {
		commit += " with changes"
	}
	return fmt.Sprintf("Made on %s from commit %s by `go run ./.ci/speed`, on %d cores (%s, %s/%s) with %s; %d rounds of %s.",
		time.Now().UTC().Format(time.DateOnly), commit, runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), b.rounds, b.span)
}

// processor is the name of the processor, as far as the system tells.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// output is what a command prints, empty if it fails.
func output(name string, args ...string) string {
	text, _ := exec.Command(name, args...).Output()
	return string(text)
}

// hostTime is how much time the processors had since the system began, and how
// much of that a hypervisor gave to others while somebody here wanted it, in
// ticks. They are 0 where the system does not tell.
type hostTime struct{ all, stolen float64 }

func hostTimeNow() (t hostTime) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	const stolen, last = 8, 8 // what follows is told twice
	for i, field := range strings.Fields(line) {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil || i > last {
			continue
		}
		t.all += ticks
		if i == stolen {
			t.stolen = ticks
		}
	}
	return t
}

// stolenSince is the percentage that others had since then.
func (t hostTime) stolenSince(then hostTime) float64 {
	return 100 * (t.stolen - then.stolen) / max(1, t.all-then.all)
}
