package term_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/gate/term"
)

func TestThousandsAreGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0", 7: "7", -7: "-7", 999: "999", 1000: "1,000", -1000: "-1,000", 12345: "12,345", -123456: "-123,456",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		require.Equal(t, want, term.Number(n))
	}
	for text, want := range map[string]string{
		"0.0001235": "0.0001235", "1234.5678": "1,234.5678", "-1234567.1": "-1,234,567.1", "": "", "-": "-", "1234.": "1,234.",
	} {
		require.Equal(t, want, term.Decimal(text))
	}
}

func TestPointsStandBelowOneAnother(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"0       ", "0.000124", "27.5     "}, term.AlignPoints("0", "0.000124", "27.5"))
	require.Equal(t, []string{"1", "22"}, term.AlignPoints("1", "22"))
	require.Equal(t, []string{"-1   ", "0.5 ", "unknown.", "", "2.25"}, term.AlignPoints("-1", "0.5", "unknown.", "", "2.25"))
	require.Empty(t, term.AlignPoints())
}

func TestABarShowsEveryPart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		bar  term.Bar
		want string
	}{
		{"in proportion", term.Bar{100, 40, 20}, "[####++....]"},
		{"nothing", term.Bar{100, 0, 0}, "[..........]"},
		{"very little of both", term.Bar{1 << 60, 1, 1}, "[#+........]"},
		{"very little free", term.Bar{1000, 500, 499}, "[#####++++.]"},
		{"all but nothing for the first", term.Bar{1000, 1, 998}, "[#++++++++.]"},
		{"full", term.Bar{100, 40, 60}, "[####++++++]"},
		{"full of one", term.Bar{100, 100, 0}, "[##########]"},
		{"thirds", term.Bar{3, 1, 1}, "[###+++....]"},
		{"the second is too much", term.Bar{100, 40, 61}, "[####++++++>"},
		{"the first is too much", term.Bar{100, 101, 5}, "[##########>"},
		{"the largest numbers", term.Bar{math.MaxInt64, math.MaxInt64, math.MaxInt64}, "[##########>"},
		{"negative", term.Bar{100, -1, -1}, "[..........]"},
		{"of nothing", term.Bar{0, 0, 0}, "[..........]"},
		{"too much of nothing", term.Bar{0, 1, 0}, "[##########>"},
	} {
		require.Equal(t, tt.want, tt.bar.Draw(12), tt.name)
	}
	require.Equal(t, "[#+.]", term.Bar{9, 1, 1}.Draw(-1), "never narrower than its parts")
}

func FuzzBar(f *testing.F) {
	f.Add(int64(100), int64(1), int64(98), 12)
	f.Fuzz(func(t *testing.T, whole, first, second int64, width int) {
		width = min(width, 1000)
		s := term.Bar{whole, first, second}.Draw(width)
		require.Len(t, s, max(5, width))
		require.Equal(t, first > 0, strings.Contains(s, "#"))
		if first <= 0 || first < whole {
			require.Equal(t, second > 0, strings.Contains(s, "+"))
		}
	})
}

func TestColoursAreOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	for _, m := range []term.Meaning{term.Plain, term.Good, term.Warn, term.Bad, term.Dim, term.Strong} {
		require.Equal(t, "text", term.Painter(false).Paint(m, "text"))
	}
	on := term.Painter(true)
	require.Equal(t, "text", on.Paint(term.Plain, "text"))
	require.Equal(t, "\x1b[32mtext\x1b[0m", on.Paint(term.Good, "text"))
	require.Equal(t, "\x1b[33mtext\x1b[0m", on.Paint(term.Warn, "text"))
	require.Equal(t, "\x1b[31mtext\x1b[0m", on.Paint(term.Bad, "text"))
	require.Equal(t, "\x1b[2mtext\x1b[0m", on.Paint(term.Dim, "text"))
	require.Equal(t, "\x1b[1mtwo\x1b[0m\n\x1b[1mlines\x1b[0m", on.Paint(term.Strong, "two\nlines"))
	require.Empty(t, on.Paint(term.Bad, ""))
}

// Colours asked for are there whatever the environment says: that is for the
// caller to read.
func TestColoursAreNotTheEnvironmentsToDecide(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	t.Setenv("TERM", "dumb")
	require.Contains(t, term.Painter(true).Paint(term.Bad, "text"), "\x1b[31m")
}

func TestATableIsAlignedWithColoursAndWideCharacters(t *testing.T) {
	t.Parallel()
	p := term.Painter(true)
	table := term.NewTable(term.Left, term.Right)
	table.Header("name", "tokens", "verdict")
	table.Row("support", "12,345", p.Paint(term.Good, "allow"))
	table.Row(p.Paint(term.Dim, "客服分类"), p.Paint(term.Bad, "7"), "deny")
	table.Row("two\nlines", "1", "")
	table.Row("short")
	require.Equal(t, ""+
		"name      tokens  verdict\n"+
		"support   12,345  \x1b[32mallow\x1b[0m\n"+
		"\x1b[2m客服分类\x1b[0m       \x1b[31m7\x1b[0m  deny\n"+
		"two            1\n"+
		"lines\n"+
		"short\n", table.String())
	require.Empty(t, term.NewTable(term.Right).String())
}

func TestAColumnOfAmountsIsAlignedByItsPoints(t *testing.T) {
	t.Parallel()
	table := term.NewTable(term.Left, term.Right)
	for _, amount := range term.AlignPoints("0", "0.0001235", "12.5") {
		table.Row("CNY", amount)
	}
	require.Equal(t, "CNY   0\nCNY   0.0001235\nCNY  12.5\n", table.String())
}

func TestTextIsWrappedByItsWidth(t *testing.T) {
	t.Parallel()
	require.Equal(t, "one two\nthree", term.Wrap("one two three", 9))
	require.Equal(t, "一二三\n四五六\n七", term.Wrap("一二三四五六七", 6))
	require.Equal(t, "short", term.Wrap("short", 80))
	require.NotPanics(t, func() { term.Wrap("words and words", -1) })
	require.Equal(t, "  one\n\n  two\n", term.Indent("one\n\ntwo\n", 2))
	require.Equal(t, 8, term.Width("\x1b[31m客服分类\x1b[0m"))
}

func TestTextFromElsewhereCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	require.Equal(t, "?[31mred?[0m", term.Clean("\x1b[31mred\x1b[0m"))
	require.Equal(t, "a b c", term.Clean("a\nb\tc"))
	require.Equal(t, "??x", term.Clean("\u202e\u2066x"))
	require.Equal(t, "客服 é ?", term.Clean("客服 é \xff"))
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[2J名")
	f.Fuzz(func(t *testing.T, s string) {
		clean := term.Clean(s)
		require.True(t, utf8.ValidString(clean))
		require.NotContains(t, clean, "\x1b")
		require.Equal(t, clean, term.Clean(clean))
		for line := range strings.SplitSeq(term.Wrap(clean, 20), "\n") {
			require.LessOrEqual(t, term.Width(line), 21, "a wide character may stand on the edge")
		}
	})
}
