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

// refine gives an operation its media types and headers.
func refine(op *openapi3.Operation) {
	for status, r := range op.Responses.Map() {
		refineResponse(status, r.Value)
	}
	if op.Security != nil {
		// A service without keys lets everybody in.
		op.Security = &openapi3.SecurityRequirements{{bearerKey: {}}, {}}
	}
	if op.RequestBody != nil {
		delete(op.RequestBody.Value.Extensions, "x-originalParamName")
	}
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
