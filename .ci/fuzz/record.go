package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ok is the result of a target that found nothing wrong.
const ok = "ok"

// columns is the head of the record.
const columns = "target\tdate\tcommit\tseconds\texecutions\tnew inputs\tresult\n"

// record is one run of a target.
type record struct {
	target     target
	date       time.Time
	seconds    int
	executions int
	inputs     int // that reach new code, by the count of go test
	result     string
}

// append adds the run to the record. Two commands may do so at once.
func (r *record) append(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("record the run: %w", err)
	}
	line := fmt.Sprintf("%s\t%s\t%s\t%d\t%d\t%d\t%s\n", r.target, r.date.Format(time.DateOnly), commit(),
		r.seconds, r.executions, r.inputs, r.result)
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		line = columns + line
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

// commit is what is checked out.
func commit() string {
	b, _ := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	return strings.TrimSpace(string(b))
}

// readRecord returns how long each target ran, since it last failed.
func readRecord(path string) (map[string]time.Duration, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	ran := map[string]time.Duration{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 7 || cells[0] == "target" {
			continue
		}
		seconds, err := strconv.Atoi(cells[3])
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no number of seconds", path, cells[3])
		}
		ran[cells[0]] += time.Duration(seconds) * time.Second
		if cells[6] != ok {
			ran[cells[0]] = 0
		}
	}
	return ran, nil
}
