package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// example is one exchange with the service, as it was recorded. Every file of
// the examples directory is one; its directory is the id of its operation, and
// its name is that of the example.
type example struct {
	Summary    string          `json:"summary"`
	Needs      string          `json:"needs"`      // what a service must be for this answer; empty: as it runs without any setting
	Operations []string        `json:"operations"` // of a shared answer: those that give it; empty: all with its status
	Path       string          `json:"path"`       // value of the parameter in the path
	Query      string          `json:"query"`
	Body       json.RawMessage `json:"body"` // a string is a body that is no JSON object
	Status     int             `json:"status"`
	Response   json.RawMessage `json:"response"`
}

// shown are the query parameters that have examples of their own. The page
// fills in the first of a parameter's, so these are the ones of which the first
// changes nothing, or is what everybody wants to see.
var shown = []string{"max_cost", "models"}

// shared are the directories of answers that more than one operation gives, by
// the schema of those answers.
var shared = map[string]string{
	"problems":         problemRef,
	"vendor_errors":    "#/components/schemas/VendorError",
	"anthropic_errors": "#/components/schemas/AnthropicError",
	"openai_errors":    "#/components/schemas/OpenAIError",
}

// addExamples gives every operation its examples, and every answer that has
// none of its own the one that it shares with others.
func addExamples(doc *openapi3.T, files fs.FS) error {
	ops := map[string]*openapi3.Operation{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			ops[op.OperationID] = op
		}
	}
	dirs, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		examples, err := readExamples(files, dir.Name())
		if err != nil {
			return err
		}
		op, ref := ops[dir.Name()], shared[dir.Name()]
		switch {
		case op != nil:
			err = addOwn(op, examples)
		case ref == "":
			err = fmt.Errorf("examples of %s: there is no such operation", dir.Name())
		}
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(shared)) {
		examples, err := readExamples(files, name)
		if err != nil {
			return err
		}
		addShared(doc, name, examples)
	}
	return nil
}

// readExamples returns the examples of a directory by their names.
func readExamples(files fs.FS, dir string) (map[string]example, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	out := map[string]example{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var e example
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if e.Response == nil {
			continue // of which no answer was recorded yet
		}
		out[strings.TrimSuffix(path.Base(name), ".json")] = e
	}
	return out, nil
}

// addOwn adds the examples of one operation.
func addOwn(op *openapi3.Operation, examples map[string]example) error {
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		e := examples[name]
		answer := op.Responses.Status(e.Status)
		if answer == nil {
			return fmt.Errorf("example %s of %s: %d is no answer of it", name, op.OperationID, e.Status)
		}
		for _, m := range answer.Value.Content {
			put(&m.Examples, name, e.Summary, "", e.Response)
		}
		if e.Needs == "" {
			if err := addRequest(op, name, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// addRequest adds what is sent in an example.
func addRequest(op *openapi3.Operation, name string, e example) error {
	if op.RequestBody != nil && len(e.Body) > 0 {
		for mediaType, m := range op.RequestBody.Value.Content {
			if (mediaType == jsonType) == (e.Body[0] == '{') { // no example of JSON is broken JSON
				put(&m.Examples, name, e.Summary, e.about(), e.Body)
			}
		}
	}
	if p := op.Parameters.GetByInAndName("path", "id"); p != nil && e.Path != "" {
		put(&p.Examples, name, e.Summary, "", e.Path)
	}
	for pair := range strings.SplitSeq(e.Query, "&") {
		parameter, value, _ := strings.Cut(pair, "=")
		if !slices.Contains(shown, parameter) {
			continue
		}
		p := op.Parameters.GetByInAndName("query", parameter)
		if p == nil {
			return fmt.Errorf("example %s of %s: no parameter %s", name, op.OperationID, parameter)
		}
		put(&p.Examples, name, e.Summary, e.about(), value)
	}
	return nil
}

// about says what belongs to an example beside its body.
func (e *example) about() string {
	if e.Query == "" {
		return fmt.Sprintf("Answers %d.", e.Status)
	}
	return fmt.Sprintf("With the query `%s`. Answers %d.", e.Query, e.Status)
}

// put adds an example to a set that may not be there yet.
func put(to *openapi3.Examples, name, summary, description string, value any) {
	if *to == nil {
		*to = openapi3.Examples{}
	}
	(*to)[name] = &openapi3.ExampleRef{Value: &openapi3.Example{Summary: summary, Description: description, Value: value}}
}

// addShared adds the examples of a shared directory to every operation that
// gives such an answer.
func addShared(doc *openapi3.T, dir string, examples map[string]example) {
	if doc.Components.Examples == nil {
		doc.Components.Examples = openapi3.Examples{}
	}
	for name, e := range examples {
		component, used := dir+"."+name, false
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				if len(e.Operations) == 0 || slices.Contains(e.Operations, op.OperationID) {
					used = share(op, shared[dir], component, e.Status) || used
				}
			}
		}
		if used {
			put(&doc.Components.Examples, component, e.Summary, "", e.Response)
		}
	}
}

// share refers to an example of the components from an operation, if its answer
// with that status has that schema.
func share(op *openapi3.Operation, schema, component string, status int) bool {
	answer := op.Responses.Status(status)
	if answer == nil {
		return false
	}
	fits := false
	for _, m := range answer.Value.Content {
		if m.Schema == nil || m.Schema.Ref != schema {
			continue
		}
		if m.Examples == nil {
			m.Examples = openapi3.Examples{}
		}
		_, name, _ := strings.Cut(component, ".")
		m.Examples[name] = &openapi3.ExampleRef{Ref: "#/components/examples/" + component}
		fits = true
	}
	return fits
}
