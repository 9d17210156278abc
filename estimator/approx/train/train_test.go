package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/approx/internal/model"
)

func TestTheManifestIsReadable(t *testing.T) {
	t.Parallel()
	sources, err := parseManifest(manifest)
	require.NoError(t, err)
	kinds := make(map[string]bool)
	for _, s := range sources {
		require.Positive(t, s.maxBytes, s.dir)
		require.GreaterOrEqual(t, s.weight, -1.0, s.dir)
		kinds[s.kind] = true
	}
	require.Greater(t, len(kinds), 40)
}

func TestABadManifestNamesItsLine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"go text 1", "go text one 1 a:b *.go", "go text 1 1 ab *.go"} {
		_, err := parseManifest("# a comment\n" + text)
		require.ErrorContains(t, err, "line 2", text)
	}
}

func TestAPatternCanExclude(t *testing.T) {
	t.Parallel()
	s := source{patterns: []string{"*.json", "!gb*"}}
	require.True(t, s.matches("package.json"))
	require.False(t, s.matches("gbk.json"))
	require.False(t, s.matches("package.js"))
}

func TestTranslationsAndNeighboursStayOnOneSide(t *testing.T) {
	t.Parallel()
	var s source
	require.Equal(t, s.group("/man/de/ls.1.gz"), s.group("/man/ja/ls.1.gz"))
	require.Equal(t, s.group("/src/net/http/a.go"), s.group("/src/net/http/b.go"))
	require.NotEqual(t, s.group("/src/net/a.go"), s.group("/src/os/a.go"))
}

func TestTheCorpusIsLoadedWithinItsLimitAndTheSameEachTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 20 {
		text := strings.Repeat(fmt.Sprintf("line of file %d\n", i), 50)
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.txt", i)), []byte(text), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.txt"), bytes.Repeat([]byte{0xff}, 900), 0o600))
	sources := []source{
		{kind: "a", format: "text", weight: 1, maxBytes: 5000, root: "r", dir: ".", patterns: []string{"*.txt"}},
		{kind: "b", format: "text", weight: 1, maxBytes: 5000, root: "none", dir: ".", patterns: []string{"*"}},
	}
	var warnings bytes.Buffer
	docs, err := load(sources, map[string]string{"r": dir}, 7, &warnings)
	require.NoError(t, err)
	require.Contains(t, warnings.String(), `no root "none"`)
	size := 0
	for _, d := range docs {
		size += len(d.text)
	}
	require.Greater(t, size, 4000)
	require.LessOrEqual(t, size, 5000+625)
	again, err := load(sources, map[string]string{"r": dir}, 7, io.Discard)
	require.NoError(t, err)
	require.Equal(t, docs, again)
}

func TestATextCountsOnceAndIsOnlyMeasuredAtWeightZero(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"one": "one line\n", "copy": "one line\n", "two": "another line\n"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, "a.txt"), []byte(strings.Repeat(text, 50)), 0o600))
	}
	sources := []source{{kind: "a", format: "text", maxBytes: 5000, root: "r", dir: ".", patterns: []string{"*.txt"}}}
	docs, err := load(sources, map[string]string{"r": dir}, 7, io.Discard)
	require.NoError(t, err)
	require.Len(t, docs, 2)
	for _, d := range docs {
		require.Equal(t, forTest, d.side)
	}
}

func TestATextThatIsMeasuredIsNotTrainedOnElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"copy", "own"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name, "a.txt"), []byte(strings.Repeat("a line\n", 50)), 0o600))
	}
	docs, err := load([]source{
		{kind: "trained", format: "text", weight: 1, maxBytes: 5000, root: "r", dir: "copy", patterns: []string{"*.txt"}},
		{kind: "measured", format: "text", maxBytes: 5000, root: "r", dir: "own", patterns: []string{"*.txt"}},
	}, map[string]string{"r": dir}, 7, io.Discard)
	require.NoError(t, err)
	require.Len(t, docs, 1)
	require.Equal(t, "measured", docs[0].kind)
}

