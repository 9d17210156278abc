package gate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/gate"
)

// ids is the ids of a report's cases in their order.
func ids(found *gate.Report) []string {
	var out []string
	for i := range found.Cases {
		out = append(out, found.Cases[i].ID)
	}
	return out
}

func TestAGlobStandsForItsFiles(t *testing.T) {
	t.Parallel()
	hello := chatOf(t, "user", "Hello")
	for _, tt := range []struct {
		name, pattern string
		want          []string
	}{
		{"of one folder", "prompts/*.json", []string{"all/a", "all/b"}},
		{"of a tree", "prompts/**/*.json", []string{"all/a", "all/b", "all/deep/c"}},
		{"of a choice", "prompts/{a,deep/c}.json", []string{"all/a", "all/deep/c"}},
		{"of one file", "prompts/a.json", []string{"all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml":  "version: 1\ncases:\n  - {id: all, request: \"" + tt.pattern + "\"}\n",
				"prompts/a.json": hello, "prompts/b.json": hello, "prompts/deep/c.json": hello, "prompts/note.txt": "no",
			})
			require.Equal(t, tt.want, ids(r.report()))
		})
	}
}

func TestAJSONLFileIsACaseALine(t *testing.T) {
	t.Parallel()
	bare := `{"model":"kimi-k2.6","messages":[{"role":"user","content":"Hello"}]}`
	r := newRepo(t, map[string]string{
		"tollgate.yaml": "version: 1\ncases:\n  - {id: file, request: all.jsonl, completion_tokens: 10, basis: expected}\n",
		"all.jsonl": bare + "\n\n" +
			`{"custom_id":"x","method":"POST","url":"/v1/chat/completions","body":` + bare + "}\n" +
			`{"custom_id":"bad","body":{}}` + "\n",
	})
	found := r.report()
	require.Equal(t, []string{"file#1", "file#x", "file#bad"}, ids(found))
	require.Equal(t, []int{1, 3, 4}, []int{found.Cases[0].Line, found.Cases[1].Line, found.Cases[2].Line})
	require.Equal(t, found.Cases[0].Now.PromptTokens, found.Cases[1].Now.PromptTokens)
	require.Less(t, *found.Cases[1].Now.Cost.Expected, *found.Cases[0].Now.Cost.Expected, "a batch call is cheaper")
	require.Equal(t, []string{"request_unreadable"}, codes(found.Cases[2].Reasons))
	require.Equal(t, 4, found.Cases[2].Reasons[0].Line)
	require.Equal(t, gate.Fail, found.Outcome)
}

func TestAConfigurationThatMeasuresNothingIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, config, says string }{
		{"a file that is not there", oneCase(), "a.json: no such file"},
		{"a glob without a match", "version: 1\ncases:\n  - {id: a, request: \"x/*.json\"}\n", "no file matches"},
		{"a folder", "version: 1\ncases:\n  - {id: a, request: dir}\n", "is a folder"},
		{"an empty JSONL file", "version: 1\ncases:\n  - {id: a, request: empty.jsonl}\n", "no lines"},
		{"a prompt that is not there", "version: 1\ncases:\n  - {id: a, prompt: p.md, model: kimi-k2.6}\n", "p.md: no such file"},
		{"values that are not there", "version: 1\ncases:\n  - {id: a, request: dir/b.json, values: v.yaml}\n", "v.yaml: no such file"},
		{
			"two lines of one name", "version: 1\ncases:\n  - {id: a, request: twice.jsonl}\n",
			`two cases have the id "a#x": twice.jsonl:1 and twice.jsonl:2`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			line := `{"custom_id":"x","body":{"model":"kimi-k2.6","messages":[{"role":"user","content":"a"}]}}` + "\n"
			r := newRepo(t, map[string]string{
				"tollgate.yaml": tt.config, "dir/b.json": "{}", "empty.jsonl": "\n", "twice.jsonl": line + line,
			})
			_, err := r.run()
			_, ok := errors.AsType[*gate.ConfigError](err)
			require.True(t, ok, "%v", err)
			require.ErrorContains(t, err, tt.says)
			require.NotContains(t, err.Error(), "goroutine")
		})
	}
}

