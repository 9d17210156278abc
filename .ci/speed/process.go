package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// process is a server that was started: the one to measure, or a floor.
type process struct {
	cmd  *exec.Cmd
	url  string
	said bytes.Buffer // on its standard error
}

// serve starts the server on a core, with settings over those of a test bed:
// it says only what is wrong, as the floors say nothing.
func (b *bench) serve(cores string, env ...string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p, err := start(cores, "http://"+addr, append([]string{
		"TOLLGATE_ADDR=" + addr, "TOLLGATE_LOG_LEVEL=warn", "XDG_DATA_HOME=" + b.tmp + "/data",
	}, env...), b.binary)
	if err != nil {
		return nil, err
	}
	return p, p.wait("/readyz")
}

// floor starts one of the floors on a core.
func (b *bench) floor(cores, name string, args ...string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p, err := start(cores, "http://"+addr, nil, b.self, append([]string{"floor", name, addr}, args...)...)
	if err != nil {
		return nil, err
	}
	return p, p.wait("/")
}

// awake keeps all cores from falling asleep, at the lowest priority there is,
// until the process is stopped.
func (b *bench) awake() (*process, error) {
	p := &process{cmd: exec.Command("taskset", "-c", bothCores, "chrt", "--idle", "0", b.self, "floor", "awake")}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("taskset or chrt (of util-linux): %w", err)
	}
	return p, nil
}

// start starts a program on some cores; its environment is env and nothing of
// this process's but the path.
func start(cores, url string, env []string, program string, args ...string) (*process, error) {
	p := command(cores, url, env, program, args...)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

// command is start without starting it.
func command(cores, url string, env []string, program string, args ...string) *process {
	p := &process{url: url, cmd: exec.Command("taskset", append([]string{"-c", cores, program}, args...)...)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	p.cmd.Stderr = &p.said
	return p
}

// wait waits until any answer comes.
func (p *process) wait(path string) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if answer, err := http.Get(p.url + path); err == nil {
			return answer.Body.Close()
		}
	}
	return errors.Join(fmt.Errorf("no answer from %s\n%s", p.cmd, p.said.String()), p.cmd.Process.Kill())
}

// stop ends the process.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// memory is a member of what Linux says of the process, in bytes: VmRSS is
// what it has now, VmHWM the most that it had.
func (p *process) memory(member string) (float64, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), member+":")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseFloat(kib, 64)
	return n * 1024, err
}

// ticks are how often a second Linux counts processor time, on every machine
// that Go runs on.
const ticks = 100

// processorTime is what the process has used of its core, in seconds.
func (p *process) processorTime() (float64, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // behind the name
	fields := strings.Fields(rest)
	const user, system = 11, 12 // utime and stime, of proc(5)
	if len(fields) <= system {
		return 0, errors.New("proc/PID/stat is not as it was")
	}
	u, err1 := strconv.ParseFloat(fields[user], 64)
	s, err2 := strconv.ParseFloat(fields[system], 64)
	return (u + s) / ticks, errors.Join(err1, err2)
}

// freeAddr is an address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
