package model

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestATableIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	raw, err := m.Encode()
	require.NoError(t, err)
	got, err := Decode(string(raw))
	require.NoError(t, err)
	require.Equal(t, m, got)
}

func TestADamagedTableIsRefused(t *testing.T) {
	t.Parallel()
	raw, err := sampleModel(t).Encode()
	require.NoError(t, err)
	for name, damaged := range map[string]string{
		"empty":           "",
		"another format":  "PNG" + string(raw[3:]),
		"header cut":      string(raw[:20]),
		"one byte short":  string(raw[:len(raw)-1]),
		"one byte longer": string(raw) + "x",
		"pieces cut":      string(raw[:len(magic)+binary.Size(header{})+2]),
		"no frequencies":  string(raw[:len(magic)+binary.Size(Table{})+Levels]) + strings.Repeat("\x00", len(raw)),
	} {
		_, err := Decode(damaged)
		require.ErrorIs(t, err, ErrTable, name)
	}
}

func TestAnEnteredPieceCostsWhatWasEntered(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	for cost := 1; cost <= MaxCost; cost++ {
		piece := strings.Repeat("x", cost+1)
		require.True(t, m.Pieces.Enter(piece, cost))
		require.Equal(t, cost, m.Pieces.Lookup(piece))
		require.Equal(t, int64(cost)*Unit, m.Estimate(piece).Tokens)
	}
}

func TestAMemoChangesNoAnswer(t *testing.T) {
	t.Parallel()
	m, memo := sampleModel(t), new(Memo)
	rapid.Check(t, func(t *rapid.T) {
		memo.Forget()
		for _, piece := range rapid.SliceOf(rapid.StringMatching(`[a-c_ ]{0,3}é?|[a-b]{15,21}`)).Draw(t, "pieces") {
			require.Equal(t, m.Estimate(piece), m.EstimateAny(piece, memo))
			switch n := len(piece); {
			case n > 1 && n <= Short:
				require.Equal(t, m.Estimate(piece), m.EstimateShort(shortKey(piece), piece, memo))
			case n > Short && n <= Long:
				require.Equal(t, m.Estimate(piece), m.EstimateLong([2]uint64{Load8(piece), Load8(piece[n-8:])}, piece, memo))
			}
		}
	})
}

func TestANumberIsOneToken(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	for _, piece := range []string{"7", "42", "007", "999"} {
		require.Equal(t, Estimate{Tokens: Unit}, m.Estimate(piece), piece)
	}
	require.NotEqual(t, Estimate{Tokens: Unit}, m.Estimate("4a"))
}

func TestLongPiecesAreListedOnlyWithoutLettersAtTheirEnds(t *testing.T) {
	t.Parallel()
	require.True(t, Listed(strings.Repeat("=", MaxRun)))
	require.True(t, Listed(strings.Repeat(" ", MaxRun)))
	require.False(t, Listed(strings.Repeat("=", MaxRun+1)))
	require.True(t, Listed(strings.Repeat("q", MaxPiece)))
	require.False(t, Listed(strings.Repeat("q", MaxPiece+1)))
	require.False(t, Listed(" "+strings.Repeat("q", MaxPiece)))
	require.False(t, Listed(strings.Repeat("是", 10)))
}

func TestKeysAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfDistinct(rapid.Uint32Max(1<<24-1), rapid.ID[uint32]).Draw(t, "keys")
		slices.Sort(keys)
		l := newList(keys)
		var w bitWriter
		l.write(&w, keys)
		var got []uint32
		r := bitReader{in: string(w.bytes())}
		require.True(t, l.read(&r, 1<<24, func(key uint64) { got = append(got, uint32(key)) }))
		require.Equal(t, len(keys), len(got))
		require.True(t, slices.Equal(keys, got))
	})
}

func TestLevelsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		index := rapid.SliceOf(rapid.ByteRange(0, Levels-1)).Draw(t, "index")
		var count [Levels]int
		for _, i := range index {
			count[i]++
		}
		freq := frequencies(&count)
		packed := string(encodeLevels(index, &freq))
		var got []byte
		require.True(t, decodeLevels(packed, len(index), &freq, func(_ int, i byte) { got = append(got, i) }))
		require.True(t, slices.Equal(index, got))
		require.False(t, decodeLevels(packed+"x", len(index), &freq, func(int, byte) {}))
	})
}

