package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// hasWrk reports whether wrk is installed.
func hasWrk() bool {
	_, err := exec.LookPath("wrk")
	return err == nil
}

var (
	wrkRate   = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkCount  = regexp.MustCompile(`(\d+) requests in`)
	wrkMedian = regexp.MustCompile(`\n\s+50%\s+(\S+)`)
	wrkP99    = regexp.MustCompile(`\n\s+99%\s+(\S+)`)
	wrkWrong  = regexp.MustCompile(`Non-2xx or 3xx responses: \d+|Socket errors: .*`)
)

// flood runs a load of one body for every request by wrk, or as load.run does
// where it is not installed: that takes more of the core for itself.
func (b *bench) flood(l load) (outcome, error) {
	if !hasWrk() {
		return l.run()
	}
	body, script := filepath.Join(b.tmp, "body"), filepath.Join(b.tmp, "wrk.lua")
	if err := os.WriteFile(body, l.body(), 0o600); err != nil {
		return outcome{}, err
	}
	lua := fmt.Sprintf("local f = io.open(%q, 'rb')\nwrk.method = 'POST'\nwrk.body = f:read('*a')\nf:close()\n"+
		"wrk.headers['Content-Type'] = 'application/json'\n", body)
	if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
		return outcome{}, err
	}
	text, err := exec.Command("taskset", "-c", loadCore, "wrk", "-t1", "-c"+strconv.Itoa(l.callers),
		"-d"+strconv.Itoa(int(l.span/time.Second))+"s", "--latency", "-s", script, l.url+l.path).CombinedOutput()
	if err != nil {
		return outcome{}, fmt.Errorf("wrk: %w\n%s", err, text)
	}
	if wrong := wrkWrong.Find(text); wrong != nil {
		return outcome{}, fmt.Errorf("wrk: %s", wrong)
	}
	var o outcome
	var errs [4]error
	o.rps, errs[0] = strconv.ParseFloat(group(wrkRate, text), 64)
	o.median, errs[1] = seconds(group(wrkMedian, text))
	o.p99, errs[2] = seconds(group(wrkP99, text))
	o.requests, errs[3] = strconv.Atoi(group(wrkCount, text))
	return o, errors.Join(errs[:]...)
}

func group(re *regexp.Regexp, text []byte) string {
	if m := re.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

func seconds(text string) (float64, error) {
	d, err := time.ParseDuration(text)
	return d.Seconds(), err
}
