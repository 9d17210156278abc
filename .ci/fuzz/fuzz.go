package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	progressOf = regexp.MustCompile(`fuzz: elapsed: (\S+), execs: (\d+) .*new interesting: (\d+)`)
	failureOf  = regexp.MustCompile(`Failing input written to (\S+)`)
)

// fuzz runs the target for a time.
func (t target) fuzz(length time.Duration) *record {
	args := []string{
		"go", "test", buildTags, "-run=^$", "-fuzz=^" + t.name + "$", "-fuzztime=" + length.String(),
		"-fuzzminimizetime=1s", "-parallel=1", t.pkg,
	}
	if nice, err := exec.LookPath("nice"); err == nil {
		args = append([]string{nice, "-n", "15"}, args...)
	}
	fmt.Fprintln(os.Stderr, strings.Join(args, " "))
	r := &record{target: t, date: time.Now().UTC(), result: ok}
	var said bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout = io.MultiWriter(os.Stderr, &said)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	for _, m := range progressOf.FindAllStringSubmatch(said.String(), -1) {
		elapsed, _ := time.ParseDuration(m[1])
		r.seconds = int(elapsed.Seconds())
		r.executions, _ = strconv.Atoi(m[2])
		r.inputs, _ = strconv.Atoi(m[3])
	}
	if err != nil {
		r.result = verdict(said.String(), err, r.seconds >= int(length.Seconds()))
	}
	return r
}

// verdict tells a target that failed from one that go test failed by its own
// deadline at the end of the time, which is no finding:
// https://github.com/golang/go/issues/75804.
func verdict(said string, err error, done bool) string {
	if m := failureOf.FindStringSubmatch(said); m != nil {
		return "failed: " + m[1]
	}
	if done && strings.Contains(said, "context deadline exceeded") {
		return ok
	}
	return "failed: " + err.Error()
}
