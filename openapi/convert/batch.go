package main

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	batchPath = "/v1/estimate/batch"
	linesType = "application/x-ndjson"

	// linesTypeOfPage is the same: media types know no case. Only the page, which
	// would take an example of a type with "json" in its name for a JSON value and
	// send it as a JSON string, does not see it in this.
	linesTypeOfPage = "application/x-NDJSON"

	// batchAnswer is the model by which the annotations name the models of the
	// lines. No answer is one.
	batchAnswer = "BatchAnswer"
)

//go:embed batches/*.ndjson
var batchFiles embed.FS

// batchSummaries says what each file of batches shows.
var batchSummaries = map[string]string{
	"requests":        "Chat requests, one a line",
	"batch_file":      "A batch file, at the batch price",
	"with_a_bad_line": "Bad lines are problems, and the rest goes on",
}

// refineBatch describes bodies of one value a line. OpenAPI 3.0 knows a schema
// for the whole of a body only, so that is a text, and its description names
// the models of the lines.
func refineBatch(doc *openapi3.T) error {
	item := doc.Paths.Value(batchPath)
	if item == nil || item.Post == nil {
		return fmt.Errorf("no operation POST %s", batchPath)
	}
	if doc.Components.Schemas[batchAnswer] == nil {
		return fmt.Errorf("no model %s", batchAnswer)
	}
	delete(doc.Components.Schemas, batchAnswer)
	examples, err := batchExamples()
	if err != nil {
		return err
	}
	body, answer := item.Post.RequestBody.Value, item.Post.Responses.Value("200").Value
	body.Content = openapi3.Content{linesTypeOfPage: {
		Schema: text("On each line a ChatRequest or a BatchLine."), Examples: examples,
	}}
	answer.Content = openapi3.Content{linesType: {
		Schema: text("On each line a BatchEstimate or a BatchProblem, on the last a BatchSummary."),
	}}
	return nil
}

func text(description string) *openapi3.SchemaRef {
	s := openapi3.NewStringSchema()
	s.Description = description
	return s.NewRef()
}

// batchExamples returns the named bodies.
func batchExamples() (openapi3.Examples, error) {
	out := openapi3.Examples{}
	files, err := batchFiles.ReadDir("batches")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		raw, err := batchFiles.ReadFile(path.Join("batches", f.Name()))
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(f.Name(), ".ndjson")
		summary, ok := batchSummaries[name]
		if !ok {
			return nil, fmt.Errorf("%s: no summary", f.Name())
		}
		out[name] = &openapi3.ExampleRef{Value: &openapi3.Example{Summary: summary, Value: string(raw)}}
	}
	return out, nil
}
