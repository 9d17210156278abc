package main

import (
	"fmt"

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
	body, answer := item.Post.RequestBody.Value, item.Post.Responses.Value("200").Value
	body.Content = openapi3.Content{linesTypeOfPage: {
		Schema: text("On each line a ChatRequest or a BatchLine."),
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