func TestWhatRepeatsAMeasuredTextIsLeftOut(t *testing.T) {
	t.Parallel()
	lines := func(of string, from, to int) (text string) {
		for i := from; i < to; i++ {
			text += fmt.Sprintf("%s, and this is line %d of its own\n", of, i)
		}
		return text
	}
	measured := document{kind: "measured", text: lines("one", 0, 40)}
	licensed := document{kind: "licensed", text: lines("licence", 0, 10) + lines("two", 0, 20)}
	again := document{kind: "licensed", text: lines("licence", 0, 10) + lines("three", 0, 20)}
	third := document{kind: "licensed", text: lines("licence", 0, 10) + lines("four", 0, 20)}
	copied := document{weight: 1, text: lines("one", 10, 20) + lines("mine", 0, 20)}
	quoting := document{weight: 1, text: lines("one", 0, 7) + lines("mine", 0, 20)}
	small := document{weight: 1, text: lines("licence", 0, 10)}
	docs := withoutCopies([]document{copied, quoting, small, measured, licensed, again, third})
	require.Equal(t, []document{quoting, small, measured, licensed, again, third}, docs)
}

func TestPiecesAreClassedByWhatIsReadInThem(t *testing.T) {
	t.Parallel()
	for piece, want := range map[string]string{
		"\n   ": "blanks", "42": "digits", "是非": "Han", "(): ": "signs", " caf\u00e9": "other letters",
		"word": "word lower, bare", " Word": "word Capital, after space", "_id": "word lower, after _", ".MAX": "word CAPS, after sign",
	} {
		require.Equal(t, want, classOf(piece), "%q", piece)
	}
}

func TestTheTableHoldsWhatTheRestGetsWrongAndOccursOften(t *testing.T) {
	t.Parallel()
	m := &model.Model{}
	m.Correct(model.NoCorrections()) // a walk finds half a token's end in every slot
	all := []*example{
		{piece: "often", ends: []uint16{5}, weight: 9, seen: 9},
		{piece: "rarer", ends: []uint16{5}, weight: 3, seen: 3},
		{piece: "123", ends: []uint16{3}, weight: 3, seen: 3},
		{piece: "once!", ends: []uint16{5}, weight: 1, seen: 1},
	}
	known := pick(all, m, 8)
	require.Equal(t, map[*example]bool{all[0]: true, all[1]: true}, known)
	require.Equal(t, 1, m.Pieces.Known("often"))
}

func TestAnEntryThatAFrequentPieceIsTakenForHasToBeWorthIt(t *testing.T) {
	t.Parallel()
	m := &model.Model{}
	m.Correct(model.NoCorrections())
	const cells = 8 // one bucket
	m.Pieces.Buckets = make([]model.Bucket, cells/4)
	frequent := &example{piece: "ab", ends: []uint16{1, 2}, weight: 100, seen: 100}
	twin := twinOf(t, m, frequent.piece)
	walks := []model.Estimate{{Tokens: 2 * model.Unit}, {Tokens: 2 * model.Unit}}

	other := &example{piece: twin, ends: []uint16{uint16(len(twin))}, weight: 50, seen: 50}
	require.Empty(t, enter([]*example{frequent, other}, walks, m, cells, 10), "the frequent one would be taken for one token")
	frequent.weight = 5
	require.Contains(t, enter([]*example{frequent, other}, walks, m, cells, 10), other)
	frequent.weight, frequent.ends = 100, other.ends
	walks[0].Tokens = model.Unit
	require.Contains(t, enter([]*example{frequent, other}, walks, m, cells, 10), other, "they cost the same")
}

// twinOf finds a piece that a table like that of m takes for piece.
func twinOf(t *testing.T, m *model.Model, piece string) string {
	t.Helper()
	for i := range 1 << 20 {
		if twin := fmt.Sprintf("x%d", i); m.Pieces.Alike(twin) == m.Pieces.Alike(piece) {
			return twin
		}
	}
	require.Fail(t, "no piece is taken for this one", piece)
	return ""
}

func TestPackagesCanBeKeptForTheBoundsAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("some text\n", 50)), 0o600))
	sources := []source{{kind: "a", format: "text", weight: -1, maxBytes: 5000, root: "r", dir: ".", patterns: []string{"*.txt"}}}
	docs, err := load(sources, map[string]string{"r": dir}, 7, io.Discard)
	require.NoError(t, err)
	require.Len(t, docs, 1)
	require.Equal(t, forBounds, docs[0].side)
}