func TestAFullBucketTakesNoMore(t *testing.T) {
	t.Parallel()
	table := PieceTable{Buckets: make([]Bucket, 1)}
	entered := 0
	for i := range 100 {
		if table.Enter(strings.Repeat("z", i+1), 1) {
			entered++
		}
	}
	require.Equal(t, Ways, entered)
}

func TestTheHashOfASiblingIsThatOfItsText(t *testing.T) {
	t.Parallel()
	for _, stem := range []string{"on", "tea", "word", "words", "lengthy", "eightchr", "ninechars", "averyverylongword"} {
		upper := strings.ToUpper(stem[:1]) + stem[1:]
		require.Equal(t, hashStem(upper, 0), hashStem(stem, 0x20), stem)
		require.Equal(t, hashPiece(" "+stem), withPrefix(hashStem(stem, 0), ' '), stem)
		require.Equal(t, hashPiece(upper), withPrefix(hashStem(stem, 0x20), 0), stem)
		require.NotEqual(t, hashPiece(stem), hashPiece(" "+stem))
	}
}

func TestAShortPieceIsEstimatedAsAnyOther(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	require.True(t, m.Pieces.Enter(".word", 2))
	require.True(t, m.Pieces.Enter("words", MaxCost))
	require.True(t, m.Pieces.Enter("eightchr", 3))
	for _, piece := range []string{"on", " on", ".word", "word", "words", "eightchr", "();", "\n\n", "\x00a", "a\x00", "a\x00\x00", "é", "éa", "是非", "\xffa"} {
		key := shortKey(piece)
		require.Equal(t, hashPiece(piece), hashShort(key, len(piece)), "%q", piece)
		memo := new(Memo)
		for range 3 {
			require.Equal(t, m.Estimate(piece), m.EstimateShort(key, piece, memo), "%q", piece)
			memo.Forget()
		}
	}
}

// shortKey returns the bytes of a piece of up to Short bytes as a number.
func shortKey(piece string) uint64 {
	return Load8(piece+"12345678") & (1<<(8*len(piece)) - 1)
}

func TestALongPieceIsKnownByItsEndsAndItsLength(t *testing.T) {
	t.Parallel()
	m, memo := sampleModel(t), new(Memo)
	require.True(t, m.Pieces.Enter("abababab", 2))
	require.True(t, m.Pieces.Enter("ababababab", 3))
	require.True(t, m.Pieces.Enter("ababababababab", 4))
	for range 2 {
		for piece, cost := range map[string]int64{"ababababab": 3, "ababababababab": 4} {
			key := [2]uint64{Load8(piece), Load8(piece[len(piece)-8:])}
			require.Equal(t, cost*Unit, m.EstimateLong(key, piece, memo).Tokens, piece)
		}
		require.Equal(t, int64(2*Unit), m.EstimateShort(shortKey("abababab"), "abababab", memo).Tokens)
	}
}

func TestCharactersAreReadAsUTF8(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{'a', 0x80, 0xA0, 0xBF, 0xC0, 0xE0, 0xE2, 0xE3, 0xE9, 0xEA, 0xED, 0xF0}), 1, 5), func(b []byte) string { return string(b) }),
		).Draw(t, "text")
		want, n := utf8.DecodeRuneInString(s)
		if n == 0 {
			want = 0
		}
		got, size := decode(s)
		require.Equal(t, uint32(want), got)
		require.Equal(t, n, size)
	})
}

func TestASiblingInTheTableIsFound(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	require.True(t, m.Pieces.Enter(" harbour", 1))
	for _, piece := range []string{"harbour", "(harbour", " Harbour", "Harbour", "_Harbour"} {
		cell, cost := m.Sibling(piece)
		require.GreaterOrEqual(t, cell, 0, piece)
		require.Equal(t, 1, cost, piece)
	}
}

