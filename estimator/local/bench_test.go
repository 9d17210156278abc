package local_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
	"tollgate/estimator/local"
	"tollgate/estimator/tokenizer"
	"tollgate/estimator/tokenizer/kimidata"
)

// sentences is a text of so many bytes that no other number has.
func sentences(number, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%d: the %dth sentence says what nobody has asked, in %d words or a few more. ", number, i, i%17)
	}
	return b.String()[:size]
}

// names is a text of so many bytes that no other number has, of words that are
// no token by themselves.
func names(number, size int) string {
	r := rand.New(rand.NewPCG(uint64(number), 0))
	syllables := strings.Fields("ka ri to men sol va dre pin lu gha ost eri bal quen mi tor ush an el ver do nish")
	var b strings.Builder
	for b.Len() < size {
		for range 1 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		b.WriteString(" of the "[:1+7*(r.IntN(3)/2)])
	}
	return b.String()[:size]
}

// BenchmarkCount measures the count of a request that nobody has sent before,
// from its bytes on, beside the tokenizer over its text alone. The two take
// turns over other texts, and what is compared is the best of each: x-tokenizer
// is how many times as long the request takes, and count-x-tokenizer how many
// times as long the count does, without the scan and its hash.
func BenchmarkCount(b *testing.B) {
	tok, err := tokenizer.Open(kimidata.File(b, tokenizer.FileName))
	require.NoError(b, err)
	counter := local.NewTokenizer(tok)
	m := model(b, "kimi-k2.6")
	for _, bb := range []struct {
		name string
		size int
		text func(number, size int) string
	}{
		{"text=sentences/size=1KB", 1 << 10, sentences},
		{"text=sentences/size=100KB", 100 << 10, sentences},
		{"text=names/size=1KB", 1 << 10, names},
		{"text=names/size=100KB", 100 << 10, names},
	} {
		size := bb.size
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			best, bestCount, bestAlone := time.Hour, time.Hour, time.Hour
			number := 0
			for b.Loop() {
				number++
				text := bb.text(2*number, size)
				began := time.Now()
				alone := tok.Count(text, true)
				bestAlone = min(bestAlone, time.Since(began))

				body := []byte(`{"model":"kimi-k2.6","messages":[{"role":"user","content":"` + bb.text(2*number+1, size) + `"}]}`)
				began = time.Now()
				req, err := chat.ScanBytes(body, chat.Options{})
				require.NoError(b, err)
				scanned := time.Now()
				n, err := counter.Count(b.Context(), req, m)
				best, bestCount = min(best, time.Since(began)), min(bestCount, time.Since(scanned))
				require.NoError(b, err)
				require.InEpsilon(b, alone, n.Tokens, 0.2)
			}
			b.ReportMetric(float64(best)/float64(bestAlone), "x-tokenizer")
			b.ReportMetric(float64(bestCount)/float64(bestAlone), "count-x-tokenizer")
			b.ReportMetric(float64(best.Nanoseconds()), "best-ns")
			b.ReportMetric(0, "ns/op") // of both together: no figure of anything
		})
	}
}
