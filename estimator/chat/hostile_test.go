package chat_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator/chat"
)

// hostileShapes are bodies that make as much as they can of few bytes. Each is
// of about n bytes.
func hostileShapes(n int) map[string]string {
	fill := func(before, each, after string) string {
		return before + strings.Repeat(each+",", max(0, n-len(before)-len(after))/(len(each)+1)) + each + after
	}
	keys := func(before, value, after string) string {
		var b strings.Builder
		b.WriteString(before)
		for i := 0; b.Len() < n-len(after); i++ {
			fmt.Fprintf(&b, `"%x":%s,`, i, value)
		}
		return b.String() + `"last":` + value + after
	}
	var nested strings.Builder
	for i := range 20 {
		fmt.Fprintf(&nested, `"%x":0,`, i)
	}
	wide := "{" + nested.String() + `"z":0}`
	const open, parts = `{"model":"kimi-k2.6","messages":[`, `{"role":"user","content":[`
	params := hello[:len(hello)-1] + `,"tools":[{"type":"function","function":{"name":"f","parameters":`
	return map[string]string{
		"empty messages":              fill(open, `{}`, `]}`),
		"messages of a role":          fill(open, `{"role":"a"}`, `]}`),
		"messages of two letters":     fill(open, `{"role":"user","content":"Hi"}`, `]}`),
		"messages of one part":        fill(open, `{"role":"user","content":[{"type":"text","text":"Hi"}]}`, `]}`),
		"messages of a name":          fill(open, `{"role":"a","name":"b"}`, `]}`),
		"messages of an unknown key":  fill(open, `{"role":"a","b":0}`, `]}`),
		"empty parts":                 fill(open+parts, `{}`, `]}]}`),
		"parts of two letters":        fill(open+parts, `{"type":"text","text":"Hi"}`, `]}]}`),
		"parts of an unknown key":     fill(open+parts, `{"a":0}`, `]}]}`),
		"images of no bytes":          fill(open+parts, `{"type":"image_url","image_url":"data:image/png;base64,"}`, `]}]}`),
		"bare images":                 fill(open+parts, `{"image_url":"data:;base64,iVBORw0KGgo"}`, `]}]}`),
		"empty tools":                 fill(hello[:len(hello)-1]+`,"tools":[`, `{}`, `]}`),
		"tools of empty functions":    fill(hello[:len(hello)-1]+`,"tools":[`, `{"function":{}}`, `]}`),
		"tools of empty names":        fill(hello[:len(hello)-1]+`,"tools":[`, `{"type":"","function":{"name":"","description":""}}`, `]}`),
		"small tools":                 fill(hello[:len(hello)-1]+`,"tools":[`, `{"type":"function","function":{"name":"f"}}`, `]}`),
		"tools of nulls":              fill(hello[:len(hello)-1]+`,"tools":[`, `{"a":null,"b":null,"c":null}`, `]}`),
		"empty calls":                 fill(open+`{"role":"assistant","tool_calls":[`, `{}`, `]}]}`),
		"calls of nulls":              fill(open+`{"role":"assistant","tool_calls":[`, `{"id":null,"type":null}`, `]}]}`),
		"messages of empty calls":     fill(open, `{"role":"a","tool_calls":[{}]}`, `]}`),
		"messages of empty tools":     fill(open, `{"role":"a","tools":[{}]}`, `]}`),
		"stops":                       fill(hello[:len(hello)-1]+`,"stop":[`, `""`, `]}`),
		"unknown keys":                keys(hello[:len(hello)-1]+",", `0`, `}`),
		"keys that are not counted":   keys(hello[:len(hello)-1]+`,"logit_bias":{`, `0`, `}}`),
		"keys of a schema":            keys(params+`{`, `0`, `}}}]}`),
		"objects of 21 keys":          fill(params+`[`, wide, `]}}]}`),
		"one large schema":            fill(params+`{"enum":[`, `"How much will it cost?"`, `]}}}]}`),
		"numbers that print long":     fill(params+`[`, `1e15`, `]}}]}`),
		"numbers with fractions":      fill(params+`[`, `0.1`, `]}}]}`),
		"numbers of 500 digits":       fill(params+`[`, strings.Repeat("7", 500), `]}}]}`),
		"numbers beyond any":          fill(params+`[`, `1e999`, `]}}]}`),
		"arguments that print long":   fill(open+`{"role":"assistant","tool_calls":[{"function":{"arguments":[`, `1e15`, `]}}]}]}`),
		"64 levels again and again":   fill(params+`[`, strings.Repeat("[", 58)+strings.Repeat("]", 58), `]}}]}`),
		"objects in objects":          fill(params+`[`, strings.Repeat(`{"a":`, 50)+"0"+strings.Repeat("}", 50), `]}}]}`),
		"brackets without an end":     open + strings.Repeat("[", n),
		"braces without an end":       open + strings.Repeat(`{"a":`, n/5),
		"text":                        textOf(strings.Repeat("How much? ", n/10)),
		"text of escapes":             textOf(strings.Repeat(`\n`, n/2)),
		"text of long escapes":        textOf(strings.Repeat(`\u0041`, n/6)),
		"text of pairs of surrogates": textOf(strings.Repeat(`\ud83d\ude00`, n/12)),
		"an image":                    imageOf(n),
		"an image of escapes":         withMessage(parts + `{"type":"image_url","image_url":"data:image/png;base64,` + strings.Repeat(`\u0041`, n/6) + `"}]}`),
		"one long key":                hello[:len(hello)-1] + `,"` + strings.Repeat("k", n) + `":0}`,
		"one long response format":    fill(hello[:len(hello)-1]+`,"response_format":{"a":[`, `"b"`, `]}}`),
		"spaces":                      strings.Repeat(" ", n) + hello,
	}
}

