package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"tollgate/api"
)

var update = flag.Bool("update", false, "record the answers of the examples")

// example is a file of the examples: what is sent, which is written by hand,
// and what is answered, which is recorded.
type example struct {
	Summary    string          `json:"summary"`
	Needs      string          `json:"needs,omitempty"`
	Operations []string        `json:"operations,omitempty"`
	Path       string          `json:"path,omitempty"`
	Query      string          `json:"query,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
	Status     int             `json:"status"`
	Response   json.RawMessage `json:"response"`

	file string
}

// text is the body as it is sent.
func (e *example) text(t testing.TB) string {
	t.Helper()
	if len(e.Body) == 0 || e.Body[0] != '"' {
		return string(e.Body)
	}
	var text string
	require.NoError(t, json.Unmarshal(e.Body, &text))
	return text
}

// readExamples returns the examples of a directory by their names.
func readExamples(t testing.TB, dir string) map[string]*example {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("examples", dir, "*.json"))
	require.NoError(t, err)
	out := map[string]*example{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		e := &example{file: file}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		require.NoError(t, dec.Decode(e), file)
		require.NotEmpty(t, e.Summary, file)
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = e
	}
	return out
}

// operation is an operation of the document and where it is.
type operation struct {
	*openapi3.Operation

	method, path string
}

// documented returns every operation by its id.
func documented(t testing.TB) map[string]operation {
	t.Helper()
	out := map[string]operation{}
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			out[op.OperationID] = operation{Operation: op, method: method, path: path}
		}
	}
	return out
}

// answered is what came back.
type answered struct {
	status int
	media  string
	body   []byte
}

// execute sends the request of an example to an operation of the service that
// an answer needs, and holds the exchange against the document.
func (c contract) execute(t testing.TB, op operation, e *example, needs string) answered {
	t.Helper()
	target := strings.Replace(op.path, "{id}", url.PathEscape(e.Path), 1)
	if strings.Contains(e.Path, "/") {
		target = strings.Replace(op.path, "{id}", e.Path, 1) // the router takes the rest of the path
	}
	if e.Query != "" {
		target += "?" + e.Query
	}
	edit := circumstances(t, &c, op, needs)
	named := func(r *http.Request) {
		r.Header.Set("X-Request-Id", "example")
		edit(r)
	}
	if op.path == batchPath || strings.Contains(e.Path, "/") { // what the validator has no words for
		r := httptest.NewRequest(op.method, "http://localhost"+target, strings.NewReader(e.text(t)))
		r.Header.Set("Content-Type", "application/x-ndjson")
		named(r)
		rec := httptest.NewRecorder()
		c.handler.ServeHTTP(rec, r)
		return answerOf(rec)
	}
	rec, against := c.exchange(t, op.method, target, e.text(t), named)
	if rec.Code < 300 {
		require.NoError(t, against, e.file)
	}
	return answerOf(rec)
}

func answerOf(rec *httptest.ResponseRecorder) answered {
	return answered{status: rec.Code, media: rec.Header().Get("Content-Type"), body: rec.Body.Bytes()}
}

// value is the answer as an example has it: JSON, or a text.
func (a answered) value(t testing.TB) json.RawMessage {
	t.Helper()
	if strings.HasSuffix(a.media, "json") && a.media != "application/x-ndjson" {
		return bytes.TrimSpace(a.body)
	}
	text, err := json.Marshal(string(a.body))
	require.NoError(t, err)
	return text
}

// hold compares an answer with the recorded one, or records it.
func (e *example) hold(t testing.TB, got answered) {
	t.Helper()
	require.Equal(t, e.Status, got.status, "%s: %s", e.file, got.body)
	if *update {
		e.Response = got.value(t)
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		require.NoError(t, enc.Encode(e))
		require.NoError(t, os.WriteFile(e.file, out.Bytes(), 0o644))
	}
	require.JSONEq(t, string(e.Response), string(got.value(t)), "%s; record it with -update, then go generate", e.file)
}

func TestEveryExampleExecutesAndGivesTheAnswerItClaims(t *testing.T) {
	if !*update { // others read what is written then
		t.Parallel()
	}
	c := newContract(t, options(t))
	for id, op := range documented(t) {
		for name, e := range readExamples(t, id) {
			t.Run(id+"/"+name, func(t *testing.T) {
				if !*update {
					t.Parallel()
				}
				own := c
				own.handler = api.New(options(t))
				e.hold(t, own.execute(t, op, e, e.Needs))
			})
		}
	}
}

// sharedAnswers are the directories of answers that several operations give, by
// the schema of the answers.
var sharedAnswers = map[string]string{
	"problems": "Problem", "vendor_errors": "VendorError", "anthropic_errors": "AnthropicError", "openai_errors": "OpenAIError",
}

func TestEverySharedAnswerIsGivenByEachOperationThatShowsIt(t *testing.T) {
	if !*update {
		t.Parallel()
	}
	c := newContract(t, options(t))
	ops := documented(t)
	for dir, schema := range sharedAnswers {
		for name, e := range readExamples(t, dir) {
			for _, id := range slices.Sorted(maps.Keys(ops)) {
				op := ops[id]
				if !op.gives(e.Status, schema) || len(e.Operations) > 0 && !slices.Contains(e.Operations, id) {
					continue
				}
				t.Run(dir+"/"+name+"/"+id, func(t *testing.T) {
					if !*update { // all of them write to one file
						t.Parallel()
					}
					own := c
					own.handler = api.New(options(t))
					e.hold(t, own.execute(t, op, typical(t, id), e.Needs))
				})
			}
		}
	}
}

// gives reports whether the operation documents an answer of that status and
// schema.
func (op operation) gives(status int, schema string) bool {
	answer := op.Responses.Status(status)
	if answer == nil {
		return false
	}
	for _, m := range answer.Value.Content {
		if m.Schema != nil && m.Schema.Ref == "#/components/schemas/"+schema {
			return true
		}
	}
	return false
}

// typical is what is sent to an operation when it does not matter what.
func typical(t testing.TB, id string) *example {
	t.Helper()
	examples := readExamples(t, id)
	for _, name := range []string{"basic", "current", "requests"} {
		if e := examples[name]; e != nil {
			return e
		}
	}
	return &example{}
}

// unshown are the answers that have no example: the catalogue is long and shown
// by the routes themselves, the documents and metrics are no JSON, a batch
// breaks off before its first line when no test is looking, and cutting text
// asks nobody who could fail.
var unshown = []string{
	"cutTokens 500", "createBatch 408", "createBatch 500", "createBatch 503",
	"listModels 200", "getPrices 200", "getMetrics 200", "getDocumentJSON 200", "getDocumentYAML 200",
}

func TestEveryAnswerHasAnExample(t *testing.T) {
	t.Parallel()
	for id, op := range documented(t) {
		for status, r := range op.Responses.Map() {
			if status == "304" || slices.Contains(unshown, id+" "+status) {
				continue
			}
			for _, m := range r.Value.Content {
				require.NotEmpty(t, m.Examples, "%s %s", id, status)
			}
		}
		if op.RequestBody != nil {
			for _, m := range op.RequestBody.Value.Content {
				require.GreaterOrEqual(t, len(m.Examples), 4, id)
			}
		}
	}
}

func TestWhatThePageFillsInByItselfSucceeds(t *testing.T) {
	t.Parallel()
	c := newContract(t, options(t))
	for id, op := range documented(t) {
		if len(op.Parameters) == 0 && op.RequestBody == nil {
			continue
		}
		e := *typical(t, id)
		query := url.Values{}
		for _, p := range op.Parameters {
			if p.Value.In == "path" {
				e.Path, _ = first(p.Value.Examples).(string)
			} else if value, ok := first(p.Value.Examples).(string); ok {
				query.Set(p.Value.Name, value)
			}
			require.Nil(t, p.Value.Example, "%s %s: the page would fill it in", id, p.Value.Name)
		}
		e.Query = query.Encode()
		if op.RequestBody != nil && op.path != batchPath {
			var err error
			e.Body, err = json.Marshal(first(op.RequestBody.Value.Content.Get("application/json").Examples))
			require.NoError(t, err)
		}
		require.Equal(t, http.StatusOK, c.execute(t, op, &e, "").status, "%s?%s %s", id, e.Query, e.Body)
	}
}

// first is the value of the first example by name, nil if there are none.
func first(examples openapi3.Examples) any {
	names := slices.Sorted(maps.Keys(examples))
	if len(names) == 0 {
		return nil
	}
	return examples[names[0]].Value.Value
}

// What the vendor announces is in the catalogue before it comes true. The
// examples must not wait for that day.
func TestNoExampleIsOfAModelOrAPriceThatHasAnEnd(t *testing.T) {
	t.Parallel()
	book, err := embedded()
	require.NoError(t, err)
	for id := range documented(t) {
		for name, e := range readExamples(t, id) {
			var sent struct {
				Model string `json:"model"`
			}
			if json.Unmarshal(e.Body, &sent) != nil || strings.HasPrefix(name, "retired") {
				continue
			}
			m, err := book.Model(sent.Model)
			if err != nil {
				require.Contains(t, []string{"", "kimi-k26", "gpt-6", "claude-sonnet-5"}, sent.Model, e.file)
				continue
			}
			require.True(t, m.Retired.IsZero(), "%s: %s retires on %s", e.file, m.ID, m.Retired)
			for _, p := range m.Prices {
				require.False(t, p.EffectiveUntil.After(now()), "%s: a price of %s ends on %s", e.file, m.ID, p.EffectiveUntil)
			}
		}
	}
}

func TestEveryParameterSaysWhatItIsAndInWhichUnit(t *testing.T) {
	t.Parallel()
	units := []string{"token", "decimal", "RFC 3339", "id", "CNY", "how to count", "402", "problem", "cost"}
	for id, op := range documented(t) {
		for _, p := range op.Parameters {
			require.True(t, slices.ContainsFunc(units, func(unit string) bool {
				return strings.Contains(p.Value.Description, unit)
			}), "%s %s: %s", id, p.Value.Name, p.Value.Description)
			if p.Value.Schema.Value.Enum == nil && !p.Value.Schema.Value.Type.Is("boolean") && p.Value.In == "query" {
				require.Contains(t, p.Value.Description, "uch as ", "%s %s has no example", id, p.Value.Name)
			}
		}
	}
}
