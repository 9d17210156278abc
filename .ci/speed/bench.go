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