// What a body makes of itself in memory is bounded by its length, and so is the
// time it takes. A body that does not say how long it is may take a little more:
// what it is made of is put together twice. Not parallel: it measures what the
// whole process allocates.
func TestNoBodyAllocatesMoreThanFourTimesItsSize(t *testing.T) {
	const size, small = 1 << 20, 512 << 10
	var worst float64
	var slowest time.Duration
	var worstName, slowestName string
	shapes := hostileShapes(size)
	for name, body := range shapes {
		for _, hint := range []int{len(body), 0} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			_, err := chat.Scan(strings.NewReader(body), chat.Options{SizeHint: int64(hint)})
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if err != nil {
				_, ok := errors.AsType[*chat.Error](err)
				require.True(t, ok, "%s: %v", name, err)
			}
			allocated := max(0, float64(after.TotalAlloc-before.TotalAlloc)-small) / float64(len(body))
			t.Logf("%s of %d bytes: %.2f times its size after the first %d, in %s", name, hint, allocated, small, took)
			if hint == 0 {
				require.LessOrEqual(t, allocated, 5.0, name)
				continue
			}
			require.LessOrEqual(t, allocated, 4.0, name)
			if allocated > worst {
				worst, worstName = allocated, name
			}
			if took > slowest {
				slowest, slowestName = took, name
			}
		}
	}
	t.Logf("scorecard | 19 | %d shapes of 1 MiB that make much of few bytes: empty and tiny messages, parts, tools, calls, members, deep nesting, long numbers, escapes "+
		"| at most 4 times the body allocated, beside 512 KiB; less than 1 s | at most %.1f times (%s), at most %s (%s)",
		len(shapes), worst, worstName, slowest.Round(100*time.Microsecond), slowestName)
	require.Less(t, slowest, time.Minute)
}

// Every short message that a window has room for is accepted, in thousands too.
func TestShortMessagesAreAcceptedHoweverMany(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"messages": `{"role":"user","content":"Hi"}`,
		"calls": `{"role":"assistant","content":"","tool_calls":[{"id":"call_0","type":"function","function":{"name":"ls","arguments":"{}"}}]},` +
			`{"role":"tool","tool_call_id":"call_0","content":"ok"}`,
		"images": `{"role":"user","content":[{"type":"image_url","image_url":{"url":"` + png1x1 + `"}}]}`,
	} {
		n := min(chat.MaxElements, 1<<20/len(body))
		req := scan(t, withMessage(strings.Repeat(body+",", n/4)+body))
		require.GreaterOrEqual(t, len(req.Messages), n/4, name)
	}
}
