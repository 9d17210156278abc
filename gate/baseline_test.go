package gate_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
)

func TestTheBaselineHoldsNothingOfThePrompt(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": oneCase(),
		"a.json":        agent(t, toolsOf("wire_money"), strings.Repeat("The password is Swordfish. ", 30), "Is it Trout?"),
	})
	r.update()
	content := r.baseline()
	for _, secret := range []string{"Swordfish", "password", "Trout", "wire_money", "described"} {
		require.NotContains(t, content, secret)
	}
	require.True(t, json.Valid([]byte(content)))
	require.Less(t, len(content), 3000, "it is small")
	for line := range strings.Lines(content) {
		require.Less(t, len(line), 700, "what a diff shows is a line that can be read")
	}
}

func TestTheBaselineIsSortedAndReadStrictly(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": "version: 1\ncases:\n  - {id: b, request: a.json}\n  - {id: a, request: a.json}\n",
		"a.json":        chatOf(t, "user", "Hello"),
	})
	r.update()
	good := r.baseline()
	require.Less(t, strings.Index(good, `"a": {`), strings.Index(good, `"b": {`))
	for _, tt := range []struct{ name, from, to, says string }{
		{"another version", `"version": 1`, `"version": 2`, "version is 2"},
		{"an unknown member", `"version": 1`, `"version": 1, "extra": 1`, "extra"},
		{"an unknown member of a case", `"assumed":`, `"assumes":`, "assumes"},
		{"a merge conflict", "\n    \"b\"", "\n<<<<<<< HEAD\n    \"b\"", "merge conflict"},
		{"no JSON", `"cases"`, `cases`, "no baseline"},
		{"something behind it", "\n}\n", "\n}\n{}", "behind it"},
		{"another currency", `"CNY"`, `"EUR"`, "currency"},
		{"a number below its bound", `"low":`, `"low":9999,"x":`, "case"},
		{"more cached than there is", `"cached_tokens":0`, `"cached_tokens":99999`, "cached"},
		{"a case twice", "\n    \"b\": {", "\n    \"a\": {", `case "a" is there twice`},
		{"a method that nobody has", `"method":"approximation"`, `"method":"guess"`, "method"},
		{"no calls", `"calls":1`, `"calls":0`, "calls"},
		{"money as a number", `"expected":"`, `"expected":0,"x":"`, "case"},
		{"no date", `"effective_from":"2026`, `"effective_from":"x2026`, "effective_from"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, tt.from, tt.to, 1)
			require.NotEqual(t, good, bad, "the case changes something")
			_, err := gate.ReadBaseline("b.json", strings.NewReader(bad))
			wrong, ok := errors.AsType[*gate.BaselineError](err)
			require.True(t, ok, "%v", err)
			require.Contains(t, wrong.Error(), tt.says)
			require.Contains(t, wrong.Error(), "--update-baseline")
		})
	}
}

func TestABaselineInAnotherCurrencyIsNotCompared(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{"tollgate.yaml": oneCase(), "a.json": chatOf(t, "user", "Hello")})
	r.update()
	r.write("tollgate.yaml", "currency: USD\n"+oneCase())
	_, err := r.run()
	_, ok := errors.AsType[*gate.BaselineError](err)
	require.True(t, ok, "%v", err)
	require.ErrorContains(t, err, "USD")
}

func TestABadBaselineIsReplacedWhenThatIsAskedFor(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": oneCase(), "a.json": chatOf(t, "user", "Hello"), "tollgate.baseline.json": "<<<<<<<",
	})
	_, err := r.run()
	require.Error(t, err)
	r.update()
	require.Equal(t, gate.Unchanged, only(t, r.report()).State)
}

func TestACaseThatCannotBeMeasuredIsNotInTheBaseline(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": oneCase() + "  - {id: b, request: b.json}\n", "a.json": chatOf(t, "user", "Hello"), "b.json": "{}",
	})
	found := r.update()
	require.Equal(t, gate.Fail, found.Outcome, "and that is said")
	require.NotContains(t, r.baseline(), `"b"`)
}

// FuzzReadBaseline checks that no baseline, however damaged, does more than be
// refused, and that what is read can be held against.
func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"version":1,"currency":"CNY","cases":{}}`))
	f.Add([]byte(`{"version":1,"currency":"CNY","cases":{"a":{"request":"a","model":"m","content_hash":"h","count":{"method":"tokenizer","prompt_tokens":1,"low":1,"high":1},"assumed":{"completion_tokens":1,"cached_tokens":0,"calls":1},"rates":null,"cost":{"expected":null,"low":null,"high":null},"tools":[],"prefix":[]}}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := gate.ReadBaseline("x", strings.NewReader(string(content)))
		if err != nil {
			_, ok := errors.AsType[*gate.BaselineError](err)
			require.True(t, ok, "%v", err)
			return
		}
		require.NotNil(t, b)
	})
}