func TestATemplateIsFilledWithItsWorstCase(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a long story about a gate ", 50)
	config := "version: 1\ncases:\n  - {id: a, prompt: p.md, model: kimi-k2.6, values: v.yaml}\n"
	for _, tt := range []struct{ name, values, same string }{
		{"a text", "name: " + long + "\n", long},
		{"the longest of several", "name: [short, \"" + long + "\", medium text]\n", long},
		{"a file", "name: {file: story.txt}\n", long},
		{"the longest of files and texts", "name: [short, {file: story.txt}]\n", long},
		{"a number", "name: 42\n", "42"},
		{"JSON", `{"name": "x\"y"}`, `x"y`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same := strings.TrimSpace(tt.same)
			files := map[string]string{
				"tollgate.yaml": config, "p.md": "Dear {{ name }},\n{{not a variable}} {{name}}!", "v.yaml": tt.values, "story.txt": long,
			}
			if tt.name == "a file" || strings.HasPrefix(tt.name, "the longest") {
				same = long
			}
			r := newRepo(t, files)
			got := only(t, r.report()).Now
			r.write("p.md", "Dear "+same+",\n{{not a variable}} "+same+"!")
			r.write("tollgate.yaml", strings.Replace(config, ", values: v.yaml", "", 1))
			require.Equal(t, only(t, r.report()).Now.Hash, got.Hash)
		})
	}
}

func TestARequestIsFilledInsideOfItsStrings(t *testing.T) {
	t.Parallel()
	r := newRepo(t, map[string]string{
		"tollgate.yaml": oneCase("values: v.yaml\n"),
		"a.json":        chatOf(t, "user", "Say {{what}} twice"),
		"v.yaml":        "what: \"\\\"quoted\\\" and\\nbroken <b>\"\n",
	})
	got := only(t, r.report()).Now
	require.NotNil(t, got)
	r.write("a.json", chatOf(t, "user", "Say \"quoted\" and\nbroken <b> twice"))
	r.write("tollgate.yaml", oneCase())
	require.Equal(t, only(t, r.report()).Now.Hash, got.Hash)
}

func TestAVariableWithoutAValueIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, values, says string }{
		{"none", "other: x\n", "p.md: line 2: there is no value for {{name}}"},
		{"null", "name:\n", "v.yaml: line 1: name: there is no value"},
		{"an object", "name: {a: b}\n", "want a text"},
		{"an empty list", "name: []\n", "the list is empty"},
		{"a file that is not there", "name: {file: gone.txt}\n", "gone.txt: no such file"},
		{"a name twice", "name: a\nname: b\n", "already defined"},
		{"no mapping", "- a\n", "v.yaml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{
				"tollgate.yaml": "version: 1\ncases:\n  - {id: a, prompt: p.md, model: kimi-k2.6, values: v.yaml}\n",
				"p.md":          "Dear\n{{name}}", "v.yaml": tt.values,
			})
			_, err := r.run()
			require.ErrorContains(t, err, tt.says)
			require.ErrorContains(t, err, "tollgate.yaml")
			require.NotContains(t, err.Error(), r.dir+"/tollgate.yaml:\n  line 3: case a: "+r.dir)
		})
	}
}

func TestReasonsAndNotesSayWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, config string
		line               int
	}{
		{"broken JSON", "{\n\"model\": \"kimi-k2.6\",\n\"messages\": oops\n}", oneCase(), 3},
		{
			"a parameter", "{\n\"model\": \"kimi-k2.6\",\n\"messages\": [{\"role\":\"user\",\n\"content\":\"x\"}],\n\"temperature\":\n0.3}",
			oneCase(), 6,
		},
		{"an unknown model", "{\n\n\"model\": \"kimi\",\"messages\": [{\"role\":\"user\",\"content\":\"x\"}]}", oneCase(), 3},
		{
			"content", "{\"model\": \"kimi-k2.6\",\"messages\": [\n{\"role\":\"user\",\"content\":\"x\"},\n{\"role\":\"user\",\n\"content\":\"\"}]}",
			oneCase(), 4,
		},
		{
			"a filled request", "{\n\"model\": \"kimi-k2.6\",\"messages\": [{\"role\":\"user\",\"content\":\"{{x}}\"}],\n\"temperature\": 0.3}",
			oneCase("values: v.yaml\n"), 3,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, map[string]string{"tollgate.yaml": tt.config, "a.json": tt.file, "v.yaml": "x: \"a\\nb\"\n"})
			c := only(t, r.report())
			require.NotEmpty(t, c.Reasons)
			require.Equal(t, tt.line, c.Reasons[0].Line, "%+v", c.Reasons[0])
		})
	}
}
