package main

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
)

//go:embed corpus.txt
var manifest string

// source is a line of the manifest.
type source struct {
	kind     string
	format   string
	weight   float64
	maxBytes int
	root     string
	dir      string
	patterns []string
}

// document is a text of the corpus. Documents of one group fall on the same
// side of the split, so that no text is tested whose translation or neighbour
// was trained on.
type document struct {
	kind   string
	weight float64
	text   string
	whole  bool // is measured as one text
	side   side
}

// side says what a document is for.
type side uint8

const (
	forTraining side = iota
	forOdds          // corrects what was learned
	forBounds        // calibrates the bounds
	forTest          // is only measured
)

// parseManifest reads the lines of corpus.txt.
func parseManifest(text string) ([]source, error) {
	var sources []source
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		f := strings.Fields(sc.Text())
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 6 {
			return nil, fmt.Errorf("corpus line %d: want 6 fields, got %d", n, len(f))
		}
		weight, err1 := strconv.ParseFloat(f[2], 64)
		megabytes, err2 := strconv.ParseFloat(f[3], 64)
		root, dir, ok := strings.Cut(f[4], ":")
		if err1 != nil || err2 != nil || !ok {
			return nil, fmt.Errorf("corpus line %d: want numbers and root:directory", n)
		}
		sources = append(sources, source{
			kind: f[0], format: f[1], weight: weight, maxBytes: int(megabytes * 1e6),
			root: root, dir: dir, patterns: strings.Split(f[5], ","),
		})
	}
	return sources, sc.Err()
}

// load reads the documents of all sources under the given roots, each text once.
// Sources whose root is not given, or where nothing is found, are reported to
// warn and left out.
func load(sources []source, roots map[string]string, seed uint64, warn io.Writer) ([]document, error) {
	var docs []document
	seen := make(map[[sha256.Size]byte]bool)
	// What is only measured comes first, so that a copy of it is not trained on.
	measured := func(s source) bool { return s.weight == 0 }
	trained := func(s source) bool { return s.weight != 0 }
	sources = append(keep(sources, measured), keep(sources, trained)...)
	for _, s := range sources {
		root, ok := roots[s.root]
		if !ok {
			_, _ = fmt.Fprintf(warn, "no root %q: %s %s left out\n", s.root, s.kind, s.dir)
			continue
		}
		found, err := s.load(root, seed)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", s.kind, s.dir, err)
		}
		if len(found) == 0 {
			_, _ = fmt.Fprintf(warn, "nothing in %s for %s\n", s.dir, s.kind)
		}
		for _, d := range found {
			if sum := sha256.Sum256([]byte(d.text)); !seen[sum] {
				seen[sum] = true
				docs = append(docs, d)
			}
		}
	}
	return withoutCopies(docs), nil
}

// keep returns the sources that are such.
func keep(sources []source, such func(source) bool) (kept []source) {
	for _, s := range sources {
		if such(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// A line of longLine bytes is seldom written twice. One that more than fewTexts
// texts have is, as licences are.
const (
	longLine = 30
	fewTexts = 2
)

// withoutCopies leaves out the documents that repeat a text that is only
// measured: those of whose long lines every fourth is in one of these, and eight
// at least. Programs bring along copies of what they use.
func withoutCopies(docs []document) []document {
	texts := make(map[uint64]int) // how many of the texts have a line
	for _, d := range docs {
		if d.weight == 0 {
			for line := range longLines(d.text) {
				texts[line]++
			}
		}
	}
	return slices.DeleteFunc(docs, func(d document) bool {
		if d.weight == 0 {
			return false
		}
		lines, copied := longLines(d.text), 0
		for line := range lines {
			if n := texts[line]; n > 0 && n <= fewTexts {
				copied++
			}
		}
		return copied >= 8 && 4*copied >= len(lines)
	})
}

// longLines returns the hashes of the long lines of text.
func longLines(text string) map[uint64]bool {
	found := make(map[uint64]bool)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= longLine {
			found[maphash.String(lineSeed, line)] = true
		}
	}
	return found
}

// lineSeed is of no consequence: hashes of lines are only compared.
var lineSeed = maphash.MakeSeed()

// load reads the documents of one source, in an order that seed decides, until
// the limit is reached.
func (s source) load(root string, seed uint64) ([]document, error) {
	files, err := s.files(root)
	if err != nil {
		return nil, err
	}
	order := make(map[string]uint64, len(files))
	for _, f := range files {
		order[f] = hashString(seed, strings.TrimPrefix(f, root))
	}
	sort.Slice(files, func(i, j int) bool { return order[files[i]] < order[files[j]] })
	var docs []document
	for size := 0; len(files) > 0 && size < s.maxBytes; files = files[1:] {
		texts, err := extract(files[0], s.format)
		if err != nil {
			return nil, err
		}
		group := s.group(strings.TrimPrefix(files[0], root))
		for i, text := range texts {
			room := max(s.maxBytes-size, s.maxBytes/8)
			if len(text) < 200 || size >= s.maxBytes {
				continue
			}
			text = cut(text, room)
			size += len(text)
			docs = append(docs, document{
				kind: s.kind, weight: s.weight, text: text, whole: s.format == "head",
				side: s.side(hashString(seed, group+"#"+strconv.Itoa(i))),
			})
		}
	}
	return docs, nil
}

// side returns the side of a document whose group hashes to h.
func (s source) side(h uint64) side {
	switch {
	case s.format == "words" || s.format == "learn":
		return forTraining
	case s.weight < 0:
		return forBounds
	case s.weight > 0:
		return sideOf(h)
	}
	return forTest
}

// files lists the files of the source.
func (s source) files(root string) ([]string, error) {
	dirs, err := filepath.Glob(filepath.Join(root, s.dir))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && s.matches(d.Name()) {
				files = append(files, p)
			}
			return nil // what can not be read is not in the corpus
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// matches reports whether name matches one of the patterns and none of those
// that begin with an exclamation mark.
func (s source) matches(name string) bool {
	matched := false
	for _, p := range s.patterns {
		p, not := strings.CutPrefix(p, "!")
		if ok, _ := path.Match(p, name); ok {
			if not {
				return false
			}
			matched = true
		}
	}
	return matched
}

// group names what must not be divided between training and test: for code and
// data the directory, for documents the name without language and extension,
// so that translations stay together.
func (s source) group(name string) string {
	switch filepath.Ext(name) {
	case ".gz", ".html", ".page", ".mo":
		base, _, _ := strings.Cut(filepath.Base(name), ".")
		return base
	}
	return filepath.Dir(name)
}

// sideOf splits 75 to 5 to 10 to 10.
func sideOf(h uint64) side {
	switch h % 20 {
	case 0, 1:
		return forTest
	case 2, 3:
		return forBounds
	case 4:
		return forOdds
	}
	return forTraining
}

func hashString(seed uint64, s string) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d/%s", seed, s)
	x := h.Sum64()
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// parseRoots reads name=directory pairs.
func parseRoots(pairs []string) (map[string]string, error) {
	roots := make(map[string]string, len(pairs))
	for _, p := range pairs {
		name, dir, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("root %q: want name=directory", p)
		}
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("root %s: %w", name, err)
		}
		roots[name] = dir
	}
	return roots, nil
}
