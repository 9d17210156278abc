package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// row6 is what the service takes up beside time.
func row6() row {
	return row{
		number: 6, title: "allocations, start, memory", measure: measureFootprint,
		bound: "Most of a start is the Go runtime and the tables of the packages; with the vocabulary, reading its 2.8 MB and checking their SHA-256.",
	}
}

func measureFootprint(b *bench) ([]figure, error) {
	allocs, err := tested(`(\d+) allocations a cache hit`, "test", "-count=1", "-v", "-run=ACachedEstimateAllocatesLittle", "./api")
	if err != nil {
		return nil, err
	}
	figures := []figure{{
		what: "allocations of a cache hit, in the handler", floor: "a test", wanted: "at most 25",
		reached: fmt.Sprintf("%.0f", allocs), met: judge(allocs <= 25),
	}}
	for _, kind := range []struct {
		name          string
		vocabulary    string
		within, below float64 // ms, MB
	}{
		{"without the vocabulary", "", 150, 40},
		{"with the vocabulary", vocabulary(), 300, 90},
	} {
		if kind.vocabulary == "" && kind.within == 300 {
			figures = append(figures, figure{what: "start and memory " + kind.name, wanted: "300 ms, 90 MB", reached: "needs TOLLGATE_TEST_KIMI", met: absent})
			continue
		}
		got, err := b.startAndRest(kind.name, kind.vocabulary, kind.within, kind.below)
		if err != nil {
			return nil, err
		}
		figures = append(figures, got...)
	}
	return b.cacheMemory(figures)
}

// vocabulary is the path of the vocabulary, empty where it is not.
func vocabulary() string {
	path := filepath.Join(os.Getenv("TOLLGATE_TEST_KIMI"), "tiktoken.model")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// startAndRest measures the time from the start of the process to its first
// estimate, and what is resident a second later.
func (b *bench) startAndRest(name, vocab string, within, below float64) ([]figure, error) {
	var took, rest sample
	for range 3 * b.rounds {
		ms, mb, err := b.startOnce(vocab, len(rest) < b.rounds)
		if err != nil {
			return nil, err
		}
		took = append(took, ms)
		if mb > 0 {
			rest = append(rest, mb)
		}
	}
	return []figure{{
		what: "start to first estimate, " + name, floor: "exec", wanted: fmt.Sprintf("under %.0f ms", within),
		reached: took.spread("%.0f ms"), met: judge(took.median() < within),
	}, {
		what: "resident at rest, " + name, floor: "a second after that", wanted: fmt.Sprintf("under %.0f MB", below),
		reached: rest.spread("%.1f MB"), met: judge(rest.median() < below),
	}}, nil
}

// startOnce starts the server once. Megabytes are only measured if rest is
// asked for.
func (b *bench) startOnce(vocab string, rest bool) (ms, mb float64, err error) {
	addr, err := freeAddr()
	if err != nil {
		return 0, 0, err
	}
	env := []string{"TOLLGATE_ADDR=" + addr, "TOLLGATE_LOG_LEVEL=warn", "XDG_DATA_HOME=" + b.tmp + "/data"}
	if vocab != "" {
		env = append(env, "TOLLGATE_VOCAB="+vocab)
	}
	began := time.Now()
	p, err := start(serverCore, "http://"+addr, env, b.binary)
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	first := load{url: p.url, path: "/v1/estimate", callers: 1, most: 1, body: same(requestOf(500))}
	for _, err = first.run(); err != nil; _, err = first.run() {
		if time.Since(began) > 10*time.Second {
			return 0, 0, fmt.Errorf("no first answer: %w\n%s", err, p.said.String())
		}
		time.Sleep(500 * time.Microsecond)
	}
	ms = time.Since(began).Seconds() * 1e3
	if !rest {
		return ms, 0, nil
	}
	time.Sleep(time.Second)
	bytes, err := p.memory("VmRSS")
	return ms, bytes / 1e6, err
}

// tested is a number that a test or a benchmark prints.
func tested(pattern string, args ...string) (float64, error) {
	text, err := exec.Command("taskset", append([]string{"-c", bothCores, "go"}, args...)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("go %v: %w\n%s", args, err, text)
	}
	return strconv.ParseFloat(group(regexp.MustCompile(pattern), text), 64)
}

// group is what the first group of an expression matches; empty if nothing does.
func group(re *regexp.Regexp, text []byte) string {
	if m := re.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}
