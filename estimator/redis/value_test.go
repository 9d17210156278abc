package redis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/estimator"
	"tollgate/estimator/redis"
)

const name = "tollgate:count:v1:00:vendor:vendor1"

var made = time.Unix(1_795_000_000, 0)

func TestEveryCountComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := redis.NewCodec("salt")
	for _, want := range []estimator.Count{
		{Method: estimator.MethodVendor},
		{Method: estimator.MethodVendor, Tokens: 80, Low: 80, High: 80},
		{Method: estimator.MethodVendor, Tokens: redis.MaxTokens, Low: 0, High: redis.MaxTokens},
		{Method: estimator.MethodApproximation, Tokens: 7, Low: 3, High: estimator.Unbounded},
		{Method: estimator.MethodMixed, Tokens: 15, Low: 12, High: 19, Parts: []estimator.PartCount{
			{Part: estimator.PartSystem, Tokens: 1, Method: estimator.MethodTokenizer},
			{Part: estimator.PartTools, Tokens: 2, Method: estimator.MethodApproximation},
			{Part: estimator.PartMessages, Tokens: 3, Method: estimator.MethodVendor},
			{Part: estimator.PartMedia, Tokens: 4, Method: estimator.MethodMixed},
			{Part: estimator.PartGenerationPrompt, Tokens: 5, Method: estimator.MethodTokenizer},
		}},
	} {
		value, ok := c.Encode(name, want, made)
		require.True(t, ok, "%+v", want)
		require.Less(t, len(value), 300)
		got, at, ok := c.Decode(name, value)
		require.True(t, ok, value)
		require.Equal(t, want, got)
		require.Equal(t, made, at)

		_, _, ok = c.Decode(name+"x", value)
		require.False(t, ok, "under another key")
		_, _, ok = redis.NewCodec("pepper").Decode(name, value)
		require.False(t, ok, "under another salt")
	}
}

func TestWhatNoCounterSaysIsNotWritten(t *testing.T) {
	t.Parallel()
	part := func(p estimator.Part, n int64, m estimator.Method) []estimator.PartCount {
		return []estimator.PartCount{{Part: p, Tokens: n, Method: m}}
	}
	const vendor, messages = estimator.MethodVendor, estimator.PartMessages
	for what, count := range map[string]estimator.Count{
		"nothing":           {},
		"an unknown method": {Method: "guess"},
		"auto":              {Method: estimator.MethodAuto},
		"negative tokens":   {Method: vendor, Tokens: -1, Low: -1},
		"a negative bound":  {Method: vendor, Low: -1},
		"an odd high":       {Method: vendor, High: -2},
		"low over tokens":   {Method: vendor, Tokens: 1, Low: 2, High: 3},
		"low over high":     {Method: vendor, Tokens: 9, Low: 4, High: 3},
		"too many tokens":   {Method: vendor, Tokens: redis.MaxTokens + 1, High: estimator.Unbounded},
		"a wrong sum":       {Method: vendor, Tokens: 2, Parts: part(messages, 1, vendor), High: 2},
		"an unknown part":   {Method: vendor, Tokens: 1, High: 1, Parts: part("audio", 1, vendor)},
		"a part by nobody":  {Method: vendor, Tokens: 1, High: 1, Parts: part(messages, 1, "")},
		"a negative part":   {Method: vendor, Tokens: 0, Parts: append(part(messages, -1, vendor), part(messages, 1, vendor)...)},
		"six parts":         {Method: vendor, Parts: make([]estimator.PartCount, 6)},
		"provisional":       {Method: vendor, Provisional: true},
		"gaps":              {Method: vendor, Gaps: make([]estimator.Gap, 1)},
	} {
		_, ok := redis.NewCodec("").Encode(name, count, made)
		require.False(t, ok, what)
	}
}

// A seal without a salt is no secret: what is under it must be read as
// strictly as if there were none.
func TestASealedLineIsStillReadStrictly(t *testing.T) {
	t.Parallel()
	c := redis.NewCodec("")
	read := func(line string) bool {
		_, _, ok := c.Decode(name, line+" "+c.Seal(name, line))
		return ok
	}
	require.True(t, read("1 1795000000 vendor 80 80 80"))
	require.True(t, read("1 1795000000 vendor 80 80 - messages=80=vendor"))
	for _, line := range []string{
		"", "1", "1 1795000000", "1 1795000000 vendor", "1 1795000000 vendor 80 80",
		"2 1795000000 vendor 80 80 80",
		"1 -5 vendor 80 80 80",
		"1 99999999999999999999 vendor 80 80 80",
		"1 1795000000 vendor 080 80 80",
		"1 1795000000 vendor +80 80 80",
		"1 1795000000 vendor 8e1 80 80",
		"1 1795000000 vendor 80 80 80 ",
		"1  1795000000 vendor 80 80 80",
		"1 1795000000 vendor 80 80 79",
		"1 1795000000 vendor 80 81 82",
		"1 1795000000 vendor 80 80 4294967295",
		"1 1795000000 vendor 80 80 80 messages=79=vendor",
		"1 1795000000 vendor 80 80 80 messages=80",
		"1 1795000000 vendor 80 80 80 messages=80=vendor=x",
		"1 1795000000 vendor 80 80 80 messages==vendor",
		"1 1795000000 vendor 0 0 0" + strings.Repeat(" messages=0=vendor", 6),
		"1 1795000000 VENDOR 80 80 80",
	} {
		require.False(t, read(line), "%q", line)
	}
}

func FuzzValue(f *testing.F) {
	f.Add("1 1795000000 vendor 80 80 80", true)
	f.Add("1 1795000000 mixed 80 76 - messages=76=vendor generation_prompt=4=tokenizer", true)
	f.Add("claim ABCDEF", false)
	f.Add("1 0 vendor 0 0 0 0123456789abcdef", false)
	f.Add(`{"total_tokens":80}`, true)
	f.Add("", false)
	c := redis.NewCodec("salt")
	f.Fuzz(func(t *testing.T, value string, sealed bool) {
		if sealed {
			value += " " + c.Seal(name, value)
		}
		count, at, ok := c.Decode(name, value)
		if !ok {
			return
		}
		again, ok := c.Encode(name, count, at)
		if !ok || again != value {
			t.Fatalf("%q was read as %+v, which is written %q", value, count, again)
		}
		if count.Tokens < 0 || count.Low < 0 || count.Low > count.Tokens || count.High < estimator.Unbounded {
			t.Fatalf("%q was read as %+v", value, count)
		}
	})
}
