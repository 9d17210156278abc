package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bench is what every row needs: the programs, the cores, and how long to
// measure.
type bench struct {
	tmp    string
	binary string // the server
	self   string // this program, which also is the floors
	rounds int    // odd, so that a median is one of them
	span   time.Duration
	quick  bool
	curves curves
}

// The cores, by taskset's numbers.
const (
	serverCore = "0"
	loadCore   = "1"
	bothCores  = serverCore + "," + loadCore
)

// newBench builds the server and moves this process to the core of the load.
func newBench(quick bool) (*bench, error) {
	tmp, err := os.MkdirTemp("", "tollgate-speed-")
	if err != nil {
		return nil, err
	}
	b := &bench{tmp: tmp, binary: filepath.Join(tmp, "tollgate"), rounds: 7, span: 3 * time.Second, quick: quick}
	if quick {
		b.rounds, b.span = 3, time.Second
	}
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-trimpath", "-o", b.binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, text)
	}
	if err := pin(os.Getpid(), loadCore); err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(1)
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.tmp) }

// pin keeps a process that is running, all of its threads, to some cores. It
// does nothing on a machine with one core, where the figures mean little.
func pin(pid int, cores string) error {
	if runtime.NumCPU() < 2 {
		return nil
	}
	text, err := exec.Command("taskset", "-a", "-c", "-p", cores, strconv.Itoa(pid)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("taskset (of util-linux): %w: %s", err, text)
	}
	return nil
}

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

// sample is a figure over the rounds.
type sample []float64

func (s sample) sorted() sample {
	t := slices.Clone(s)
	slices.SortFunc(t, cmp.Compare[float64])
	return t
}

// median is the one in the middle; that of an even number is the larger of two.
func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	return s.sorted()[len(s)/2]
}

// at is the figure that a share of all are not above.
func (s sample) at(share float64) float64 {
	if len(s) == 0 {
		return 0
	}
	return s.sorted()[min(int(share*float64(len(s))), len(s)-1)]
}

// spread is the median with the least and the most, in a format for one.
func (s sample) spread(format string) string {
	t := s.sorted()
	return fmt.Sprintf(format+" ("+format+" to "+format+")", s.median(), t[0], t[len(t)-1])
}

// inTurn measures two sides one after the other, round by round, and returns
// what each came to.
func (b *bench) inTurn(a, z func() (float64, error)) (as, zs sample, err error) {
	for range b.rounds {
		x, err := a()
		if err != nil {
			return nil, nil, err
		}
		y, err := z()
		if err != nil {
			return nil, nil, err
		}
		as, zs = append(as, x), append(zs, y)
	}
	return as, zs, nil
}

// over is the ratio of two samples, round by round.
func (s sample) over(floor sample) sample {
	out := make(sample, len(s))
	for i := range s {
		out[i] = s[i] / floor[i]
	}
	return out
}

// processors is how much time the processors had since the system began, and how
// much of that a hypervisor gave to others while somebody here wanted it, in
// ticks. They are 0 where the system does not tell.
type processors struct{ all, stolen float64 }

func processorsNow() (p processors) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	const stolen, last = 8, 8 // what follows is told twice
	for i, field := range strings.Fields(line) {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil || i > last {
			continue
		}
		p.all += ticks
		if i == stolen {
			p.stolen = ticks
		}
	}
	return p
}

// stolenSince is the percentage that others had since then.
func (p processors) stolenSince(then processors) float64 {
	return 100 * (p.stolen - then.stolen) / max(1, p.all-then.all)
}