func TestEverySlotOfAPieceIsVisitedOnce(t *testing.T) {
	t.Parallel()
	const piece = "aé是\U0001F680b"
	var between, inside []int
	Slots(piece,
		func(at int, _ *[Between]uint32) { between = append(between, at) },
		func(at, size int, _ *[Inside]uint32) { inside = append(inside, at, size) })
	require.Equal(t, []int{1, 3, 6, 10}, between)
	require.Equal(t, []int{1, 2, 3, 3, 6, 4}, inside)
}

func TestWeightsAreSummedOverTheFeaturesThatTrainingSees(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	for _, piece := range []string{" words", "héé是非常\U0001F680b", "\xffa", "(word", "):"} {
		e := Estimate{Tokens: Unit}
		Slots(piece,
			func(at int, f *[Between]uint32) {
				r, _ := utf8.DecodeRuneInString(piece[at:])
				e.add(m.chance(Group(r, false), m.Sum(f[:])), 1)
			},
			func(at, size int, f *[Inside]uint32) {
				r, _ := utf8.DecodeRuneInString(piece[at:])
				e.add(m.chance(Group(r, true), m.Sum(f[:])), int64(size-1))
			})
		require.Equal(t, e, m.Walk(piece))
	}
}

func TestAWalkStaysBetweenOneTokenAndOneAByte(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	for _, piece := range []string{"ab", "(ab", "是非", "\xff\xfe", strings.Repeat("q", 5000), "👩‍💻"} {
		e := m.Walk(piece)
		require.GreaterOrEqual(t, e.Tokens, int64(Unit), piece)
		require.LessOrEqual(t, e.Tokens, int64(len(piece))*Unit, piece)
		require.GreaterOrEqual(t, e.Variance, int64(0), piece)
	}
}

func TestBoundsWidenWithTheVariance(t *testing.T) {
	t.Parallel()
	c := Calibration{LowRoot: 2, LowLinear: 0.1, HighRoot: 3, HighLinear: 0.2}
	low, high := c.Range(100, 0)
	require.Equal(t, []int64{100, 100}, []int64{low, high})
	low, high = c.Range(100, 100)
	require.Equal(t, []int64{70, 150}, []int64{low, high})
	lower, higher := c.Range(100, 400)
	require.Less(t, lower, low)
	require.Greater(t, higher, high)
}

func TestWhatTheCorpusHardlyHasIsOfAGroupOfItsOwn(t *testing.T) {
	t.Parallel()
	m := sampleModel(t)
	require.Equal(t, Group('ա', false), m.PieceGroup(" բառ"))
	m.Rare.Add('Ա') // of the same block
	require.Equal(t, rareGroup, m.PieceGroup(" բառ"))
	require.Equal(t, Group('я', false), m.PieceGroup(" слово"))
	require.Equal(t, 0, m.PieceGroup(" word"))
	require.Equal(t, rareGroup, m.PieceGroup("🦀"))
}

func FuzzDecode(f *testing.F) {
	raw, err := sampleModel(f).Encode()
	require.NoError(f, err)
	f.Add(string(raw[:200]))
	f.Add("")
	f.Fuzz(func(t *testing.T, table string) {
		m, err := Decode(table)
		if err != nil {
			require.ErrorIs(t, err, ErrTable)
			return
		}
		m.Estimate("some piece")
	})
}

// sampleModel has two buckets and a few weights.
func sampleModel(t testing.TB) *Model {
	t.Helper()
	m := &Model{Pieces: PieceTable{Buckets: make([]Bucket, 2)}}
	for i := range m.Weights.Levels {
		m.Weights.Levels[i] = int8(16*i - 128)
	}
	for i := range m.Weights.Of {
		m.Weights.Of[i] = m.Weights.Levels[i*i%Levels]
	}
	m.Bounds = Calibration{LowRoot: 1, HighLinear: math.Pi}
	m.Spreads = Spreads{NoSpread, NoSpread, NoSpread, NoSpread, NoSpread, 64, NoSpread, NoSpread}
	m.Siblings[7] = Sibling{More: 130, Doubt: 9}
	m.Correct(NoCorrections())
	return m
}