func TestAPageIsReducedToItsText(t *testing.T) {
	t.Parallel()
	page := "<html><head><title>x</title></head><body><!-- no --><p>One &amp; two</p><script>f()</script><p>three</p></body></html>"
	require.Equal(t, "One & two\n\nthree", strings.TrimSpace(string(untag([]byte(page)))))
}

func TestSentencesAreMadeOfTheWordsThatAreUsed(t *testing.T) {
	t.Parallel()
	text := string(sentences([]byte("甲 90 n\n乙 10 n\n丙 0 n\nbad line\n")))
	require.GreaterOrEqual(t, len(text), madeOf)
	require.Greater(t, strings.Count(text, "甲"), 5*strings.Count(text, "乙"))
	require.Positive(t, strings.Count(text, "乙"))
	require.Zero(t, strings.Count(text, "丙"))
	require.Empty(t, sentences(nil))
}

func TestACatalogueGivesItsStrings(t *testing.T) {
	t.Parallel()
	raw := catalogueOf("header of the catalogue", "the first translation", "short", "the second translation")
	require.Equal(t, "the first translation\n\nthe second translation\n\n", string(bytes.Join(catalogue(raw, 16), nil)))
	require.Empty(t, catalogue([]byte("not a catalogue, but long enough"), 16))
	require.NotPanics(t, func() { catalogue(raw[:len(raw)-10], 16) })
}

// catalogueOf makes a gettext catalogue whose translations are texts.
func catalogueOf(texts ...string) []byte {
	le := binary.LittleEndian
	raw := le.AppendUint32(nil, 0x950412de)
	for _, v := range []int{0, len(texts), 28, 28, 0, 0} {
		raw = le.AppendUint32(raw, uint32(v))
	}
	at := 28 + 8*len(texts)
	for _, s := range texts {
		raw = le.AppendUint32(le.AppendUint32(raw, uint32(len(s))), uint32(at))
		at += len(s)
	}
	return append(raw, strings.Join(texts, "")...)
}

func TestBoundsAreMadeToHold(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	all := make(map[string][]point)
	spread := map[string]int{"code": 0, "han": 5}
	for name, g := range spread {
		for range 2000 {
			v := rng.ExpFloat64() * 20
			p := point{truth: float64(rng.IntN(300) + 100)}
			p.doubt[g] = v
			p.tokens = p.truth + rng.NormFloat64()*v/float64(2+3*g)
			all[name] = append(all[name], p)
		}
	}
	c, spreads := calibrate(all)
	require.Equal(t, model.NoSpread, int(spreads[0]))
	require.Less(t, spreads[5], spreads[0])
	for name, ps := range all {
		held := 0
		for _, p := range ps {
			v := p.doubt[spread[name]] * float64(spreads[spread[name]]) / model.NoSpread
			low, high := c.Range(p.tokens, v)
			if float64(low) <= p.truth && p.truth <= float64(high) {
				held++
			}
		}
		require.GreaterOrEqual(t, held, 1980, name)
	}
}

func TestLearningFindsWhereTokensEnd(t *testing.T) {
	t.Parallel()
	// In this corpus a token ends after every vowel.
	var all []*example
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		e := &example{weight: 1, seen: 1}
		var b strings.Builder
		for n := 3 + rng.IntN(8); n > 0; n-- {
			b.WriteByte("aeioubcdfgklmnprst"[rng.IntN(18)])
		}
		e.piece = b.String()
		for i := range len(e.piece) - 1 {
			if strings.IndexByte("aeiou", e.piece[i]) >= 0 {
				e.ends = append(e.ends, uint16(i+1))
			}
		}
		e.ends = append(e.ends, uint16(len(e.piece)))
		all = append(all, e)
	}
	m := &model.Model{}
	m.Correct(model.NoCorrections())
	m.Pieces.Buckets = make([]model.Bucket, 1)
	f := newFitter(rng, 0)
	f.fit(all, func(*example) float64 { return 1 }, 3)
	f.round(m)
	f.fit(all, func(*example) float64 { return 1 }, 1)
	f.store(m)
	require.InDelta(t, 3, float64(m.Walk("bacede").Tokens)/model.Unit, 0.3)
	require.InDelta(t, 1, float64(m.Walk("brstlm").Tokens)/model.Unit, 0.3)
}
