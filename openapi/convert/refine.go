package main

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	bearerKey = "BearerKey"

	jsonType    = "application/json"
	problemType = "application/problem+json"
	problemRef  = "#/components/schemas/Problem"
)

func bearerScheme() *openapi3.SecurityScheme {
	return &openapi3.SecurityScheme{
		Type:        "http",
		Scheme:      "bearer",
		Description: "A key of this service. Needed only where the service has keys; a vendor key does not open it.",
	}
}

// headers is what every answer, or every answer of a kind, carries.
func headers() openapi3.Headers {
	header := func(description string, schema *openapi3.Schema) *openapi3.HeaderRef {
		return &openapi3.HeaderRef{Value: &openapi3.Header{Parameter: openapi3.Parameter{
			Description: description, Schema: schema.NewRef(),
		}}}
	}
	return openapi3.Headers{
		"RequestId": header("Id of this request: the caller's X-Request-Id if it is sane, else a new one.",
			openapi3.NewStringSchema()),
		"RetryAfter": header("Seconds to wait before the next try.", openapi3.NewInt64Schema().WithMin(0)),
		"ETag":       header("Hash of the price table.", openapi3.NewStringSchema()),
	}
}

// widen replaces the types that the annotations could only hint at.
func widen(schemas openapi3.Schemas) error {
	text := openapi3.NewStringSchema
	object := func() *openapi3.Schema { return openapi3.NewObjectSchema().WithAnyAdditionalProperties() }
	wide := map[string]func() *openapi3.Schema{
		"x-quantity": func() *openapi3.Schema {
			return openapi3.NewOneOfSchema(text().WithFormat("decimal"), openapi3.NewInt64Schema()).WithNullable()
		},
		"x-string-or-object": func() *openapi3.Schema { return openapi3.NewOneOfSchema(text(), object()) },
		"x-string-or-list": func() *openapi3.Schema {
			return openapi3.NewOneOfSchema(text(), openapi3.NewArraySchema().WithItems(text())).WithNullable()
		},
		"x-chat-content": func() *openapi3.Schema {
			return openapi3.NewOneOfSchema(text(), openapi3.NewArraySchema().WithItems(object())).WithNullable()
		},
	}
	for name, ref := range schemas {
		for member, prop := range ref.Value.Properties {
			for hint := range prop.Value.Extensions {
				if hint == "x-omitempty" {
					continue
				}
				replace, ok := wide[hint]
				if !ok {
					return fmt.Errorf("%s.%s: unknown hint %s", name, member, hint)
				}
				s := replace()
				s.Description, s.Example = prop.Value.Description, prop.Value.Example
				ref.Value.Properties[member] = s.NewRef()
			}
		}
	}
	return nil
}

// refine gives an operation its media types, headers and examples.
func refine(path string, op *openapi3.Operation) error {
	for status, r := range op.Responses.Map() {
		refineResponse(status, r.Value)
	}
	if op.Security != nil {
		// A service without keys lets everybody in.
		op.Security = &openapi3.SecurityRequirements{{bearerKey: {}}, {}}
	}
	if id := op.Parameters.GetByInAndName("path", "id"); id != nil {
		id.Example = "kimi-k2.5" // so that the page can execute it as it is
	}
	if op.RequestBody == nil {
		return nil
	}
	body := op.RequestBody.Value
	delete(body.Extensions, "x-originalParamName")
	examples, err := bodyExamples()
	if err != nil {
		return err
	}
	for _, m := range body.Content {
		m.Examples = examples
	}
	if path == "/v1/estimate" || path == "/v1/estimate/compare" || path == batchPath {
		return addParameterExamples(op)
	}
	return nil
}

// refineResponse keeps of the media types the one that this answer has: all of
// an operation's are on all of its answers in Swagger 2.0.
func refineResponse(status string, r *openapi3.Response) {
	r.Headers = openapi3.Headers{"X-Request-Id": {Ref: "#/components/headers/RequestId"}}
	if status == "503" || status == "429" {
		r.Headers["Retry-After"] = &openapi3.HeaderRef{Ref: "#/components/headers/RetryAfter"}
	}
	if status == "304" {
		r.Headers["ETag"] = &openapi3.HeaderRef{Ref: "#/components/headers/ETag"}
	}
	for name, m := range r.Content {
		isProblem := m.Schema != nil && m.Schema.Ref == problemRef
		if strings.HasPrefix(name, problemType) != isProblem {
			delete(r.Content, name)
			if isProblem {
				r.Content[problemType] = m
			}
		}
	}
}

// addParameterExamples shows what a budget does.
func addParameterExamples(op *openapi3.Operation) error {
	p := op.Parameters.GetByInAndName("query", "max_cost")
	if p == nil {
		return fmt.Errorf("no parameter max_cost")
	}
	example := func(summary, value string) *openapi3.ExampleRef {
		return &openapi3.ExampleRef{Value: &openapi3.Example{Summary: summary, Value: value}}
	}
	p.Examples = openapi3.Examples{
		"allowed": example("a budget that the first request keeps to", "5"),
		"denied":  example("a budget that not even its prompt keeps to", "0.000001"),
	}
	return nil
}
