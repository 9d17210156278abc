package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxInput is the largest input that is kept, in bytes.
	maxInput = 4 << 10

	// maxInputs is how many inputs of a target are kept.
	maxInputs = 24
)

// keep copies inputs that go test found interesting to the package, where they
// are seeds from then on. The smallest come first, and one stays only if it
// reaches a statement that neither the seeds nor one before it reaches: go test
// keeps every input with a new count of anything, which are thousands.
func (t target) keep() error {
	found, err := t.interesting()
	if err != nil || len(found) == 0 {
		return err
	}
	tmp, err := os.MkdirTemp("", "fuzz")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	c := &coverage{target: t, binary: filepath.Join(tmp, "test"), profile: filepath.Join(tmp, "profile"), seen: map[string]bool{}}
	if err := c.build(); err != nil {
		return err
	}
	if _, err := c.adds("^" + t.name + "$"); err != nil {
		return fmt.Errorf("run the seeds of %s: %w", t, err)
	}
	kept, err := c.choose(found, filepath.Join(t.dir, "testdata", "fuzz", t.name))
	fmt.Fprintf(os.Stderr, "%s: %d of %d inputs kept\n", t, kept, len(found))
	return err
}

// interesting are the inputs that go test keeps in its cache and that are small
// enough, the smallest first.
func (t target) interesting() ([]string, error) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("find the build cache: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(cache)), "fuzz", t.pkg, t.name, "*"))
	if err != nil {
		return nil, err
	}
	size := map[string]int64{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Size() <= maxInput {
			size[path] = info.Size()
		}
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return size[path] == 0 })
	slices.SortStableFunc(paths, func(a, b string) int { return int(size[a] - size[b]) })
	return paths, nil
}

// coverage is what inputs of a target have reached.
type coverage struct {
	target  target
	binary  string // of its tests
	profile string
	seen    map[string]bool // statements, as lines of the profile without their count
}

// choose copies those of the inputs that reach something new to a directory.
func (c *coverage) choose(found []string, dir string) (kept int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(dir) }() // if it is empty
	had, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, path := range found {
		if len(had)+kept >= maxInputs {
			break
		}
		stays, err := c.try(path, filepath.Join(dir, filepath.Base(path)))
		if err != nil {
			return kept, err
		}
		if stays {
			kept++
		}
	}
	return kept, nil
}

func (c *coverage) build() error {
	cmd := exec.Command("go", "test", "-c", buildTags, "-cover", "-coverpkg=./...", "-o", c.binary, c.target.pkg)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", c.target.pkg, err, said)
	}
	return nil
}

// try copies an input to where it would stay, and takes it away again when it
// reaches nothing new, or fails: then go test has written it by itself.
func (c *coverage) try(from, to string) (stays bool, err error) {
	if _, err := os.Stat(to); err == nil {
		return false, nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		return false, err
	}
	stays, err = c.adds("^" + c.target.name + "$/^" + filepath.Base(to) + "$")
	if err != nil || !stays {
		return false, os.Remove(to)
	}
	return true, nil
}

// adds runs seeds and reports whether they reach something new.
func (c *coverage) adds(which string) (bool, error) {
	cmd := exec.Command(c.binary, "-test.run="+which, "-test.coverprofile="+c.profile)
	cmd.Dir = c.target.dir
	if err := cmd.Run(); err != nil {
		return false, err
	}
	text, err := os.ReadFile(c.profile)
	if err != nil {
		return false, err
	}
	added := false
	for line := range bytes.Lines(text) {
		statement, reached := bytes.CutSuffix(bytes.TrimSpace(line), []byte(" 1"))
		if reached && !c.seen[string(statement)] {
			c.seen[string(statement)], added = true, true
		}
	}
	return added, nil
}
