package cli_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The Chinese README says what the English one says, as far as a program can
// see: section by section the same blocks, tables, links, names and numbers.
func TestTheChineseReadmeIsTheEnglishOne(t *testing.T) {
	t.Parallel()
	english, chinese := sections(t, "../README.md"), sections(t, "../README.zh-CN.md")
	require.Len(t, chinese, len(english), "sections: %q and %q", headings(english), headings(chinese))
	for i, want := range english {
		got := chinese[i]
		at := want.heading + " / " + got.heading
		require.Equal(t, want.blocks, got.blocks, at)
		require.Equal(t, want.tables, got.tables, at)
		require.Equal(t, want.links, got.links, at)
		require.Equal(t, want.names, got.names, at)
		require.Equal(t, want.numbers, got.numbers, at)
	}
}

// A link within the page leads somewhere.
func TestLinksWithinAReadmeLeadToItsHeadings(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../README.md", "../README.zh-CN.md"} {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(string(content), -1) {
			require.Regexp(t, `(?mi)^#+ `+strings.ReplaceAll(regexp.QuoteMeta(link[1]), "-", ".")+`$`, string(content))
		}
	}
}

// section is what two languages have in common under a heading.
type section struct {
	heading string
	blocks  []string // without their comments
	tables  []int    // cells of each row
	links   []string // but those within the page and to the other language
	names   []string // in `code`
	numbers []string // in digits
}

func headings(all []section) []string {
	var out []string
	for _, s := range all {
		out = append(out, s.heading)
	}
	return out
}

// sections reads a README.
func sections(t *testing.T, path string) []section {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	block := regexp.MustCompile("(?ms)^```.*?^```$")
	comment := regexp.MustCompile(`(?m)^# .*$|  +# .*$`)
	var out []section
	var blocks []string
	text := block.ReplaceAllStringFunc(string(content), func(b string) string {
		blocks = append(blocks, comment.ReplaceAllString(b, ""))
		return "\x00"
	})
	for _, part := range regexp.MustCompile(`(?m)^#+ `).Split(text, -1)[1:] {
		heading, body, _ := strings.Cut(part, "\n")
		s := section{heading: heading}
		for range strings.Count(body, "\x00") {
			s.blocks, blocks = append(s.blocks, blocks[0]), blocks[1:]
		}
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, "|") {
				s.tables = append(s.tables, strings.Count(line, "|"))
			}
		}
		s.links = found(`\]\(([^#)][^)]*)\)`, body, "README.md", "README.zh-CN.md")
		s.names = found("`([^`]+)`", body)
		s.numbers = found(`(\d[\d,.]*\d|\d)`, body)
		out = append(out, s)
	}
	return out
}

// found is everything that an expression finds, once each and in order, but
// what is left out.
func found(expression, text string, but ...string) []string {
	set := map[string]bool{}
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(text, -1) {
		set[m[1]] = !slices.Contains(but, m[1])
	}
	maps.DeleteFunc(set, func(_ string, keep bool) bool { return !keep })
	return slices.Sorted(maps.Keys(set))
}
